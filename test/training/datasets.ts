import { createDataset, type ImageDataset } from "../../src/data/dataset.js";
import { RandomState } from "../../src/random/random-state.js";
import { randomIntegers } from "../support/guarded-memory.js";

/** Images of random bytes with random labels: nothing to learn, but arithmetic as on any other images. */
export function randomDataset(count: number, side: number, classes = 10, seed = 1): ImageDataset {
  const next = randomIntegers(seed);
  const images = Uint8Array.from({ length: count * side * side }, next);
  const labels = Uint8Array.from({ length: count }, () => next() % classes);
  return createDataset({ images, labels, imageShape: [side, side], classes });
}

/** Noisy images of 4 x 4 pixels in four classes; a class's quarter of the image is brighter than the rest. */
export function quarters(count: number, seed = 1): ImageDataset {
  const random = new RandomState(seed);
  const labels = Uint8Array.from({ length: count }, () => random.randint(0, 4));
  const images = Uint8Array.from({ length: count * 16 }, (_, i) => {
    const pixel = i % 16;
    const quarter = 2 * Math.floor(pixel / 8) + Math.floor((pixel % 4) / 2);
    return random.randint(0, 100) + (quarter === labels[Math.floor(i / 16)] ? 150 : 0);
  });
  return createDataset({ images, labels, imageShape: [4, 4], classes: 4 });
}
