import { createHash } from "node:crypto";
import type { Backend } from "../backend/backend.js";
import type { Communicator } from "../communicator/communicator.js";
import type { Dataset } from "../data/dataset.js";
import type { DatasetParts } from "../data/split-dataset.js";
import { InvalidArgumentError } from "../errors.js";
import { MultilayerPerceptron } from "../nn/mlp.js";
import { RandomState } from "../random/random-state.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { type Tensor, toArray } from "../tensor/tensor.js";
import { type Evaluation, evaluate } from "../training/evaluate.js";
import { fit } from "../training/fit.js";
import type { Trace, TraceEvaluation } from "./trace.js";

/** One thing held against the trace. */
export interface Comparison {
  /** What is compared: `split train`, `initial weights layer 0`, `epoch 1 train`, … */
  readonly name: string;
  /** The trace's value and ours, for a person. */
  readonly expected: string;
  readonly actual: string;
  readonly agrees: boolean;
  /** Of mean squared errors: how far apart the two are, relative to the trace's. */
  readonly difference?: number;
}

export interface ReproduceOptions {
  /** How many epochs to replay, 1 to the trace's number. Default: all. */
  readonly epochs?: number | undefined;
  readonly backend: Backend;
  readonly signal?: AbortSignal;
  /** The processes that replay it together, as of `fit`. Default: this one alone. */
  readonly communicator?: Communicator | undefined;
  /** Called for each comparison as soon as it is made. */
  readonly onComparison?: (comparison: Comparison) => void;
}

const OPTIONS: KnownOptions<ReproduceOptions> = {
  epochs: true,
  backend: true,
  signal: true,
  communicator: true,
  onComparison: true,
};

/** Largest relative difference of a mean squared error: sums are added in another order than NumPy's. */
const MSE_TOLERANCE = 1e-10;
/** Normal draws differ from NumPy's by up to 4 ulp, through `Math.log`. */
const WEIGHT_TOLERANCE = 1e-14;
const SUM_TOLERANCE = 1e-11;

/**
 * Replays a recorded run in float64 with NumPy's random streams and holds it against the record: split, initial weights, and
 * after each epoch the correct counts and mean squared errors on the training and validation sets.
 *
 * @param parts The data set, split with the trace's `split_seed`.
 * @returns All comparisons, in order.
 * @throws InvalidArgumentError when `epochs` is out of range.
 */
export async function reproduce(
  trace: Trace,
  parts: DatasetParts,
  options: ReproduceOptions,
): Promise<readonly Comparison[]> {
  requireKnownOptions("reproduce", options, OPTIONS, "{ backend: selectBackend() }");
  const { settings } = trace;
  const { epochs = settings.epochs, backend, signal, communicator, onComparison } = options;
  if (!Number.isInteger(epochs) || epochs < 1 || epochs > settings.epochs) {
    throw new InvalidArgumentError(
      `Expected 1 to ${settings.epochs} epochs, as many as the trace has, but received ${epochs}.`,
    );
  }
  const comparisons: Comparison[] = [];
  const compare = (comparison: Comparison) => {
    comparisons.push(comparison);
    onComparison?.(comparison);
  };

  const { train, validation, test } = parts;
  compare(compareRows("split train", trace.split.train, train));
  compare(compareRows("split valid", trace.split.valid, validation));
  compare(compareRows("split test", trace.split.test, test));

  const network = new MultilayerPerceptron({
    layers: [784, settings.hidden, 10],
    seed: settings.init_seed,
    dtype: "float64",
    backend,
  });
  const [hiddenWeight, outputWeight] = network.denseLayers.map(({ weight }) => weight) as [Tensor, Tensor];
  const { init } = trace;
  compare(compareWeights("initial weights layer 0", hiddenWeight, init.weight_h_first, init.weight_h_sum));
  compare(
    compareWeights("initial weights layer 1", outputWeight, init.weight_out_first, init.weight_out_sum),
  );

  const shuffle = new RandomState(settings.shuffle_seed);
  await fit(network, train, {
    epochs,
    batchSize: settings.batch,
    learningRate: settings.lr,
    shuffle,
    dropLast: true,
    ...(signal && { signal }),
    communicator,
    validation,
    onEpochEnd: ({ epoch, trainLoss, trainAccuracy, validLoss, validAccuracy }) => {
      const expected = trace.epochs[epoch - 1];
      const ours = {
        train: evaluationOf(train, trainLoss, trainAccuracy),
        valid: evaluationOf(validation, validLoss, validAccuracy),
      };
      for (const part of ["train", "valid"] as const) {
        skipShuffle(shuffle, ours[part].count);
        if (expected) compare(compareEvaluation(`epoch ${epoch} ${part}`, expected[part], ours[part]));
      }
    },
  });
  if (epochs === settings.epochs && trace.test !== undefined) {
    compare(compareEvaluation("test", trace.test, await evaluate(network, test, { signal })));
  }
  return comparisons;
}

function evaluationOf({ rows }: Dataset, loss: number, accuracy: number): Evaluation {
  return { loss, accuracy, correct: Math.round(accuracy * rows.length), count: rows.length };
}

/**
 * The recorded run shuffles the rows before each evaluation. The order does not change the result, but the draws come from
 * the stream that shuffles the next epoch.
 */
function skipShuffle(random: RandomState, count: number): void {
  random.permutation(count);
}

function compareRows(name: string, expected: Trace["split"]["train"], { rows }: Dataset): Comparison {
  const hash = createHash("sha256")
    .update(new Uint8Array(BigInt64Array.from(rows, BigInt).buffer))
    .digest("hex");
  const show = (count: number, sha256: string) => `${count} rows, ${sha256.slice(0, 16)}`;
  return {
    name,
    expected: show(expected.count, expected.sha256_int64_le),
    actual: show(rows.length, hash),
    agrees: rows.length === expected.count && hash === expected.sha256_int64_le,
  };
}

function compareWeights(
  name: string,
  weight: Tensor,
  first: readonly number[],
  expectedSum: number,
): Comparison {
  const data = toArray(weight);
  let sum = 0;
  for (const value of data) sum += value;
  const firstAgree = first.every((value, i) => Math.abs(value - (data[i] ?? Number.NaN)) <= WEIGHT_TOLERANCE);
  return {
    name,
    expected: `sum ${expectedSum.toFixed(10)}, first ${first[0]?.toFixed(10)}`,
    actual: `sum ${sum.toFixed(10)}, first ${data[0]?.toFixed(10)}`,
    agrees: firstAgree && Math.abs(sum - expectedSum) <= SUM_TOLERANCE,
  };
}

function compareEvaluation(name: string, expected: TraceEvaluation, actual: Evaluation): Comparison {
  const show = (correct: number, count: number, mse: number) =>
    `${correct}/${count} ${mse.toExponential(12)}`;
  const difference = Math.abs(actual.loss - expected.mse) / Math.abs(expected.mse);
  return {
    name,
    expected: show(expected.correct, expected.count, expected.mse),
    actual: show(actual.correct, actual.count, actual.loss),
    agrees:
      actual.correct === expected.correct && actual.count === expected.count && difference <= MSE_TOLERANCE,
    difference,
  };
}
