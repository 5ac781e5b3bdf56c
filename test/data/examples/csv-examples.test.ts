import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { csvExamples } from "../../../src/data/examples/csv-examples.js";
import type { ExampleFormat } from "../../../src/data/examples/example.js";
import { loadCsv } from "../../../src/data/readers/csv.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const format: ExampleFormat = {
  inputs: 4,
  isPixels: true,
  columns: undefined,
  classes: 256,
  classNames: null,
};

/** Pixels and labels, or the message of what is thrown. */
async function examplesOf(file: string): Promise<unknown> {
  const found: [number[], number | null][] = [];
  try {
    for await (const { examples } of csvExamples(file, format)) {
      for (const { example, truth } of examples) found.push([[...example], truth]);
    }
    return found;
  } catch (error) {
    return (error as Error).message.replace(/ as the label .*/, "");
  }
}

async function loadedFrom(file: string): Promise<unknown> {
  try {
    const { features, targets } = await loadCsv({ file, onNotice: () => {} });
    return [...targets.labels].map((label, row) => [
      [...features.data.subarray(4 * row, 4 * row + 4)],
      label,
    ]);
  } catch (error) {
    return (error as Error).message.replace(/ as the label .*/, "");
  }
}

it("labelled images are read as loadCsv reads them, or refused with the same words", async () => {
  const cell = fc.oneof(
    { weight: 30, arbitrary: fc.integer({ min: 0, max: 255 }).map(String) },
    { weight: 1, arbitrary: fc.constantFrom("", " 7 ", "256", "-1", "1.0", "+5", '"9"', "0012", "x", "1e2") },
  );
  const line = fc.tuple(fc.integer({ min: 0, max: 9 }).map(String), cell, cell, cell, cell);
  const table = fc.record({
    lines: fc.array(line, { minLength: 1, maxLength: 6 }),
    delimiter: fc.constantFrom(",", ";", "\t"),
    end: fc.constantFrom("\n", "\r\n"),
    header: fc.constantFrom("", "label,a,b,c,d"),
  });
  const file = join(folder, "it.csv");
  await fc.assert(
    fc.asyncProperty(table, async ({ lines, delimiter, end, header }) => {
      const all = [...(header === "" ? [] : [header.split(",")]), ...lines];
      writeFileSync(file, all.map((fields) => fields.join(delimiter)).join(end));
      const [first = []] = lines;
      // Without a header a text in the first line may make it one, or make a column that of labels; both are tested by themselves.
      fc.pre(header !== "" || first.every((field) => /^ *\d+ *$/.test(field)));
      expect(await examplesOf(file)).toEqual(await loadedFrom(file));
    }),
    { numRuns: 150 },
  );
});
