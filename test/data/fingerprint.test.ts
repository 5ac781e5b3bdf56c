import fc from "fast-check";
import { expect, it } from "vitest";
import { createTable } from "../../src/data/create-table.js";
import { createDataset, subset } from "../../src/data/dataset.js";
import { fingerprint } from "../../src/data/fingerprint.js";

const COUNT = 200;
const images = Uint8Array.from({ length: COUNT * 6 }, (_, i) => i % 251);
const labels = Uint8Array.from({ length: COUNT }, (_, i) => i % 3);
const options = { images, labels, imageShape: [2, 3], classes: 3 } as const;
const known = fingerprint(createDataset(options));

it("is the same for any rows of the same data", () => {
  expect(known).toMatch(/^[0-9a-f]{64}$/);
  expect(fingerprint(createDataset({ ...options, images: images.slice() }))).toBe(known);
  expect(fingerprint(subset(createDataset(options), Int32Array.of(7, 3)))).toBe(known);
});

it("is another for another label, another number of classes, or another size of images", () => {
  fc.assert(
    fc.property(fc.nat(COUNT - 1), (row) => {
      const changed = labels.with(row, ((labels[row] as number) + 1) % 3);
      expect(fingerprint(createDataset({ ...options, labels: changed }))).not.toBe(known);
    }),
  );
  expect(fingerprint(createDataset({ ...options, classes: 4 }))).not.toBe(known);
  const wider = { images: new Uint8Array(COUNT * 8), imageShape: [2, 4] } as const;
  expect(fingerprint(createDataset({ ...options, ...wider }))).not.toBe(known);
});

it("is another for images that were changed as a whole", () => {
  const inverted = images.map((byte) => 255 - byte);
  expect(fingerprint(createDataset({ ...options, images: inverted }))).not.toBe(known);
});

it("is another for another number, target or weight of a table, wherever it is", () => {
  const features = Float64Array.from({ length: 100 * 3 }, (_, i) => i / 7);
  const values = Float64Array.from({ length: 100 }, (_, i) => i);
  const weights = Float64Array.from({ length: 100 }, (_, i) => 1 + i);
  const table = { features, width: 3, values, weights };
  const ofTable = fingerprint(createTable(table));
  expect(fingerprint(subset(createTable(table), Int32Array.of(7)))).toBe(ofTable);
  fc.assert(
    fc.property(fc.constantFrom("features", "values", "weights"), fc.nat(299), (name, at) => {
      const numbers = table[name];
      const changed = numbers.with(at % numbers.length, 0.5);
      expect(fingerprint(createTable({ ...table, [name]: changed }))).not.toBe(ofTable);
    }),
  );
  const asClasses = createTable({ features, labels: Uint8Array.from(values) });
  const asValues = createTable({ features, width: 3, values });
  expect(new Set([ofTable, fingerprint(asClasses), fingerprint(asValues)]).size).toBe(3);
});

it("of images is as the models of earlier versions have it", () => {
  expect(known).toBe("62c8aee6041b57424ee62809c2ef0439deecd684ad1fa578110881f7336d7bd3");
});
