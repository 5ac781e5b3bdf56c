import { expect, it } from "vitest";
import { createDataset, type Dataset } from "../../../src/data/dataset.js";
import { MOST_IMAGES, sharedImages } from "../../../src/live/watching/shared-images.js";

/** Images that all stand in the same place, as their number does not matter. */
function dataset(side: number, count: number): Dataset {
  const one = createDataset({
    images: new Uint8Array(2 * side * side).fill(7),
    labels: Int32Array.of(0, 1),
    classes: 2,
    imageShape: [side, side],
  });
  return { ...one, rows: Int32Array.from({ length: count }, (_, i) => i % 2) };
}

it("hands over the first images, and of large ones no more than memory should hold twice", () => {
  expect(sharedImages(dataset(4, 3)).labels).toEqual(Int32Array.of(0, 1, 0));
  expect(sharedImages(dataset(4, 6000)).labels).toHaveLength(MOST_IMAGES);
  const { pixels, labels } = sharedImages(dataset(1024, 6000));
  expect(labels).toHaveLength(64);
  expect(pixels).toHaveLength(2 ** 26);
});
