import { InvalidArgumentError } from "../../errors.js";
import { show } from "../../system/expected.js";
import { checkFitsInMemory } from "../../system/memory.js";

/** Rows to train on, and rows to test on: numbers from 0 to n - 1, no row in both. */
export interface Fold {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/**
 * Folds of which each tests on its own rows and trains on all others, both ascending, as scikit-learn's folds do.
 *
 * @param foldOf The number of the fold that tests each row, from 0, [n_examples].
 */
export function foldsByNumber(foldOf: ArrayLike<number>, nSplits: number): Fold[] {
  checkFitsInMemory(
    foldOf.length * nSplits * Int32Array.BYTES_PER_ELEMENT,
    `${nSplits} folds of ${foldOf.length} rows`,
  );
  const sizes = new Int32Array(nSplits);
  for (let row = 0; row < foldOf.length; row++) {
    const fold = foldOf[row] as number; // row is below foldOf.length.
    sizes[fold] = (sizes[fold] ?? 0) + 1;
  }
  return Array.from(sizes, (size, k) => {
    const test = new Int32Array(size);
    const train = new Int32Array(foldOf.length - size);
    let [testEnd, trainEnd] = [0, 0];
    for (let row = 0; row < foldOf.length; row++) {
      if (foldOf[row] === k) test[testEnd++] = row;
      else train[trainEnd++] = row;
    }
    return { train, test };
  });
}

/** @throws InvalidArgumentError unless `nSplits` is a whole number of at least 2. */
export function checkSplits(nSplits: unknown): void {
  if (!Number.isInteger(nSplits) || (nSplits as number) < 2) {
    throw new InvalidArgumentError(
      `Expected a whole number of at least 2 for nSplits, so that each fold leaves others to train on, but received ${show(nSplits)}.`,
    );
  }
}

export interface ShuffleOptions {
  /** Whether rows are put in random order before they are shared out. Default: `false`, scikit-learn's. */
  readonly shuffle?: boolean | undefined;
  /** Seed of that order, an integer from 0 to 2^32 - 1; only with `shuffle`. Default: 123. */
  readonly seed?: number | undefined;
}

/**
 * The seed to shuffle by; `undefined` where nothing is shuffled.
 *
 * @throws InvalidArgumentError for a seed that would change nothing, as scikit-learn has it.
 */
export function shuffleSeed({ shuffle = false, seed }: ShuffleOptions): number | undefined {
  if (typeof shuffle !== "boolean") {
    throw new InvalidArgumentError(`Expected true or false for shuffle but received ${show(shuffle)}.`);
  }
  if (!shuffle && seed !== undefined) {
    throw new InvalidArgumentError(
      `Expected no seed without shuffle: true, because nothing is drawn, but received ${show(seed)}; leave it out, or shuffle.`,
    );
  }
  return shuffle ? (seed ?? 123) : undefined;
}

/**
 * The seed of what is drawn for a fold, weights and shuffles: `seed` for the first fold, `seed` + 1 for the second, and so on; after 2^32 - 1
 * comes 0. So scores differ by chance as those of separate trainings do, and not by their examples alone.
 *
 * @param fold Counted from 1, through all repeats.
 */
export function seedOfFold(seed: number, fold: number): number {
  return (seed + fold - 1) % 2 ** 32;
}

/** The seed of the first fold, by that of another: {@link seedOfFold} backwards. */
export function seedOfFirstFold(seed: number, fold: number): number {
  return (seed - fold + 1 + 2 ** 32) % 2 ** 32;
}
