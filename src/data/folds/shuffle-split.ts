import { RandomState } from "../../random/random-state.js";
import { expectWholeNumber } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { createShuffledDraw, createStratifiedDraw, type DrawSplit } from "../split.js";
import { type SplitSizes, splitSizes } from "../split-sizes.js";
import { expectLabels, type Labels } from "../targets.js";
import type { Fold } from "./fold.js";

export interface ShuffleSplitOptions extends SplitSizes {
  /** How many splits, at least 1. Default: 10, scikit-learn's. */
  readonly nSplits?: number | undefined;
  /** Rows to test on: a count, or below 1 a share, rounded up. Default: what `trainSize` leaves, or a tenth. */
  readonly testSize?: number | undefined;
  /** Rows to train on: a count, or below 1 a share, rounded down. Default: what `testSize` leaves. */
  readonly trainSize?: number | undefined;
  /** Seed of all splits, an integer from 0 to 2^32 - 1. Default: 123. */
  readonly seed?: number | undefined;
}

const OPTIONS: KnownOptions<ShuffleSplitOptions> = {
  nSplits: true,
  testSize: true,
  trainSize: true,
  seed: true,
};

const EXAMPLE = "{ nSplits: 10, testSize: 0.1, seed: 123 }";

/** scikit-learn's. */
const TEST_SHARE = 0.1;

/**
 * Splits the rows 0 to `count` - 1 at random, again and again: other than with folds, a row may be tested several times, or never.
 *
 * The rows and their order are those of scikit-learn's
 * `ShuffleSplit(nSplits, test_size=testSize, train_size=trainSize, random_state=seed).split(np.arange(count))`.
 *
 * @throws InvalidArgumentError when a size is no share or count that leaves both parts a row, and for a number or a seed out of range.
 */
export function shuffleSplit(count: number, options: ShuffleSplitOptions = {}): Fold[] {
  requireKnownOptions("shuffleSplit", options, OPTIONS, EXAMPLE);
  expectWholeNumber("the number of rows", count);
  return draw(createShuffledDraw(count, splitSizes(count, options, TEST_SHARE)), options);
}

/**
 * As {@link shuffleSplit}, with each class in the same share in both parts, as nearly as whole numbers allow.
 *
 * The rows and their order are those of scikit-learn's
 * `StratifiedShuffleSplit(nSplits, test_size=testSize, train_size=trainSize, random_state=seed).split(labels, labels)`.
 *
 * @param labels The class of each row, [n_examples]. Classes need not be consecutive.
 * @throws InvalidArgumentError when a class has a single row, when a part has fewer rows than there are classes, and as {@link shuffleSplit}.
 */
export function stratifiedShuffleSplit(labels: Labels, options: ShuffleSplitOptions = {}): Fold[] {
  requireKnownOptions("stratifiedShuffleSplit", options, OPTIONS, EXAMPLE);
  expectLabels("the class of each row", labels);
  return draw(createStratifiedDraw(labels, splitSizes(labels.length, options, TEST_SHARE)), options);
}

function draw(drawSplit: DrawSplit, { nSplits = 10, seed = 123 }: ShuffleSplitOptions): Fold[] {
  expectWholeNumber("nSplits", nSplits);
  const random = new RandomState(seed);
  return Array.from({ length: nSplits }, () => drawSplit(random));
}
