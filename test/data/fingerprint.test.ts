import fc from "fast-check";
import { expect, it } from "vitest";
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
