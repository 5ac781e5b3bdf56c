import { DataFormatError, InvalidArgumentError } from "../../errors.js";
import { type Dataset, examplesAt, labelsOf, subset } from "../dataset.js";
import type { DatasetParts } from "../split-dataset.js";
import { type DatasetOrStream, isStream } from "../stream.js";
import type { NoticeOption } from "../targets.js";
import { trainTestSplit } from "../train-test-split.js";
import { type Fold, seedOfFold } from "./fold.js";
import type { FoldChoice, FoldsChoice } from "./fold-choice.js";
import { type Groups, groupKFold } from "./group-k-fold.js";
import { repeatedKFold } from "./k-fold.js";
import { repeatedStratifiedKFold } from "./stratified-k-fold.js";

// Folds of split data: the training and validation examples are shared out, and the test examples stay apart.

type Parts = { readonly [part in keyof DatasetParts]: DatasetOrStream };

/** What is shared out: the training and validation examples of split data, by ascending rows, so that it does not matter which were which. */
export function foldedExamples({ train, validation }: Parts): Dataset {
  if (isStream(train) || isStream(validation)) {
    throw new InvalidArgumentError(
      "Expected data that fit in memory, because their examples are shared out among folds, but these are read from their file piece by piece; take fewer, or train on one split.",
    );
  }
  const rows = new Int32Array(train.rows.length + validation.rows.length);
  rows.set(train.rows);
  rows.set(validation.rows, train.rows.length);
  return subset(train, rows.sort());
}

/**
 * Folds of {@link foldedExamples}, numbered from 0 in their order: those of scikit-learn's `RepeatedStratifiedKFold`, `RepeatedKFold` or
 * `GroupKFold`.
 *
 * @param groups Of each row of the data, [n_rows], where groups have to stay together: then nothing is drawn.
 * @throws InvalidArgumentError when there are too few examples, or groups, for so many folds.
 */
export function makeFolds(
  examples: Dataset,
  choice: FoldsChoice,
  { groups, onNotice }: NoticeOption & { readonly groups?: Groups | undefined } = {},
): readonly Fold[] {
  const { folds: nSplits, repeats: nRepeats, stratified, seed } = choice;
  if (groups !== undefined) {
    const own = Array.from(examples.rows, (row) => groups[row] as number | string);
    return groupKFold(own as readonly number[] | readonly string[], { nSplits });
  }
  const options = { nSplits, nRepeats, seed };
  return stratified
    ? repeatedStratifiedKFold(labelsOf("A stratified fold", examples), { ...options, onNotice })
    : repeatedKFold(examples.rows.length, options);
}

/**
 * The data of a fold. Without a `validationSize` validation is of what the fold holds out; with one it is of examples that are taken off
 * those to train on, drawn at random by a seed of the fold's own, so that nothing that is chosen by them has seen what is held out. The
 * test examples are those of the split.
 */
export function partsOfFold<P extends Parts>(
  { test }: P,
  examples: Dataset,
  fold: Fold,
  choice: Pick<FoldChoice, "fold" | "seed" | "stratified" | "validationSize">,
) {
  const { validationSize, stratified } = choice;
  const heldOut = examplesAt(examples, fold.test);
  const others = examplesAt(examples, fold.train);
  const parts = (train: Dataset, validation: Dataset) => ({
    parts: { train, validation, test: test as P["test"] },
    heldOut,
  });
  if (validationSize === undefined) return parts(others, heldOut);
  const seed = seedOfFold(choice.seed, choice.fold);
  const inner = trainTestSplit(others, { testSize: validationSize, stratify: stratified, seed });
  return parts(inner.train, inner.test);
}

/** The data of the fold that a run was made with. */
export function foldParts<P extends Parts>(parts: P, choice: FoldChoice, groups?: Groups) {
  const examples = foldedExamples(parts);
  const fold = makeFolds(examples, choice, { groups, onNotice: () => {} })[choice.fold - 1];
  if (fold === undefined) {
    throw new DataFormatError(
      `The run is one of fold ${choice.fold}, but its settings make ${choice.folds * choice.repeats} folds; name a run of cross-validate.`,
    );
  }
  return partsOfFold(parts, examples, fold, choice).parts;
}
