import { types } from "node:util";
import { InvalidArgumentError, ShapeError } from "../errors.js";
import { expectThat } from "../system/expected.js";
import { isOptions, type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { type FeatureFormat, type Features, imageFormat } from "./features.js";
import { checkLabels, classFormat, type Targets } from "./targets.js";

/** Examples to predict: all that there are, and the rows that belong to this set. */
export interface Inputs {
  /** Shared by all subsets. */
  readonly features: Features;
  /** The rows of `features`, and of the targets, that belong to this set, [n_examples], in order. */
  readonly rows: Int32Array;
}

/** Examples to learn from. The parts of a split share one array of pixels and one of labels, and differ only in `rows`. */
export interface Dataset extends Inputs {
  /** Shared by all subsets. */
  readonly targets: Targets;
}

/** Labelled images, for {@link createDataset}. */
export interface DatasetOptions {
  /** Pixels, [n_images, height * width], 0 to 255. */
  readonly images: Uint8Array;
  /** The class of each image, [n_images], below `classes`. */
  readonly labels: Uint8Array;
  readonly imageShape: readonly [height: number, width: number];
  readonly classes: number;
  /** A name for each class, where the classes have names. */
  readonly classNames?: readonly string[] | undefined;
}

const OPTIONS: KnownOptions<DatasetOptions> = {
  images: true,
  labels: true,
  imageShape: true,
  classes: true,
  classNames: true,
};

/**
 * A dataset of all the images given; nothing is copied.
 *
 * @throws ShapeError when the sizes of images, labels and class names do not fit together.
 * @throws LabelRangeError when a label is not below `classes`.
 */
export function createDataset(options: DatasetOptions): Dataset {
  requireKnownOptions(
    "createDataset",
    options,
    OPTIONS,
    "{ images, labels, imageShape: [28, 28], classes: 10 }",
  );
  const { images, labels, imageShape, classes, classNames } = options;
  const [height, width] = imageShape;
  if (images.length !== labels.length * height * width) {
    throw new ShapeError(
      `Expected ${labels.length} images of ${height} x ${width} pixels, one for each label, but received ${images.length} bytes.`,
    );
  }
  requireOwnMemory("labels", labels);
  const targets = { ...classFormat(classes, classNames), labels };
  checkLabels(labels, classes, "the labels");
  return {
    features: { ...imageFormat(imageShape), data: images },
    targets,
    rows: new Int32Array(labels.length).map((_, row) => row), // Quicker than from its keys.
  };
}

/**
 * A view of some rows of a dataset; pixels and labels are shared, not copied.
 *
 * @param rows Row numbers into `dataset.features`, not positions in `dataset.rows`.
 * @throws InvalidArgumentError when a row number is out of range.
 */
export function subset(dataset: Dataset, rows: Int32Array): Dataset {
  requireOwnMemory("row numbers", rows);
  const count = dataset.targets.labels.length;
  const wrong = rows.find((row) => row < 0 || row >= count);
  if (wrong !== undefined) {
    throw new InvalidArgumentError(`Expected row numbers from 0 to ${count - 1} but received ${wrong}.`);
  }
  return { ...dataset, rows };
}

/** Labels and row numbers are checked once and used as an index later: meanwhile another thread must not change them. */
function requireOwnMemory(what: string, array: Uint8Array | Int32Array): void {
  if (types.isSharedArrayBuffer(array.buffer)) {
    throw new InvalidArgumentError(
      `Expected ${what} that no other thread can change, but they are on a SharedArrayBuffer; pass a copy.`,
    );
  }
}

/** Whether a value is a dataset in memory. */
export function isDataset(value: unknown): value is Dataset {
  return isOptions(value) && "features" in value && "targets" in value && "rows" in value;
}

/** @throws InvalidArgumentError, as of anything that is no dataset. */
export function expectDataset(isSo: boolean, name: string, value: unknown): void {
  expectThat(isSo, "a dataset, such as loadMnist gives,", name, value);
}

/** How many pixels an image has: the number of inputs of a network for it. */
export function pixelCount({ features }: { readonly features: FeatureFormat }): number {
  return features.width;
}
