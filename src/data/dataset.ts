import { types } from "node:util";
import type { FloatArray } from "../backend/backend.js";
import { InvalidArgumentError, ShapeError } from "../errors.js";
import { expectThat } from "../system/expected.js";
import { isOptions, type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { type ByteFeatures, type FeatureFormat, type Features, imageFormat } from "./features.js";
import {
  type ClassTargets,
  checkLabels,
  classFormat,
  type Labels,
  labelsOfRows,
  type Targets,
  targetCount,
} from "./targets.js";

/** Examples to predict: all that there are, and the rows that belong to this set. */
export interface Inputs<F extends Features = Features> {
  /** Shared by all subsets. */
  readonly features: F;
  /** The rows of `features`, and of the targets, that belong to this set, [n_examples], in order. */
  readonly rows: Int32Array;
}

/** Examples to learn from. The parts of a split share one array of features and one of targets, and differ only in `rows`. */
export interface Dataset<F extends Features = Features, T extends Targets = Targets> extends Inputs<F> {
  /** Shared by all subsets. */
  readonly targets: T;
  /** How much each row of `features` counts, 0 or more. Shared by all subsets. Default: all the same. */
  readonly weights?: FloatArray;
  /** Of a part of a stream: the row in its file of each image of `features`, [n_images]. */
  readonly fileRows?: Int32Array;
}

/** Images, each of a class. */
export type ImageDataset = Dataset<ByteFeatures, ClassTargets>;

/** Labelled images, for {@link createDataset}. */
export interface DatasetOptions {
  /** Pixels, [n_images, height * width], 0 to 255. */
  readonly images: Uint8Array;
  /** The class of each image, [n_images], below `classes`. */
  readonly labels: Labels;
  readonly imageShape: readonly [height: number, width: number];
  readonly classes: number;
  /** A name for each class, where the classes have names. */
  readonly classNames?: readonly string[] | undefined;
  /** How much each image counts, [n_images], 0 or more, and not all 0. Default: all the same. */
  readonly weights?: ArrayLike<number> | undefined;
}

const OPTIONS: KnownOptions<DatasetOptions> = {
  images: true,
  labels: true,
  imageShape: true,
  classes: true,
  classNames: true,
  weights: true,
};

/**
 * A dataset of all the images given; nothing is copied.
 *
 * @throws ShapeError when the sizes of images, labels and class names do not fit together.
 * @throws LabelRangeError when a label is not below `classes`.
 * @throws InvalidArgumentError when weights are negative, not finite or all 0.
 */
export function createDataset(options: DatasetOptions): ImageDataset {
  requireKnownOptions(
    "createDataset",
    options,
    OPTIONS,
    "{ images, labels, imageShape: [28, 28], classes: 10 }",
  );
  const { images, labels, imageShape, classes, classNames, weights } = options;
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
    ...(weights !== undefined && { weights: checkWeights(weights, labels.length) }),
  };
}

/**
 * A view of some rows of a dataset; features, targets and weights are shared, not copied.
 *
 * @param rows Row numbers into `dataset.features`, not positions in `dataset.rows`.
 * @throws InvalidArgumentError when a row number is out of range.
 */
export function subset<D extends Dataset>(dataset: D, rows: Int32Array): D {
  requireOwnMemory("row numbers", rows);
  const count = targetCount(dataset.targets);
  const wrong = rows.find((row) => row < 0 || row >= count);
  if (wrong !== undefined) {
    throw new InvalidArgumentError(`Expected row numbers from 0 to ${count - 1} but received ${wrong}.`);
  }
  return { ...dataset, rows };
}

/**
 * The examples at these places of a dataset, as `kFold` and its like number them: `subset` takes the numbers of rows in `features`, which
 * are others where the dataset is itself a part of a split.
 *
 * @param positions From 0 to one below the number of examples of `dataset`.
 * @throws InvalidArgumentError when one is out of range.
 */
export function examplesAt<D extends Dataset>(dataset: D, positions: Int32Array): D {
  const { rows } = dataset;
  const wrong = positions.find((position) => position < 0 || position >= rows.length);
  if (wrong !== undefined) {
    throw new InvalidArgumentError(
      `Expected places from 0 to ${rows.length - 1}, of the examples of the dataset, but received ${wrong}.`,
    );
  }
  return subset(
    dataset,
    positions.map((position) => rows[position] as number), // Each was looked at.
  );
}

/**
 * Weights as a dataset has them; an array of floats is used as it is.
 *
 * @throws ShapeError when there is not one for each of `count` examples.
 * @throws InvalidArgumentError when one is negative or not finite, or all are 0.
 */
export function checkWeights(given: ArrayLike<number>, count: number): FloatArray {
  const isTyped = given instanceof Float32Array || given instanceof Float64Array;
  const weights = isTyped ? given : Float64Array.from(given);
  if (weights.length !== count) {
    throw new ShapeError(`Expected a weight for each of ${count} examples but received ${weights.length}.`);
  }
  const wrong = weights.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
  if (wrong !== -1) {
    throw new InvalidArgumentError(
      `Expected finite weights of 0 or more, but that of row ${wrong} is ${weights[wrong]}.`,
    );
  }
  if (count > 0 && weights.every((weight) => weight === 0)) {
    throw new InvalidArgumentError("Expected weights that are not all 0, because then no example counts.");
  }
  return weights;
}

/** Labels and row numbers are checked once and used as an index later: meanwhile another thread must not change them. */
export function requireOwnMemory(what: string, array: Uint8Array | Int32Array): void {
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

/**
 * The dataset, where it is one of images that belong to classes.
 *
 * @param what What needs them, as a sentence begins: `This figure`.
 * @throws InvalidArgumentError when it is another.
 */
export function requireImages(what: string, dataset: Dataset): ImageDataset {
  requireClasses(what, dataset);
  if (!hasImages(dataset)) {
    throw new InvalidArgumentError(`${what} needs images, and these data are rows of numbers.`);
  }
  return dataset as ImageDataset; // Both kinds were looked at.
}

/** As {@link requireImages}, for what needs classes alone. */
export function requireClasses(what: string, dataset: Dataset): Dataset<Features, ClassTargets> {
  if (dataset.targets.kind !== "classes") {
    throw new InvalidArgumentError(
      `${what} needs examples of classes, and these data have values to be learned.`,
    );
  }
  return dataset as Dataset<Features, ClassTargets>;
}

export function hasImages(dataset: { readonly features: FeatureFormat }): boolean {
  return dataset.features.kind === "bytes";
}

/** How many numbers an example has, of an image its pixels: the number of inputs of a network for it. */
export function pixelCount({ features }: { readonly features: FeatureFormat }): number {
  return features.width;
}

/**
 * The class of each example of a dataset, in its order.
 *
 * @param what What needs them, as {@link requireImages}.
 * @throws InvalidArgumentError when there are none.
 */
export function labelsOf(what: string, dataset: Dataset): Labels {
  return labelsOfRows(requireClasses(what, dataset).targets.labels, dataset.rows);
}
