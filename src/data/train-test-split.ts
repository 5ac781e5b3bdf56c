import { InvalidArgumentError } from "../errors.js";
import { expectBoolean } from "../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { type Dataset, examplesAt, expectDataset, isDataset, labelsOf, subset } from "./dataset.js";
import { shuffledSplit, stratifiedSplit } from "./split.js";
import { type SplitSizes, splitSizes } from "./split-sizes.js";

export interface TrainTestSplitOptions extends SplitSizes {
  /** Rows to test on: a count, or below 1 a share, rounded up. Default: what `trainSize` leaves, or a quarter, scikit-learn's. */
  readonly testSize?: number | undefined;
  /** Rows to train on: a count, or below 1 a share, rounded down. Default: what `testSize` leaves. */
  readonly trainSize?: number | undefined;
  /** Whether each class has the same share in both parts. Default: `false`, scikit-learn's. */
  readonly stratify?: boolean | undefined;
  /** Whether rows are drawn at random; else the first are for training and the next for the test. Default: `true`. */
  readonly shuffle?: boolean | undefined;
  /** Seed of the random numbers, an integer from 0 to 2^32 - 1. Default: 123. */
  readonly seed?: number | undefined;
}

const OPTIONS: KnownOptions<TrainTestSplitOptions> = {
  testSize: true,
  trainSize: true,
  stratify: true,
  shuffle: true,
  seed: true,
};

/** scikit-learn's. */
const TEST_SHARE = 0.25;

/**
 * Holds some examples of a dataset out for a test:
 *
 * ```ts
 * const { train, test } = trainTestSplit(dataset, { testSize: 0.2, stratify: true });
 * ```
 *
 * The examples and their order are those of scikit-learn's `train_test_split` with `random_state=seed`, and the labels for `stratify`.
 *
 * @returns Two datasets that share features and targets with `dataset`.
 * @throws InvalidArgumentError when a size is no share or count that leaves both parts a row, and as `stratifiedSplit`.
 */
export function trainTestSplit<D extends Dataset>(
  dataset: D,
  options: TrainTestSplitOptions = {},
): { readonly train: D; readonly test: D } {
  requireKnownOptions("trainTestSplit", options, OPTIONS, "{ testSize: 0.25, stratify: true }");
  expectDataset(isDataset(dataset), "dataset", dataset);
  const { stratify = false, shuffle = true, seed = 123 } = options;
  expectBoolean("stratify", stratify);
  expectBoolean("shuffle", shuffle);
  const count = dataset.rows.length;
  const sizes = splitSizes(count, options, TEST_SHARE);
  if (!shuffle) {
    if (stratify) {
      throw new InvalidArgumentError(
        "Expected no stratify with shuffle: false, because rows in their order have the classes that they have; leave one out.",
      );
    }
    const { trainSize, testSize } = sizes;
    return {
      train: subset(dataset, dataset.rows.slice(0, trainSize)),
      test: subset(dataset, dataset.rows.slice(trainSize, trainSize + testSize)),
    };
  }
  const { train, test } = stratify
    ? stratifiedSplit(labelsOf("A stratified split", dataset), { ...sizes, seed })
    : shuffledSplit(count, { ...sizes, seed });
  return { train: examplesAt(dataset, train), test: examplesAt(dataset, test) };
}
