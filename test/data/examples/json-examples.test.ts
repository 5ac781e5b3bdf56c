import fc from "fast-check";
import { expect, it } from "vitest";
import type { ExampleFormat } from "../../../src/data/examples/example.js";
import { jsonExamples } from "../../../src/data/examples/json-examples.js";

const format: ExampleFormat = {
  inputs: 4,
  isPixels: true,
  columns: undefined,
  classes: 10,
  classNames: null,
};

/** The pixels of a line, or the message of what is thrown. */
async function pixelsOf(line: string): Promise<unknown> {
  const found: number[][] = [];
  const lines = [new TextEncoder().encode(line)];
  const groups = (async function* () {
    yield { first: 1, lines };
  })();
  try {
    for await (const { examples } of jsonExamples(groups, format, "a")) {
      for (const { example } of examples) found.push([...example]);
    }
    return found;
  } catch (error) {
    return (error as Error).message;
  }
}

it("pixels are read, or refused, as JSON says, however an array is written", async () => {
  const item = fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 0, max: 255 }).map(String) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("", "256", "-1", "1.0", "007", "00", "1e2", "[5]", "1 2", "null", "1234"),
    },
  );
  const comma = fc.constantFrom(",", ",", ", ", " ,", ",,");
  const line = fc
    .tuple(
      fc.constantFrom("[", "[", "[ ", "[[", " [", ""),
      fc.array(fc.tuple(item, comma), { minLength: 2, maxLength: 4 }),
      item,
      fc.constantFrom("]", "]", " ]", "]]", "]\r", ",]", "] ", ""),
    )
    .map(([open, items, last, close]) => `${open}${items.flat().join("")}${last}${close}`);
  await fc.assert(
    fc.asyncProperty(line, async (text) => {
      let parsed: unknown;
      try {
        parsed = JSON.parse(text);
      } catch {
        parsed = undefined;
      }
      const isPixel = (pixel: unknown) =>
        Number.isInteger(pixel) && Number(pixel) >= 0 && Number(pixel) <= 255;
      const isGood = Array.isArray(parsed) && parsed.length === 4 && parsed.every(isPixel);
      const found = await pixelsOf(text);
      if (isGood) expect(found).toEqual([parsed]);
      else expect(found).toMatch(/^Expected .*line 1 of a/);
    }),
    { numRuns: 1000 },
  );
  expect(await pixelsOf("[1,2,3,4]")).toEqual([[1, 2, 3, 4]]);
  expect(await pixelsOf("[0, 20, 255, 4]\r")).toEqual([[0, 20, 255, 4]]);
});
