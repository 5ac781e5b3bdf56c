import { InvalidArgumentError } from "../../errors.js";
import { expectThat } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { numpyArgsort } from "./argsort.js";
import { checkSplits, type Fold, foldsByNumber } from "./fold.js";

/** What each row belongs to, [n_examples]: numbers or texts, such as the patient that it was measured on. */
export type Groups = ArrayLike<number> | ArrayLike<string>;

export interface GroupKFoldOptions {
  /** How many folds, at least 2. Default: 5, scikit-learn's. */
  readonly nSplits?: number | undefined;
}

const OPTIONS: KnownOptions<GroupKFoldOptions> = { nSplits: true };

/**
 * As `kFold`, but rows of one group always stay together, so that a network is tested on groups that it has never seen. The largest group
 * goes to the fold with the fewest rows so far, then the next one, so that the folds become about equally large. Nothing is drawn.
 *
 * The rows are those of scikit-learn's `GroupKFold(nSplits).split(groups, groups=groups)`; among groups of the same size, too, with the
 * sort that NumPy has for all processors (from 1.25 on it has others for some, which order such groups otherwise).
 *
 * @throws InvalidArgumentError when there are more folds than groups, and for a number out of range.
 */
export function groupKFold(groups: Groups, options: GroupKFoldOptions = {}): Fold[] {
  requireKnownOptions("groupKFold", options, OPTIONS, "{ nSplits: 5 }");
  const { nSplits = 5 } = options;
  checkSplits(nSplits);
  const { codes, counts } = countGroups(groups);
  if (nSplits > counts.length) {
    throw new InvalidArgumentError(
      `Expected at most as many folds as there are groups, ${counts.length}, but received ${nSplits} for nSplits; choose fewer folds.`,
    );
  }
  const foldOfGroup = new Int32Array(counts.length);
  const sizes = new Array<number>(nSplits).fill(0);
  for (const group of numpyArgsort(counts).reverse()) {
    const lightest = sizes.indexOf(Math.min(...sizes));
    sizes[lightest] = (sizes[lightest] ?? 0) + (counts[group] ?? 0);
    foldOfGroup[group] = lightest;
  }
  return foldsByNumber(
    codes.map((group) => foldOfGroup[group] as number), // There is a place for every group.
    nSplits,
  );
}

/**
 * A fold for each group, which tests on it and trains on all others: those of scikit-learn's `LeaveOneGroupOut().split(groups, groups=groups)`.
 * Each fold lists every row, so that many groups of many rows take much memory.
 *
 * @returns One fold for each group, groups ascending.
 * @throws InvalidArgumentError when there are less than two groups.
 */
export function leaveOneGroupOut(groups: Groups): Fold[] {
  const { codes, counts } = countGroups(groups);
  if (counts.length < 2) {
    throw new InvalidArgumentError(
      `Expected rows of at least two groups, so that one can be left out, but received ${counts.length === 1 ? "one group" : "no rows"}.`,
    );
  }
  return foldsByNumber(codes, counts.length);
}

/** The groups that occur, ascending (NumPy's `unique`). */
function countGroups(groups: Groups): { readonly codes: Int32Array; readonly counts: Int32Array } {
  const values: readonly (number | string)[] = Array.from((groups ?? []) as ArrayLike<number | string>);
  const [first] = values;
  const kind = typeof first;
  const isSo = values.every((value) => typeof value === kind && !Number.isNaN(value));
  expectThat(
    values.length > 0 && isSo && (kind === "number" || kind === "string"),
    "a number for each row, or a text for each,",
    "groups",
    groups,
  );
  const ascending = [...new Set(values)].sort(kind === "number" ? byNumber : undefined);
  const numbers = new Map(ascending.map((value, number) => [value, number]));
  const codes = Int32Array.from(values, (value) => numbers.get(value) as number); // Each occurs.
  const counts = new Int32Array(ascending.length);
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return { codes, counts };
}

function byNumber(a: number | string, b: number | string): number {
  return (a as number) - (b as number);
}
