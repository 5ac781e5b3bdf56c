import { type AugmentOptions, createAugmenter } from "../data/augmentation/augmenter.js";
import type { Dataset } from "../data/dataset.js";
import { type DatasetOrStream, partRows } from "../data/stream.js";
import { InvalidArgumentError } from "../errors.js";
import type { Batch } from "../tensor/batch.js";
import { imageRows, isImageRows } from "../tensor/layer-input.js";
import type { Pace } from "./pace.js";

/** Pixels that are distorted before the event loop may get its turn: a few milliseconds' work. */
const PIXELS_A_TURN = 80_000;

/** Distorts minibatches on their way to the network, in memory for one of them. */
export interface BatchAugmentation {
  /**
   * @param batch Of this part of the training set.
   * @returns The same examples with distorted images, valid until the next call.
   */
  distort(batch: Batch, part: Dataset, epoch: number): Promise<Batch>;
}

/**
 * @param batchSize The most examples in a minibatch.
 * @returns `null` where images stay as they are.
 * @throws InvalidArgumentError when these are no images, or an option is wrong.
 */
export function createBatchAugmentation(
  options: AugmentOptions | undefined,
  dataset: DatasetOrStream,
  batchSize: number,
  pace: Pace,
): BatchAugmentation | null {
  if (options === undefined) return null;
  const { features } = dataset;
  if (features.kind !== "bytes" || (features.imageShape as unknown) === undefined) {
    throw new InvalidArgumentError(
      `Expected a dataset of images, which are bytes with a shape, for augment but received one of ${features.kind}.`,
    );
  }
  const { imageShape, width } = features;
  const augmenter = createAugmenter(options, imageShape);
  if (augmenter.isIdentity) return null;
  const examples = Math.min(batchSize, partRows(dataset));
  const images = new Uint8Array(examples * width);
  const positions = Int32Array.from({ length: examples }, (_, i) => i);
  const turn = Math.max(1, Math.floor(PIXELS_A_TURN / width));
  return {
    async distort(batch, part, epoch) {
      const { x } = batch;
      if (!isImageRows(x)) return batch;
      const time = { epoch, numbers: part.fileRows };
      for (let start = 0; start < x.rows.length; start += turn) {
        const rows = x.rows.subarray(start, start + turn);
        augmenter.augment(x.images, rows, images.subarray(start * width), time);
        if (pace.due()) await pace.rest();
      }
      // Lists of ink would tell of the images as they were.
      return {
        ...batch,
        x: imageRows({ ...x, images, rows: positions.subarray(0, x.rows.length), ink: null }),
      };
    },
  };
}
