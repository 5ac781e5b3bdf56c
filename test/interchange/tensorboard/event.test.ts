import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BoardEvent,
  encodeEvent,
  type SummaryValue,
} from "../../../src/interchange/tensorboard/event.js";
import {
  HYPERPARAMETER_TAGS,
  type HyperparameterData,
} from "../../../src/interchange/tensorboard/hyperparameters.js";
import { readRecords } from "../../support/records.js";
import { canDecode, type DecodedValue, decodeEvent, decodeHyperparameters } from "./board-reader.js";

const golden = (name: string) => readFileSync(new URL(`../../golden/tensorboard/${name}`, import.meta.url));
const records = readRecords(golden("events.out.tfevents.recorded"));
const recorded = JSON.parse(golden("recorded.json").toString(), (name, value) =>
  name === "png" ? Buffer.from(value, "hex") : value,
);

describe("events", () => {
  it("are written to the byte as tensorboardX writes them", () => {
    const events: readonly BoardEvent[] = recorded.events;
    expect(events.map((event) => Buffer.from(encodeEvent(event)).toString("hex"))).toEqual(
      records.slice(0, events.length).map((record) => record.toString("hex")),
    );
    expect(new Set(events.map(({ what }) => what.kind))).toEqual(new Set(["version", "start", "summary"]));
  });
});

const hyperparameterValue = (data: HyperparameterData): SummaryValue => ({
  tag: HYPERPARAMETER_TAGS[data.kind],
  value: { kind: "hyperparameters", data },
});
const firstValue = (record: Uint8Array) => decodeEvent(record).summary?.value[0] as DecodedValue;
const encoded = (data: HyperparameterData) =>
  firstValue(encodeEvent({ wallTime: 1, what: { kind: "summary", values: [hyperparameterValue(data)] } }));

describe.skipIf(!canDecode)("events, decoded by protobuf.js", () => {
  it("say of hyperparameters what tensorboardX's say, and when they were", () => {
    const [start, end] = records.slice(-2).map(firstValue);
    const seconds = 1.75e9;
    const ourStart = encoded({ kind: "start", hyperparameters: recorded.hyperparameters, seconds });
    const ourEnd = encoded({ kind: "end", seconds });
    expect([ourStart.tag, ourEnd.tag]).toEqual([start?.tag, end?.tag]);
    const { sessionStartInfo } = decodeHyperparameters(start as DecodedValue);
    expect(Object.keys(sessionStartInfo?.hparams ?? {}).sort()).toEqual(
      Object.keys(recorded.hyperparameters).sort(),
    );
    expect(decodeHyperparameters(ourStart)).toEqual({
      sessionStartInfo: { ...sessionStartInfo, startTimeSecs: seconds },
    });
    const { sessionEndInfo } = decodeHyperparameters(end as DecodedValue);
    expect(decodeHyperparameters(ourEnd)).toEqual({
      sessionEndInfo: { ...sessionEndInfo, endTimeSecs: seconds },
    });
    // TensorBoard's own null tensor: float32 numbers, of which there are none.
    expect(ourStart.tensor).toEqual({ dtype: 1, tensorShape: { dim: [{}] } });
  });

  it("say what was to be said, whatever it is", () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value || 0); // No -0.
    const histogram = fc.record({
      min: number,
      max: number,
      count: number,
      sum: number,
      sumOfSquares: number,
      limits: fc.array(number, { minLength: 1, maxLength: 5 }),
      counts: fc.array(number, { minLength: 1, maxLength: 5 }),
    });
    const png = fc.uint8Array({ minLength: 1, maxLength: 300 });
    const side = fc.integer({ min: 1, max: 2 ** 31 - 1 });
    const value: fc.Arbitrary<SummaryValue["value"]> = fc.oneof(
      fc.record({ kind: fc.constant("scalar" as const), scalar: fc.float() }),
      fc.record({ kind: fc.constant("histogram" as const), histogram }),
      fc.record({
        kind: fc.constant("image" as const),
        image: fc.record({ height: side, width: side, png }),
      }),
    );
    const values = fc.array(fc.record({ tag: fc.string({ unit: "binary", minLength: 1 }), value }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(number, fc.maxSafeNat(), values, (wallTime, step, said) => {
        const event = decodeEvent(encodeEvent({ wallTime, step, what: { kind: "summary", values: said } }));
        expect([event.wallTime ?? 0, event.step ?? 0]).toEqual([wallTime, step]);
        expect(event.summary?.value.map(asSaid)).toEqual(said);
      }),
      { numRuns: 50 },
    );
  });

  it("say every hyperparameter", () => {
    const one = fc.oneof(fc.string({ unit: "binary" }), fc.boolean(), fc.double({ noNaN: true }));
    const name = fc.string({ minLength: 1 }).filter((key) => key !== "__proto__");
    fc.assert(
      fc.property(fc.dictionary(name, one, { minKeys: 1, maxKeys: 4 }), (hyperparameters) => {
        const { hparams = {} } =
          decodeHyperparameters(encoded({ kind: "start", hyperparameters, seconds: 1 })).sessionStartInfo ??
          {};
        const found = Object.entries(hparams).map(([key, message]) => [key, Object.values(message)]);
        expect(Object.fromEntries(found)).toEqual(
          Object.fromEntries(Object.entries(hyperparameters).map(([key, said]) => [key, [said]])),
        );
      }),
    );
  });
});

/** A decoded value as {@link encodeEvent} takes it. */
function asSaid({ tag, simpleValue, image, histo }: DecodedValue): SummaryValue {
  if (simpleValue !== undefined) return { tag, value: { kind: "scalar", scalar: simpleValue } };
  if (image !== undefined) {
    const { height, width, encodedImageString, colorspace } = image;
    expect(colorspace).toBe(1);
    return {
      tag,
      value: { kind: "image", image: { height, width, png: Uint8Array.from(encodedImageString) } },
    };
  }
  const { min = 0, max = 0, num = 0, sum = 0, sumSquares = 0, bucketLimit = [], bucket = [] } = histo ?? {};
  return {
    tag,
    value: {
      kind: "histogram",
      histogram: {
        min,
        max,
        count: num,
        sum,
        sumOfSquares: sumSquares,
        limits: [...bucketLimit],
        counts: [...bucket],
      },
    },
  };
}
