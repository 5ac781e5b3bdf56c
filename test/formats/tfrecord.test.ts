import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeTfRecord } from "../../src/formats/tfrecord.js";
import { readRecords } from "../support/records.js";

const recorded = readFileSync(new URL("../golden/tensorboard/events.out.tfevents.recorded", import.meta.url));

describe("TFRecord", () => {
  it("is written to the byte as tensorboardX writes it", () => {
    const records = readRecords(recorded);
    expect(records).toHaveLength(10);
    expect(Buffer.concat(records.map(encodeTfRecord)).equals(recorded)).toBe(true);
  });

  it("is read again, whatever the data are", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), (records) => {
        const file = Buffer.concat(records.map(encodeTfRecord));
        expect(readRecords(file).map((data) => [...data])).toEqual(records.map((data) => [...data]));
      }),
    );
  });
});
