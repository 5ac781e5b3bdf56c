import { InvalidArgumentError } from "../errors.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { type Dataset, type ImageDataset, subset } from "./dataset.js";
import {
  type StratifiedSplit,
  shuffledSplit,
  stratifiedSplit,
  type TrainValidTestSplit,
  trainValidTestSplit,
} from "./split.js";
import { type Labels, labelsOfRows, type Targets } from "./targets.js";

/** Three datasets that share their features and targets and differ in their rows. */
export interface DatasetParts<D extends Dataset = Dataset> {
  readonly train: D;
  readonly validation: D;
  readonly test: D;
}

/** The images of a training set followed by those of its test set, in one dataset. */
export interface PooledDataset {
  readonly dataset: ImageDataset;
  /** How many of the first images are the training set. */
  readonly trainCount: number;
}

/**
 * `chapter`: all rows are split at random. `official`: the data set's own test rows are the test set, and only the
 * validation rows are drawn, from its own training rows.
 */
export type DatasetSplit = (typeof DATASET_SPLITS)[number];

export const DATASET_SPLITS = ["chapter", "official"] as const;

export interface SplitDatasetOptions {
  /** Default: `chapter`. */
  readonly split?: DatasetSplit | undefined;
  /** Seed of the random numbers that choose the rows, an integer from 0 to 2^32 - 1. Default: 123, the chapter's. */
  readonly seed?: number | undefined;
  /** How many of the first rows are the data set's own training set: needed for the official split. */
  readonly trainCount?: number | undefined;
}

export const SPLIT_DATASET_OPTIONS: KnownOptions<SplitDatasetOptions> = {
  split: true,
  seed: true,
  trainCount: true,
};

/**
 * Splits a dataset in the chapter's proportions: one with classes by class in equal shares (stratified), one with values at random.
 *
 * The chapter takes 10,000 test rows off the 70,000 of MNIST, then 5,000 validation rows off the other 60,000. Of n rows,
 * round(n / 7) are for the test, and of the rest (or of the official training rows) one in twelve, rounded, is for validation.
 *
 * @throws InvalidArgumentError when an option is out of range, when there are too few rows to split, or when the official
 *   split is asked for and the data set has no test set of its own.
 */
export function splitDataset<D extends Dataset>(
  dataset: D,
  options: SplitDatasetOptions = {},
): DatasetParts<D> {
  const { train, valid, test } = splitRows(dataset.targets, dataset.rows, options);
  return { train: subset(dataset, train), validation: subset(dataset, valid), test: subset(dataset, test) };
}

/**
 * Splits the rows of examples with these targets as {@link splitDataset} does.
 *
 * @param rows Row numbers into `targets`, [n_examples].
 * @returns Row numbers of `rows`.
 */
export function splitRows(
  targets: Targets,
  rows: Int32Array,
  options: SplitDatasetOptions = {},
): TrainValidTestSplit {
  requireKnownOptions("splitDataset", options, SPLIT_DATASET_OPTIONS, "{ seed: 123 }");
  const { split = "chapter", seed = 123, trainCount } = options;
  const splitter = targets.kind === "classes" ? byClass(targets.labels, rows) : atRandom(rows.length);
  const positions =
    split === "chapter"
      ? chapterSplit(splitter, seed)
      : officialSplit(splitter, checkOfficial(split, trainCount), seed);
  const rowsOf = (which: Int32Array) => which.map((position) => rows[position] as number); // Each position is below rows.length.
  return { train: rowsOf(positions.train), valid: rowsOf(positions.valid), test: rowsOf(positions.test) };
}

/** How the positions 0 to `count` - 1 are split. */
interface Splitter {
  readonly count: number;
  /** What the smallest part must have a row of each of; they are counted in the first `count` positions. */
  needs(count: number): { readonly rows: number; readonly reason: string };
  /** Off the first `count` positions. */
  two(count: number, testSize: number, seed: number): StratifiedSplit;
  three(sizes: { readonly testSize: number; readonly validSize: number }, seed: number): TrainValidTestSplit;
}

function byClass(allLabels: Labels, rows: Int32Array): Splitter {
  const labels = labelsOfRows(allLabels, rows);
  return {
    count: labels.length,
    needs(count) {
      const classes = new Set(labels.subarray(0, count)).size;
      return { rows: classes, reason: `it needs a row for each of ${classes} classes` };
    },
    two: (count, testSize, seed) => stratifiedSplit(labels.subarray(0, count), { testSize, seed }),
    three: (sizes, seed) => trainValidTestSplit(labels, { ...sizes, seed }),
  };
}

function atRandom(count: number): Splitter {
  return {
    count,
    needs: () => ({ rows: 1, reason: "it needs a row" }),
    two: (count, testSize, seed) => shuffledSplit(count, { testSize, seed }),
    three({ testSize, validSize }, seed) {
      const { train: rest, test } = shuffledSplit(count, { testSize, seed });
      const inner = shuffledSplit(rest.length, { testSize: validSize, seed });
      const rowsOfRest = (positions: Int32Array) => positions.map((position) => rest[position] as number);
      return { train: rowsOfRest(inner.train), valid: rowsOfRest(inner.test), test };
    },
  };
}

/** The chapter's sizes, 10,000 and 5,000 of 70,000, in proportion. */
function chapterSplit(splitter: Splitter, seed: number): TrainValidTestSplit {
  const size = testSize(splitter.count);
  const validSize = validationSize(splitter, splitter.count, splitter.count - size);
  return splitter.three({ testSize: size, validSize }, seed);
}

function officialSplit(splitter: Splitter, trainCount: number, seed: number): TrainValidTestSplit {
  const validSize = validationSize(splitter, trainCount, trainCount);
  const { train, test: valid } = splitter.two(trainCount, validSize, seed);
  const test = new Int32Array(splitter.count - trainCount).map((_, i) => trainCount + i);
  return { train, valid, test };
}

/**
 * Draws the validation rows, here called test, off a data set's own training rows: one in twelve, by class in equal shares.
 *
 * @throws InvalidArgumentError when there are too few rows to split, or for a seed out of range.
 */
export function splitTraining(labels: Labels, seed: number): StratifiedSplit {
  const splitter = byClass(labels, Int32Array.from(labels.keys()));
  return splitter.two(labels.length, validationSize(splitter, labels.length, labels.length), seed);
}

function checkOfficial(split: string, trainCount: number | undefined): number {
  if (split !== "official") {
    throw new InvalidArgumentError(`Expected chapter or official for split but received ${split}.`);
  }
  if (trainCount === undefined) {
    throw new InvalidArgumentError(
      "These data have no test set of their own, which the official split needs; use the split chapter.",
    );
  }
  return trainCount;
}

/** How many of `count` rows are for the test: one in seven, rounded. */
export function testSize(count: number): number {
  return Math.round(count / 7);
}

/** One row in twelve; as the smallest part of a split, it is also where too few rows show first. */
function validationSize(splitter: Splitter, count: number, available: number): number {
  const size = Math.round(available / 12);
  const { rows, reason } = splitter.needs(count);
  if (size < rows) {
    throw new InvalidArgumentError(
      `${count} rows are too few to split: one twelfth of ${available} is for validation, and ${reason}.`,
    );
  }
  return size;
}
