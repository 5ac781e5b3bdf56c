import type { Dataset } from "../../data/dataset.js";
import { InvalidArgumentError } from "../../errors.js";
import { isOptions, kindOf } from "../../system/known-options.js";
import type { SharedImages } from "../run-library.js";

/** So many of a dataset's images, the first ones, are handed over to be looked at. */
export const MOST_IMAGES = 5000;
/** And no more than so many bytes of them: they are copied twice. */
const MOST_BYTES = 2 ** 26;

/**
 * Copies of a dataset's first images, for another thread.
 *
 * @throws InvalidArgumentError when it has no images, or none that are of classes.
 */
export function sharedImages(dataset: Dataset): SharedImages {
  checkDataset(dataset);
  const { features, targets, rows } = dataset;
  if (features.kind !== "bytes" || targets.kind !== "classes") {
    throw new InvalidArgumentError(
      `Expected a dataset of images in classes for images, to look at on the live page, but received one of ${
        features.kind === "bytes" ? "images with values" : "numbers"
      }; leave images out.`,
    );
  }
  const { imageShape, width, data } = features;
  const count = Math.min(rows.length, MOST_IMAGES, Math.max(1, Math.floor(MOST_BYTES / width)));
  const pixels = new Uint8Array(count * width);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const row = rows[i] as number;
    pixels.set(data.subarray(row * width, (row + 1) * width), i * width);
    labels[i] = targets.labels[row] as number;
  }
  return { pixels, labels, classes: targets.classes, classNames: targets.classNames ?? null, imageShape };
}

function checkDataset(dataset: unknown): void {
  if (isOptions(dataset) && "features" in dataset && "targets" in dataset && "rows" in dataset) return;
  throw new InvalidArgumentError(
    `Expected a dataset in memory for images, to look at on the live page, but received ${kindOf(dataset)}.`,
  );
}
