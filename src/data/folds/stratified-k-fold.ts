import { InvalidArgumentError } from "../../errors.js";
import { RandomState } from "../../random/random-state.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { expectLabels, type Labels, type NoticeOption, warn } from "../targets.js";
import { checkSplits, type Fold, foldsByNumber, shuffleSeed } from "./fold.js";
import {
  checkRows,
  K_FOLD_OPTIONS,
  type KFoldOptions,
  REPEATED_OPTIONS,
  type RepeatedKFoldOptions,
  repeat,
} from "./k-fold.js";

export interface StratifiedKFoldOptions extends KFoldOptions, NoticeOption {}

export interface RepeatedStratifiedKFoldOptions extends RepeatedKFoldOptions, NoticeOption {}

const OPTIONS: KnownOptions<StratifiedKFoldOptions> = { ...K_FOLD_OPTIONS, onNotice: true };

const REPEATED: KnownOptions<RepeatedStratifiedKFoldOptions> = { ...REPEATED_OPTIONS, onNotice: true };

/**
 * As `kFold`, with each class shared out alike: of a class with m rows, every fold tests on m / nSplits, rounded up or down.
 *
 * The rows are those of scikit-learn's `StratifiedKFold(nSplits, shuffle=shuffle, random_state=seed).split(labels, labels)`. Where a class
 * has fewer rows than there are folds, so that some folds test none of it, a notice says so.
 *
 * @param labels The class of each row, [n_examples]. Classes need not be consecutive.
 * @throws InvalidArgumentError when every class has fewer rows than there are folds, and as `kFold`.
 */
export function stratifiedKFold(labels: Labels, options: StratifiedKFoldOptions = {}): Fold[] {
  requireKnownOptions("stratifiedKFold", options, OPTIONS, "{ nSplits: 5, shuffle: true, seed: 123 }");
  const { nSplits = 5, onNotice } = options;
  const seed = shuffleSeed(options);
  const classes = countClasses(labels, nSplits, onNotice);
  return stratifiedFolds(classes, nSplits, seed === undefined ? undefined : new RandomState(seed));
}

/**
 * As {@link stratifiedKFold}, several times, each in another order.
 *
 * The rows are those of scikit-learn's
 * `RepeatedStratifiedKFold(n_splits=nSplits, n_repeats=nRepeats, random_state=seed).split(labels, labels)`.
 *
 * @returns nSplits * nRepeats folds, those of a time one after another.
 * @throws InvalidArgumentError as {@link stratifiedKFold}.
 */
export function repeatedStratifiedKFold(
  labels: Labels,
  options: RepeatedStratifiedKFoldOptions = {},
): Fold[] {
  const example = "{ nSplits: 5, nRepeats: 10, seed: 123 }";
  requireKnownOptions("repeatedStratifiedKFold", options, REPEATED, example);
  const { nSplits = 5, nRepeats = 10, seed = 123, onNotice } = options;
  const classes = countClasses(labels, nSplits, onNotice);
  return repeat(nRepeats, seed, (random) => stratifiedFolds(classes, nSplits, random));
}

/** Classes by the order in which they appear, as scikit-learn numbers them here. */
interface CountedClasses {
  /** The number of each row's class, [n_examples]. */
  readonly codes: Int32Array;
  /** How many rows each class has. */
  readonly counts: readonly number[];
}

function countClasses(
  labels: Labels,
  nSplits: number,
  onNotice: NoticeOption["onNotice"] = warnOfSmallClasses,
): CountedClasses {
  expectLabels("the class of each row", labels);
  checkSplits(nSplits);
  checkRows(labels.length, nSplits);
  const numbers = new Map<number, number>();
  const counts: number[] = [];
  const codes = new Int32Array(labels.length);
  for (const [row, label] of labels.entries()) {
    const code = numbers.get(label) ?? numbers.size;
    if (code === numbers.size) numbers.set(label, code);
    codes[row] = code;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (nSplits > most) {
    throw new InvalidArgumentError(
      `Expected at most ${most} folds, the rows of the largest class, so that each fold can test some of it, but received ${nSplits} for nSplits; choose fewer folds.`,
    );
  }
  if (nSplits > least) {
    const label = [...numbers.keys()][counts.indexOf(least)];
    onNotice(
      `Class ${label} has ${least === 1 ? "only one row" : `only ${least} rows`} for ${nSplits} folds, so that some folds test none of it.`,
    );
  }
  return { codes, counts };
}

function warnOfSmallClasses(sentence: string): void {
  warn(sentence, "SMALL_CLASSES");
}

/**
 * Rows sorted by class are dealt out in turn, which tells how many of each class a fold tests; of each class, the first rows go to the
 * first fold, and so on, or to folds in random order.
 */
function stratifiedFolds(
  { codes, counts }: CountedClasses,
  nSplits: number,
  random: RandomState | undefined,
): Fold[] {
  let dealt = 0;
  const foldsOfClass = counts.map((count) => {
    const shares = new Int32Array(nSplits);
    for (let i = 0; i < count; i++, dealt++) shares[dealt % nSplits] = (shares[dealt % nSplits] ?? 0) + 1;
    const folds = new Int32Array(count);
    let end = 0;
    for (const [fold, share] of shares.entries()) {
      folds.fill(fold, end, end + share);
      end += share;
    }
    random?.shuffle(folds);
    return folds;
  });
  const taken = new Int32Array(counts.length);
  const foldOf = codes.map((code) => {
    const position = taken[code] as number; // There is a place for every class.
    taken[code] = position + 1;
    return foldsOfClass[code]?.[position] as number; // Each class has as many as it has rows.
  });
  return foldsByNumber(foldOf, nSplits);
}
