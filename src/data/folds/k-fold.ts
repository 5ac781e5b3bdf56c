import { InvalidArgumentError } from "../../errors.js";
import { RandomState } from "../../random/random-state.js";
import { expectWholeNumber } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { checkSplits, type Fold, foldsByNumber, type ShuffleOptions, shuffleSeed } from "./fold.js";

export interface KFoldOptions extends ShuffleOptions {
  /** How many folds, at least 2. Default: 5, scikit-learn's. */
  readonly nSplits?: number | undefined;
}

export interface RepeatedKFoldOptions {
  /** How many folds each time, at least 2. Default: 5, scikit-learn's. */
  readonly nSplits?: number | undefined;
  /** How many times, at least 1. Default: 10, scikit-learn's. */
  readonly nRepeats?: number | undefined;
  /** Seed of all orders, an integer from 0 to 2^32 - 1. Default: 123. */
  readonly seed?: number | undefined;
}

export const K_FOLD_OPTIONS: KnownOptions<KFoldOptions> = { nSplits: true, shuffle: true, seed: true };

export const REPEATED_OPTIONS: KnownOptions<RepeatedKFoldOptions> = {
  nSplits: true,
  nRepeats: true,
  seed: true,
};

/**
 * Shares the rows 0 to `count` - 1 out among folds whose sizes differ by at most one: each fold tests on its own and trains on the others.
 *
 * The rows are those of scikit-learn's `KFold(nSplits, shuffle=shuffle, random_state=seed).split(np.arange(count))`.
 *
 * @throws InvalidArgumentError when there are more folds than rows, when a seed is given and nothing is shuffled, and for a number or a
 *   seed out of range.
 */
export function kFold(count: number, options: KFoldOptions = {}): Fold[] {
  requireKnownOptions("kFold", options, K_FOLD_OPTIONS, "{ nSplits: 5, shuffle: true, seed: 123 }");
  const { nSplits = 5 } = options;
  const seed = shuffleSeed(options);
  checkCounts(count, nSplits);
  return foldsInOrder(count, nSplits, seed === undefined ? undefined : new RandomState(seed));
}

/**
 * As {@link kFold}, several times, each in another order.
 *
 * The rows are those of scikit-learn's `RepeatedKFold(n_splits=nSplits, n_repeats=nRepeats, random_state=seed).split(np.arange(count))`.
 *
 * @returns nSplits * nRepeats folds, those of a time one after another.
 * @throws InvalidArgumentError as {@link kFold}.
 */
export function repeatedKFold(count: number, options: RepeatedKFoldOptions = {}): Fold[] {
  requireKnownOptions("repeatedKFold", options, REPEATED_OPTIONS, "{ nSplits: 5, nRepeats: 10, seed: 123 }");
  const { nSplits = 5, nRepeats = 10, seed = 123 } = options;
  checkCounts(count, nSplits);
  return repeat(nRepeats, seed, (random) => foldsInOrder(count, nSplits, random));
}

/** What is made several times from one stream of random numbers. */
export function repeat(nRepeats: number, seed: number, make: (random: RandomState) => Fold[]): Fold[] {
  expectWholeNumber("nRepeats", nRepeats);
  const random = new RandomState(seed);
  return Array.from({ length: nRepeats }, () => make(random)).flat();
}

/** The first of n mod k folds have a row more than the others. */
function foldsInOrder(count: number, nSplits: number, random: RandomState | undefined): Fold[] {
  const order = Int32Array.from({ length: count }, (_, row) => row);
  random?.shuffle(order);
  const foldOf = new Int32Array(count);
  let end = 0;
  for (let fold = 0; fold < nSplits; fold++) {
    const size = Math.floor(count / nSplits) + (fold < count % nSplits ? 1 : 0);
    for (const row of order.subarray(end, end + size)) foldOf[row] = fold;
    end += size;
  }
  return foldsByNumber(foldOf, nSplits);
}

function checkCounts(count: number, nSplits: number): void {
  expectWholeNumber("the number of rows", count);
  checkSplits(nSplits);
  checkRows(count, nSplits);
}

/** @throws InvalidArgumentError when a fold would have no row. */
export function checkRows(count: number, nSplits: number): void {
  if (nSplits > count) {
    throw new InvalidArgumentError(
      `Expected at most as many folds as there are rows, ${count}, but received ${nSplits} for nSplits; choose fewer folds.`,
    );
  }
}
