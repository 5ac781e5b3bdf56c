import { InvalidArgumentError, LabelRangeError } from "../../errors.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { createDataset, type ImageDataset } from "../dataset.js";
import { classCount, type NoticeOption } from "../targets.js";
import { byteOfFraction, byteOfInteger } from "./pixels.js";

export interface DatasetFromArraysOptions extends NoticeOption {
  /**
   * Pixels, [n_images, height * width], row by row. A `Uint8Array` holds bytes and is used as it is, without a copy. A
   * `Float32Array` holds fractions from 0 to 1, and becomes bytes.
   */
  readonly images: Uint8Array | Float32Array;
  /** The class of each image, [n_images], whole numbers from 0 to 255. */
  readonly labels: ArrayLike<number>;
  readonly imageShape: readonly [height: number, width: number];
  /** How many classes the labels tell apart, 1 to 256. Default: the number of names, or the largest label plus 1. */
  readonly classes?: number;
  readonly classNames?: readonly string[];
}

const OPTIONS: KnownOptions<DatasetFromArraysOptions> = {
  images: true,
  labels: true,
  imageShape: true,
  classes: true,
  classNames: true,
  onNotice: true,
};

/**
 * A dataset of images that a program made.
 *
 * A dataset keeps bytes, so fractions are rounded to the nearest of 256 steps, as they would be in an image file.
 *
 * @throws ShapeError when the sizes of images, labels and class names do not fit together.
 * @throws LabelRangeError when a label is not the number of a class.
 * @throws InvalidArgumentError when a pixel is not a fraction from 0 to 1, or `classes` is out of range.
 */
export function datasetFromArrays(options: DatasetFromArraysOptions): ImageDataset {
  requireKnownOptions("datasetFromArrays", options, OPTIONS, "{ images, labels, imageShape: [28, 28] }");
  const { imageShape, classNames } = options;
  const labels = asLabels(options.labels);
  return createDataset({
    images: options.images instanceof Float32Array ? quantise(options.images) : options.images,
    labels,
    imageShape,
    classes: classCount(labels, options.classes ?? classNames?.length, { ...options, source: "the arrays" }),
    ...(classNames && { classNames }),
  });
}

function quantise(fractions: Float32Array): Uint8Array {
  return Uint8Array.from(fractions, (value, i) => {
    const byte = byteOfFraction(value);
    if (byte === undefined) {
      throw new InvalidArgumentError(
        `Expected pixels from 0 to 1 in a Float32Array, but element ${i} is ${value}; scale them first.`,
      );
    }
    return byte;
  });
}

function asLabels(labels: ArrayLike<number>): Uint8Array {
  if (labels instanceof Uint8Array) {
    return labels;
  }
  return Uint8Array.from(labels, (label, row) => {
    if (byteOfInteger(label) === undefined) {
      throw new LabelRangeError(
        `Expected whole numbers from 0 to 255 as labels, but row ${row} has ${label}.`,
      );
    }
    return label;
  });
}
