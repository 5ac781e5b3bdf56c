import { performance } from "node:perf_hooks";
import { type Dataset, examplesAt, expectDataset, isDataset, labelsOf } from "../data/dataset.js";
import { type Fold, seedOfFold } from "../data/folds/fold.js";
import { kFold } from "../data/folds/k-fold.js";
import { stratifiedKFold } from "../data/folds/stratified-k-fold.js";
import { isStream } from "../data/stream.js";
import { trainTestSplit } from "../data/train-test-split.js";
import { InvalidArgumentError, MnistNativeError } from "../errors.js";
import { MultilayerPerceptron } from "../nn/mlp.js";
import type { MultilayerPerceptronOptions } from "../nn/mlp-options.js";
import { expectFunction, expectThat } from "../system/expected.js";
import { isOptions, type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { checkSignal } from "../training/compatibility.js";
import { type FitOptions, fit } from "../training/fit.js";
import type { History } from "../training/history.js";
import { TrainingAbortedError } from "../training/training-aborted-error.js";
import { type FoldScores, type ScoreSummary, scoreFold, summarizeScores } from "./fold-scores.js";

/** A fold whose turn it is. */
export interface FoldContext {
  /** Counted from 1. */
  readonly fold: number;
  readonly folds: number;
  /** `seed` of {@link CrossValidateOptions} + fold - 1: for the network, and by default for the shuffle. */
  readonly seed: number;
  /** What the network is trained on. */
  readonly train: Dataset;
  /** What it is evaluated on after every epoch. */
  readonly validation: Dataset;
  /** What it is scored on. */
  readonly test: Dataset;
}

/** A fold that is finished. */
export interface FoldResult {
  /** Counted from 1. */
  readonly fold: number;
  readonly seed: number;
  /** How many examples it was trained on, and scored on. */
  readonly trainCount: number;
  readonly testCount: number;
  readonly history: History;
  readonly scores: FoldScores;
  /** For all of it. */
  readonly seconds: number;
}

/** What {@link crossValidate} measured. */
export interface CrossValidation {
  readonly folds: readonly FoldResult[];
  /** Of each figure in the folds' `scores`: mean, standard deviation of a sample (n - 1), and the values. */
  readonly scores: Readonly<Record<string, ScoreSummary>>;
}

/** What `fit` takes, but what {@link crossValidate} gives it by itself. */
export type FoldFitOptions = Omit<FitOptions, "validation" | "signal">;

export interface CrossValidateOptions {
  /**
   * How many folds, or folds such as `groupKFold` makes, which number the examples of the dataset from 0. Default: 5, stratified where
   * there are classes, and shuffled by `seed`.
   */
  readonly folds?: number | readonly Fold[] | undefined;
  /** Seed of the folds and, by fold - 1 higher, of each network and its shuffles; an integer from 0 to 2^32 - 1. Default: 123. */
  readonly seed?: number | undefined;
  /**
   * How to train. An optimizer and callbacks keep a state, so that each fold needs its own: what has any is a function that makes options
   * for a fold. Default: those of `fit`, with the fold's seed for `shuffle`.
   */
  readonly fit?: (FoldFitOptions | ((context: FoldContext) => FoldFitOptions)) | undefined;
  /**
   * A count, or below 1 a share, of each fold's training examples that are taken off them and evaluated after every epoch in place of its
   * test examples. Needed for scores to be trusted where a callback chooses by what it sees there, as early stopping does.
   */
  readonly validationSize?: number | undefined;
  /** Ends it after the current minibatch: the promise is rejected with a {@link CrossValidationAbortedError}. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each fold with its result, its trained network and its examples, and waited for. */
  readonly onFoldEnd?:
    | ((result: FoldResult, network: MultilayerPerceptron, context: FoldContext) => void | Promise<void>)
    | undefined;
}

const OPTIONS: KnownOptions<CrossValidateOptions> = {
  folds: true,
  seed: true,
  fit: true,
  validationSize: true,
  signal: true,
  onFoldEnd: true,
};

/** A cross-validation that its AbortSignal ended. `cause` is the signal's reason. */
export class CrossValidationAbortedError extends MnistNativeError {
  readonly code = "ERR_CROSS_VALIDATION_ABORTED";
  /** The folds that were finished. */
  readonly folds: readonly FoldResult[];

  constructor(folds: readonly FoldResult[], count: number, reason: unknown) {
    const why = reason instanceof Error ? reason.message : String(reason);
    super(
      `The cross-validation was aborted after ${folds.length} of ${count} folds: ${why.replace(/[.\s]+$/, "")}.`,
      {
        cause: reason,
      },
    );
    this.folds = folds;
  }
}

/** A network for each fold: what `MultilayerPerceptron` takes, or what makes one. */
export type NetworkOfFold =
  | Omit<MultilayerPerceptronOptions, "seed">
  | ((context: FoldContext) => MultilayerPerceptron | Promise<MultilayerPerceptron>);

/**
 * Trains a new network on all folds but one and scores it on that one, for each fold in turn:
 *
 * ```ts
 * const { scores } = await crossValidate({ layers: [784, 50, 10] }, train, { folds: 5, fit: { epochs: 10 } });
 * console.log(scores.accuracy); // { mean, standardDeviation, values }
 * ```
 *
 * The same arguments give the same bits. How far the scores of folds are apart says how much they depend on the examples and on chance;
 * as folds share most of their training examples, they are not independent, and the deviation is somewhat too small.
 *
 * @throws InvalidArgumentError when there is no such option, when one is out of range, or when folds are none of this dataset.
 * @throws CrossValidationAbortedError when the signal is aborted, with the folds so far and the signal's reason as its cause.
 * @throws as `fit`, for the first fold whose training fails.
 */
export async function crossValidate(
  network: NetworkOfFold,
  dataset: Dataset,
  options: CrossValidateOptions = {},
): Promise<CrossValidation> {
  requireKnownOptions("crossValidate", options, OPTIONS, "{ folds: 5, fit: { epochs: 10 } }");
  checkArguments(network, dataset, options);
  const { seed = 123, signal, onFoldEnd } = options;
  const folds = foldsOf(dataset, options.folds ?? 5, seed);
  const results: FoldResult[] = [];
  try {
    for (const i of folds.keys()) {
      signal?.throwIfAborted();
      const start = performance.now();
      const context = contextOf(dataset, folds, i, { ...options, seed });
      const trained = await createNetwork(network, context);
      const fitOptions = fitOptionsOf(options, context);
      const history = await fit(trained, context.train, {
        shuffle: context.seed,
        ...fitOptions,
        validation: context.validation,
        ...(signal !== undefined && { signal }),
      });
      const scores = await scoreFold(trained, context.test, { signal, metrics: fitOptions.metrics });
      const result = {
        fold: context.fold,
        seed: context.seed,
        trainCount: context.train.rows.length,
        testCount: context.test.rows.length,
        history,
        scores,
        seconds: (performance.now() - start) / 1000,
      };
      results.push(result);
      await onFoldEnd?.(result, trained, context);
    }
  } catch (error) {
    const reason = error instanceof TrainingAbortedError ? error.cause : error;
    if (signal?.aborted && reason === signal.reason) {
      throw new CrossValidationAbortedError(results, folds.length, reason);
    }
    throw error;
  }
  return { folds: results, scores: summarizeScores(results.map(({ scores }) => scores)) };
}

function checkArguments(network: unknown, dataset: Dataset, options: CrossValidateOptions): void {
  const isNetwork = typeof network === "function" || isOptions(network);
  expectThat(isNetwork, "{ layers } or a function that makes a network", "network", network);
  if (isOptions(network) && "seed" in network) {
    throw new InvalidArgumentError(
      "Expected no seed for network, because each fold has its own; give the first to crossValidate.",
    );
  }
  if (isOptions(dataset) && isStream(dataset)) {
    throw new InvalidArgumentError(
      "Expected a dataset in memory for crossValidate, whose examples are shared out among folds, but received a stream.",
    );
  }
  expectDataset(isDataset(dataset), "dataset", dataset);
  const { seed = 0 } = options;
  const isSeed = Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32;
  expectThat(isSeed, `an integer from 0 to ${2 ** 32 - 1}`, "seed", seed);
  checkSignal(options.signal);
  if (options.onFoldEnd !== undefined) expectFunction("onFoldEnd", options.onFoldEnd);
  const { fit } = options;
  if (fit === undefined || typeof fit === "function") return;
  expectThat(isOptions(fit), "an object of options, or a function that makes one for each fold,", "fit", fit);
  for (const name of ["optimizer", "callbacks"] as const) {
    if (fit[name] !== undefined) throw keepsState(name);
  }
  if (fit.shuffle !== undefined && typeof fit.shuffle !== "number") throw keepsState("shuffle");
}

function keepsState(option: string): InvalidArgumentError {
  return new InvalidArgumentError(
    `Expected a function for fit, because optimizers, callbacks and generators keep a state and each fold needs its own: () => ({ ${option}: … }).`,
  );
}

function fitOptionsOf({ fit }: CrossValidateOptions, context: FoldContext): FoldFitOptions {
  const made = typeof fit === "function" ? fit(context) : (fit ?? {});
  expectThat(isOptions(made), "an object of options", "what fit makes for a fold", made);
  for (const name of ["validation", "signal"]) {
    if (name in made) {
      const advice = name === "signal" ? "give it to crossValidate" : "choose it by validationSize";
      throw new InvalidArgumentError(`Expected no ${name} in fit, because folds have theirs; ${advice}.`);
    }
  }
  return made;
}

function foldsOf(dataset: Dataset, given: number | readonly Fold[], seed: number): readonly Fold[] {
  if (!Array.isArray(given)) {
    const nSplits = given as number;
    expectThat(
      Number.isInteger(nSplits) && nSplits >= 2,
      "a whole number of at least 2, or an array of folds, such as kFold makes,",
      "folds",
      given,
    );
    const options = { nSplits, shuffle: true, seed };
    return dataset.targets.kind === "classes"
      ? stratifiedKFold(labelsOf("A stratified fold", dataset), options)
      : kFold(dataset.rows.length, options);
  }
  const areFolds = given.every(
    (fold: unknown) =>
      isOptions(fold) &&
      "train" in fold &&
      "test" in fold &&
      [fold.train, fold.test].every((rows) => rows instanceof Int32Array && rows.length > 0),
  );
  expectThat(
    given.length > 0 && areFolds,
    "folds { train, test } with row numbers in each, as kFold makes them,",
    "folds",
    given,
  );
  return given;
}

function contextOf(
  dataset: Dataset,
  folds: readonly Fold[],
  i: number,
  { seed, validationSize }: CrossValidateOptions & { readonly seed: number },
): FoldContext {
  const fold = folds[i] as Fold; // i is one of its keys.
  const own = { fold: i + 1, folds: folds.length, seed: seedOfFold(seed, i + 1) };
  const [train, test] = [examplesAt(dataset, fold.train), examplesAt(dataset, fold.test)];
  if (validationSize === undefined) return { ...own, train, validation: test, test };
  const stratify = dataset.targets.kind === "classes";
  const inner = trainTestSplit(train, { testSize: validationSize, stratify, seed: own.seed });
  return { ...own, train: inner.train, validation: inner.test, test };
}

async function createNetwork(network: NetworkOfFold, context: FoldContext): Promise<MultilayerPerceptron> {
  if (typeof network !== "function") return new MultilayerPerceptron({ ...network, seed: context.seed });
  return network(context);
}
