import { InvalidArgumentError } from "../errors.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { type Dataset, subset } from "./dataset.js";
import {
  type StratifiedSplit,
  stratifiedSplit,
  type TrainValidTestSplit,
  trainValidTestSplit,
} from "./split.js";
import { labelsOf } from "./targets.js";

/** Three datasets that share their pixels and labels and differ in their rows. */
export interface DatasetParts {
  readonly train: Dataset;
  readonly validation: Dataset;
  readonly test: Dataset;
}

/** The images of a training set followed by those of its test set, in one dataset. */
export interface PooledDataset {
  readonly dataset: Dataset;
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
  readonly split?: DatasetSplit;
  /** Seed of the random numbers that choose the rows, an integer from 0 to 2^32 - 1. Default: 123, the chapter's. */
  readonly seed?: number;
  /** How many of the first rows are the data set's own training set: needed for the official split. */
  readonly trainCount?: number | undefined;
}

const OPTIONS: KnownOptions<SplitDatasetOptions> = {
  split: true,
  seed: true,
  trainCount: true,
};

/**
 * Splits a dataset by class in equal shares (stratified), in the chapter's proportions.
 *
 * The chapter takes 10,000 test rows off the 70,000 of MNIST, then 5,000 validation rows off the other 60,000. Of n rows,
 * round(n / 7) are for the test, and of the rest (or of the official training rows) one in twelve, rounded, is for validation.
 *
 * @throws InvalidArgumentError when an option is out of range, when there are too few rows to split, or when the official
 *   split is asked for and the data set has no test set of its own.
 */
export function splitDataset(dataset: Dataset, options: SplitDatasetOptions = {}): DatasetParts {
  requireKnownOptions("splitDataset", options, OPTIONS, "{ seed: 123 }");
  const { split = "chapter", seed = 123, trainCount } = options;
  const labels = labelsOf(dataset.rows, dataset.targets.labels);
  const positions =
    split === "chapter"
      ? chapterSplit(labels, seed)
      : officialSplit(labels, checkOfficial(split, trainCount), seed);
  const part = (which: Int32Array) =>
    subset(
      dataset,
      which.map((position) => dataset.rows[position] as number), // Each position is below rows.length.
    );
  return { train: part(positions.train), validation: part(positions.valid), test: part(positions.test) };
}

/** The chapter's sizes, 10,000 and 5,000 of 70,000, in proportion. */
function chapterSplit(labels: Uint8Array, seed: number): TrainValidTestSplit {
  const size = testSize(labels.length);
  const validSize = validationSize(labels, labels.length - size);
  return trainValidTestSplit(labels, { testSize: size, validSize, seed });
}

function officialSplit(labels: Uint8Array, trainCount: number, seed: number): TrainValidTestSplit {
  const trainLabels = labels.subarray(0, trainCount);
  const { train, test: valid } = splitTraining(trainLabels, seed);
  const test = new Int32Array(labels.length - trainCount).map((_, i) => trainCount + i);
  return { train, valid, test };
}

/**
 * Draws the validation rows, here called test, off a data set's own training rows: one in twelve, by class in equal shares.
 *
 * @throws InvalidArgumentError when there are too few rows to split, or for a seed out of range.
 */
export function splitTraining(labels: Uint8Array, seed: number): StratifiedSplit {
  return stratifiedSplit(labels, { testSize: validationSize(labels, labels.length), seed });
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
function validationSize(labels: Uint8Array, available: number): number {
  const size = Math.round(available / 12);
  const classes = new Set(labels).size;
  if (size < classes) {
    throw new InvalidArgumentError(
      `${labels.length} rows are too few to split: one twelfth of ${available} is for validation, and it needs a row for each of ${classes} classes.`,
    );
  }
  return size;
}
