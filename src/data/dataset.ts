import { InvalidArgumentError, LabelRangeError, ShapeError } from "../errors.js";

/**
 * Labelled images, kept as bytes. The parts of a split share one array of pixels and differ only in `rows`.
 */
export interface Dataset {
  /** Pixels, [n_images, height * width], 0 to 255. Shared by all subsets. */
  readonly images: Uint8Array;
  /** The class of each image, [n_images], below `classes`. Shared by all subsets. */
  readonly labels: Uint8Array;
  /** The rows of `images` and `labels` that belong to this set, [n_examples], in order. */
  readonly rows: Int32Array;
  readonly imageShape: readonly [height: number, width: number];
  readonly classes: number;
  /** A name for each class, where the classes have names. */
  readonly classNames?: readonly string[];
}

/**
 * A dataset of all the images given; nothing is copied.
 *
 * @throws ShapeError when the sizes of images, labels and class names do not fit together.
 * @throws LabelRangeError when a label is not below `classes`.
 */
export function createDataset(parts: Omit<Dataset, "rows">): Dataset {
  const { images, labels, imageShape, classes, classNames } = parts;
  const [height, width] = imageShape;
  if (images.length !== labels.length * height * width) {
    throw new ShapeError(
      `Expected ${labels.length} images of ${height} x ${width} pixels, one for each label, but received ${images.length} bytes.`,
    );
  }
  if (classNames !== undefined && classNames.length !== classes) {
    throw new ShapeError(`Expected ${classes} class names but received ${classNames.length}.`);
  }
  checkLabels(labels, classes, "the labels");
  return { ...parts, rows: Int32Array.from(labels.keys()) };
}

/**
 * A view of some rows of a dataset; pixels and labels are shared, not copied.
 *
 * @param rows Row numbers into `dataset.images`, not positions in `dataset.rows`.
 * @throws InvalidArgumentError when a row number is out of range.
 */
export function subset(dataset: Dataset, rows: Int32Array): Dataset {
  const count = dataset.labels.length;
  const wrong = rows.find((row) => row < 0 || row >= count);
  if (wrong !== undefined) {
    throw new InvalidArgumentError(`Expected row numbers from 0 to ${count - 1} but received ${wrong}.`);
  }
  return { ...dataset, rows };
}

/** How many pixels an image has: the number of inputs of a network for it. */
export function pixelCount({ imageShape }: Pick<Dataset, "imageShape">): number {
  const [height, width] = imageShape;
  return height * width;
}

/**
 * Checks that every label is the number of a class.
 *
 * @param source Where the labels come from, for the message: a file's path, for example.
 * @throws LabelRangeError naming the first row whose label is not below `classes`.
 */
export function checkLabels(labels: Uint8Array, classes: number, source: string): void {
  const row = labels.findIndex((label) => label >= classes);
  if (row !== -1) {
    throw new LabelRangeError(
      `Expected labels from 0 to ${classes - 1} in ${source}, but row ${row} has the label ${labels[row]}.`,
    );
  }
}
