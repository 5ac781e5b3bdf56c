import { InvalidArgumentError } from "../errors.js";
import { RandomState } from "../random/random-state.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { type SplitCounts, type SplitSizes, splitSizes } from "./split-sizes.js";
import { BYTE_CLASSES, type Labels, labelsOfRows } from "./targets.js";

export interface StratifiedSplitOptions {
  /** How many rows the test part gets: a count, or below 1 a share of all rows, rounded up. */
  readonly testSize: number;
  /** How many rows are for training: a count, or below 1 a share of all rows, rounded down. Default: all the others. */
  readonly trainSize?: number | undefined;
  /** Seed of the random numbers, an integer from 0 to 2^32 - 1; or a generator in the state it is in. */
  readonly seed: number | RandomState;
}

const OPTIONS: KnownOptions<StratifiedSplitOptions> = {
  testSize: true,
  trainSize: true,
  seed: true,
};

/** Two disjoint lists of row numbers, each in random order, that together hold every row, unless `trainSize` is less than that. */
export interface StratifiedSplit {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

export interface TrainValidTestOptions extends Omit<StratifiedSplitOptions, "trainSize"> {
  /** How many rows the validation part gets: a count, or below 1 a share of what the test part leaves. */
  readonly validSize: number;
}

const THREE_PARTS_OPTIONS: KnownOptions<TrainValidTestOptions> = {
  testSize: true,
  seed: true,
  validSize: true,
};

/** Three disjoint lists of row numbers, each in random order, that together hold every row. */
export interface TrainValidTestSplit {
  readonly train: Int32Array;
  readonly valid: Int32Array;
  readonly test: Int32Array;
}

/**
 * Splits row numbers so that each class has the same share in both parts, as nearly as whole numbers allow.
 *
 * The rows and their order are those of scikit-learn's `train_test_split(np.arange(n), test_size=testSize,
 * random_state=seed, stratify=labels)` (versions 1.0 to 1.2: `StratifiedShuffleSplit`).
 *
 * @param labels The class of each row, [n_examples]. Classes need not be consecutive.
 * @throws InvalidArgumentError where scikit-learn refuses, too: when a size is no share or count that leaves both parts a row, when a
 *   class has a single row, or when either part would have fewer rows than there are classes; and for a seed out of range.
 */
export function stratifiedSplit(labels: Labels, options: StratifiedSplitOptions): StratifiedSplit {
  requireKnownOptions("stratifiedSplit", options, OPTIONS, "{ testSize: 1000, seed: 123 }");
  const random = generatorOf(options);
  return createStratifiedDraw(labels, options)(random);
}

function generatorOf({ seed }: Pick<StratifiedSplitOptions, "seed">): RandomState {
  return typeof seed === "object" ? seed : new RandomState(seed);
}

/** A split at random, from the state that a generator is in. */
export type DrawSplit = (random: RandomState) => StratifiedSplit;

/** As {@link stratifiedSplit}, for several splits from one stream of random numbers. */
export function createStratifiedDraw(labels: Labels, given: SplitSizes): DrawSplit {
  const sizes = splitSizes(labels.length, given);
  const rowsByClass = groupRowsByClass(labels);
  checkClasses(labels, rowsByClass, sizes);
  return (random) => drawStratified(rowsByClass, sizes, random);
}

function drawStratified(
  rowsByClass: readonly Int32Array[],
  { trainSize, testSize }: SplitCounts,
  random: RandomState,
): StratifiedSplit {
  const classCounts = rowsByClass.map((rows) => rows.length);
  const trainCounts = approximateMode(classCounts, trainSize, random);
  // Where the parts hold every row, what remains is exactly testSize rows, so this returns the rest of each class. It is computed all
  // the same, because scikit-learn computes it: by a rounding error it may draw from the random stream.
  const remainingCounts = difference(classCounts, trainCounts);
  const testCounts = approximateMode(remainingCounts, testSize, random);

  const train = new Int32Array(trainSize);
  const test = new Int32Array(testSize);
  let trainEnd = 0;
  let testEnd = 0;
  for (const [i, rows] of rowsByClass.entries()) {
    // Shuffling the rows takes the same draws as shuffling positions in them and then taking those, as scikit-learn does.
    const shuffled = random.permutation(rows);
    const trainCount = trainCounts[i] ?? 0;
    const testCount = testCounts[i] ?? 0;
    train.set(shuffled.subarray(0, trainCount), trainEnd);
    test.set(shuffled.subarray(trainCount, trainCount + testCount), testEnd);
    trainEnd += trainCount;
    testEnd += testCount;
  }
  random.shuffle(train);
  random.shuffle(test);
  return { train, test };
}

/**
 * Splits the row numbers 0 to `count` - 1 at random.
 *
 * The rows and their order are those of scikit-learn's `train_test_split(np.arange(count), test_size=testSize, random_state=seed)`
 * (`ShuffleSplit`): the first of NumPy's `permutation` are the test, the others are for training.
 *
 * @param count How many rows there are.
 * @throws InvalidArgumentError when a size is no share or count that leaves both parts a row, and for a seed out of range.
 */
export function shuffledSplit(count: number, options: StratifiedSplitOptions): StratifiedSplit {
  requireKnownOptions("shuffledSplit", options, OPTIONS, "{ testSize: 1000, seed: 123 }");
  const random = generatorOf(options);
  return createShuffledDraw(count, options)(random);
}

/** As {@link shuffledSplit}, for several splits from one stream of random numbers. */
export function createShuffledDraw(count: number, given: SplitSizes): DrawSplit {
  const { trainSize, testSize } = splitSizes(count, given);
  return (random) => {
    const order = random.permutation(count);
    return { train: order.slice(testSize, testSize + trainSize), test: order.slice(0, testSize) };
  };
}

/**
 * Splits row numbers into three stratified parts by two calls of {@link stratifiedSplit} with the same seed, as the chapter
 * does: first the test rows off all rows, then the validation rows off what is left.
 *
 * @param labels The class of each row, [n_examples].
 * @returns Row numbers into `labels`.
 * @throws InvalidArgumentError where either of the two calls does.
 */
export function trainValidTestSplit(labels: Labels, options: TrainValidTestOptions): TrainValidTestSplit {
  const example = "{ testSize: 1000, validSize: 500, seed: 123 }";
  requireKnownOptions("trainValidTestSplit", options, THREE_PARTS_OPTIONS, example);
  const { validSize, testSize, seed } = options;
  const { train: rest, test } = stratifiedSplit(labels, { testSize, seed });
  const inner = stratifiedSplit(labelsOfRows(labels, rest), { testSize: validSize, seed });
  const rowsOfRest = (positions: Int32Array) => positions.map((position) => rest[position] as number);
  return { train: rowsOfRest(inner.train), valid: rowsOfRest(inner.test), test };
}

/** The row numbers of each class that occurs: classes ascending, rows ascending within each. */
function groupRowsByClass(labels: Labels): Int32Array[] {
  const codes = labels instanceof Uint8Array ? { of: labels, count: BYTE_CLASSES } : ranks(labels);
  const counts = new Int32Array(codes.count);
  codes.of.forEach((code) => {
    counts[code] = (counts[code] ?? 0) + 1;
  });
  const groups = Array.from(counts, (count) => new Int32Array(count));
  const ends = new Int32Array(codes.count);
  for (let row = 0; row < labels.length; row++) {
    const code = codes.of[row] as number; // row is below labels.length.
    const end = ends[code] ?? 0;
    (groups[code] as Int32Array)[end] = row; // There is a group for every code.
    ends[code] = end + 1;
  }
  return groups.filter((rows) => rows.length > 0);
}

/** The place of each label among those that occur, ascending: labels themselves may be any numbers. */
function ranks(labels: Int32Array): { readonly of: Int32Array; readonly count: number } {
  const ascending = Int32Array.from(new Set(labels)).sort();
  const ranks = new Map(Array.from(ascending, (label, rank) => [label, rank]));
  return { of: labels.map((label) => ranks.get(label) as number), count: ascending.length }; // Each occurs.
}

function checkClasses(
  labels: Labels,
  rowsByClass: readonly Int32Array[],
  { trainSize, testSize }: SplitCounts,
): void {
  const classes = rowsByClass.length;
  const single = rowsByClass.find((rows) => rows.length < 2);
  if (single !== undefined) {
    throw new InvalidArgumentError(
      `A stratified split needs at least two rows of each class, but class ${labels[single[0] ?? 0]} has only one.`,
    );
  }
  const smaller = Math.min(testSize, trainSize);
  if (smaller < classes) {
    throw new InvalidArgumentError(
      `A stratified split needs as many rows in each part as there are classes, ${classes}, but ${testSize} of ${labels.length} rows leave a part of ${smaller}.`,
    );
  }
}

/**
 * How many of `draws` rows to take from each class: the most likely outcome of drawing without replacement, within one
 * (scikit-learn's `_approximate_mode`). Each class gets its share rounded down; what is missing goes to the
 * largest remainders, and ties among those are broken at random.
 *
 * The order of the floating-point operations is scikit-learn's, because it decides which remainders tie.
 */
function approximateMode(classCounts: readonly number[], draws: number, random: RandomState): number[] {
  const total = sum(classCounts);
  const shares = classCounts.map((count) => (count / total) * draws);
  const counts = shares.map(Math.floor);
  const remainders = difference(shares, counts);
  let missing = draws - sum(counts);
  const descending = [...new Set(remainders)].sort((a, b) => b - a);
  for (const value of descending) {
    if (missing <= 0) {
      break;
    }
    const tied = Int32Array.from(remainders.keys()).filter((i) => remainders[i] === value);
    const chosen = random.permutation(tied).subarray(0, missing);
    for (const i of chosen) {
      counts[i] = (counts[i] ?? 0) + 1;
    }
    missing -= chosen.length;
  }
  return counts;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function difference(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => value - (b[i] ?? 0));
}
