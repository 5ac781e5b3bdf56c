import type { InkLists } from "../backend/backend.js";
import { listInk } from "../data/ink.js";
import { type BatchMemory, batches, createBatchMemory } from "../data/minibatches.js";
import { type DatasetOrStream, exampleCount, isStream, partRows, partsOf } from "../data/stream.js";
import { InvalidArgumentError } from "../errors.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import type { NetworkSlots } from "../nn/slots.js";
import type { Optimizer } from "../optim/optimizer.js";
import { SGD } from "../optim/sgd.js";
import { RandomState } from "../random/random-state.js";
import {
  expectBoolean,
  expectFunction,
  expectThat,
  expectWholeNumber,
  hasFunctions,
} from "../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { type Callback, checkCallbacks, type TrainingContext } from "./callback.js";
import { epochEndCallback, type Progress, progressCallback } from "./callbacks/reporting.js";
import { checkDataset, checkFits, checkSignal, checkSubjects } from "./compatibility.js";
import { type ControlState, createControl } from "./control.js";
import { createEvaluator, type Evaluator } from "./evaluate.js";
import type { EpochMetrics, History } from "./history.js";
import { createPace } from "./pace.js";
import { checkLearningRate, constant, type Schedule } from "./schedules/schedule.js";
import { TrainingAbortedError } from "./training-aborted-error.js";

export interface FitOptions {
  /** Passes over the training set, a whole number of at least 1. Default: 50, the chapter's. */
  readonly epochs?: number;
  /** Examples in a minibatch, a whole number of at least 1. Default: 100, the chapter's. */
  readonly batchSize?: number;
  /** A finite number above 0, or what gives one for each step. Default: 0.1, the chapter's. */
  readonly learningRate?: number | Schedule;
  /** What updates the parameters. Default: a new {@link SGD}, the chapter's. */
  readonly optimizer?: Optimizer;
  /** Are told how the training goes, in this order, and may change its course. */
  readonly callbacks?: readonly Callback[];
  /**
   * Shuffles the training set before every epoch: a seed, or a generator in the state it is in. Default: seed 123, the
   * chapter's. What this means for a stream is described at `datasetStream`.
   */
  readonly shuffle?: number | RandomState;
  /** Leaves out a last minibatch shorter than `batchSize`, as the chapter's listing does. Not for a stream. Default: `false`. */
  readonly dropLast?: boolean;
  /** Evaluated after every epoch. Without it `validLoss` and `validAccuracy` are NaN. */
  readonly validation?: DatasetOrStream;
  /** Ends the training after the current minibatch: the promise is rejected with a {@link TrainingAbortedError}. */
  readonly signal?: AbortSignal;
  /** Called after every epoch and its evaluation, and waited for. */
  readonly onEpochEnd?: (metrics: EpochMetrics) => void | Promise<void>;
  /** Called often during an epoch, each time the event loop gets its turn. */
  readonly onProgress?: (progress: Progress) => void;
}

const OPTIONS: KnownOptions<FitOptions> = {
  epochs: true,
  batchSize: true,
  learningRate: true,
  optimizer: true,
  callbacks: true,
  shuffle: true,
  dropLast: true,
  validation: true,
  signal: true,
  onEpochEnd: true,
  onProgress: true,
};

/**
 * Trains a network by minibatch gradient descent on its loss.
 *
 * The work is done on the calling thread (and the backend's own), and the event loop gets its turn at least every 20 ms on
 * networks of the chapter's size; a single operation is never interrupted. The network is updated in place: after an abort it
 * holds what it has learned so far.
 *
 * Where most pixels are background, the others are listed when `fit` begins: it then sees images in memory as they were at that time.
 *
 * @param dataset The training set. It is evaluated after every epoch, too, so that a stream is read twice in each.
 * @throws InvalidArgumentError when there is no such option, when one is out of range, or when the dataset is empty.
 * @throws ShapeError when the network does not fit the images.
 * @throws FileAccessError or DataFormatError when a stream cannot be read.
 * @throws TrainingAbortedError when the signal is aborted, with the history so far and the signal's reason as its cause.
 */
export async function fit(
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
  options: FitOptions = {},
): Promise<History> {
  requireKnownOptions("fit", options, OPTIONS, "{ epochs: 5 }");
  checkSubjects(network, dataset);
  checkOptions(options);
  const { signal } = options;
  const training = prepare(network, dataset, options);
  const { context, control } = training;
  try {
    for (const callback of training.callbacks) callback.onTrainBegin?.(context);
    while (context.epoch < context.epochs && control.stopReason === undefined) {
      signal?.throwIfAborted();
      context.epoch += 1;
      context.examples = 0;
      await trainEpoch(training, dataset, signal);
    }
    for (const callback of training.callbacks) callback.onTrainEnd?.(context);
  } catch (error) {
    if (signal?.aborted && error === signal.reason) {
      throw new TrainingAbortedError({ epochs: context.history }, error);
    }
    throw error;
  }
  const { stopReason } = control;
  return { epochs: context.history, ...(stopReason !== undefined && { stopReason }) };
}

/** A {@link TrainingContext} from the inside. */
type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

interface Training {
  readonly context: Mutable<TrainingContext> & { history: EpochMetrics[] };
  readonly control: ControlState;
  readonly callbacks: readonly Callback[];
  readonly schedule: Schedule;
  readonly batchSize: number;
  readonly dropLast: boolean;
  readonly shuffle: RandomState;
  readonly slots: NetworkSlots;
  readonly memory: BatchMemory;
  readonly pace: ReturnType<typeof createPace>;
  /** Whether somebody may read the gradients of a step. */
  readonly keepsGradients: boolean;
  readonly ink: InkLists | null;
  readonly evaluateTraining: Evaluator;
  readonly evaluateValidation: Evaluator | undefined;
}

/** Checks what each option is. Their numbers are checked where they are used. */
function checkOptions(options: FitOptions): void {
  const { optimizer, callbacks, shuffle, dropLast, validation, signal, onEpochEnd, onProgress } = options;
  if (optimizer !== undefined) {
    expectThat(hasFunctions(optimizer, "step"), "an optimizer, such as new SGD(),", "optimizer", optimizer);
  }
  if (callbacks !== undefined) checkCallbacks(callbacks);
  if (shuffle !== undefined) {
    const shuffles = typeof shuffle === "number" || hasFunctions(shuffle, "shuffle");
    expectThat(shuffles, "a seed or a RandomState", "shuffle", shuffle);
  }
  if (dropLast !== undefined) expectBoolean("dropLast", dropLast);
  if (validation !== undefined) checkDataset("validation", validation);
  checkSignal(signal);
  if (onEpochEnd !== undefined) expectFunction("onEpochEnd", onEpochEnd);
  if (onProgress !== undefined) expectFunction("onProgress", onProgress);
}

/** Checks the numbers and makes all memory. */
function prepare(network: MultilayerPerceptron, dataset: DatasetOrStream, options: FitOptions): Training {
  const { epochs = 50, batchSize = 100, learningRate = 0.1, dropLast = false } = options;
  const { shuffle: seedOrRandom = 123, validation, signal, onEpochEnd, onProgress } = options;
  expectWholeNumber("epochs", epochs);
  expectWholeNumber("batchSize", batchSize);
  if (dropLast && isStream(dataset)) {
    throw new InvalidArgumentError(
      "Expected dropLast to be false for a stream, where each part ends with a short minibatch.",
    );
  }
  checkFits(network, dataset);
  const count = exampleCount(dataset);
  const examplesPerEpoch = dropLast ? count - (count % batchSize) : count;
  if (examplesPerEpoch === 0) {
    throw new InvalidArgumentError(
      `Expected at least one minibatch of training examples but received ${count} examples.`,
    );
  }
  const ink = inkOf(dataset, network, epochs);
  const pace = createPace(signal);
  const control = createControl();
  return {
    control,
    context: {
      network,
      optimizer: options.optimizer ?? new SGD(),
      control,
      epochs,
      epoch: 0,
      step: 0,
      stepsPerEpoch: Math.ceil(examplesPerEpoch / batchSize),
      examples: 0,
      examplesPerEpoch,
      learningRate: Number.NaN,
      history: [],
    },
    callbacks: [
      ...(options.callbacks ?? []),
      ...(onProgress ? [progressCallback(onProgress, pace)] : []),
      ...(onEpochEnd ? [epochEndCallback(onEpochEnd)] : []),
    ],
    schedule: typeof learningRate === "function" ? learningRate : constant(learningRate),
    batchSize,
    dropLast,
    shuffle: typeof seedOrRandom === "number" ? new RandomState(seedOrRandom) : seedOrRandom,
    slots: network.createSlots(Math.min(batchSize, partRows(dataset))),
    memory: createBatchMemory(partRows(dataset), batchSize),
    pace,
    keepsGradients: options.callbacks?.some(({ onStepEnd }) => onStepEnd !== undefined) ?? false,
    ink,
    evaluateTraining: createEvaluator(network, dataset, undefined, ink),
    evaluateValidation:
      validation === undefined
        ? undefined
        : createEvaluator(network, validation, undefined, inkOf(validation, network, epochs, ink)),
  };
}

/**
 * The ink of a dataset's images, or `others` where these are lists of the same images. What is not in memory all the time is not
 * listed, nor are many images of which few are used.
 */
function inkOf(
  dataset: DatasetOrStream,
  { backend }: MultilayerPerceptron,
  epochs: number,
  others: InkLists | null = null,
): InkLists | null {
  if (isStream(dataset)) return null;
  const { features, rows } = dataset;
  if (others?.images === features.data && others.width === features.width) return others;
  const images = features.data.length / features.width;
  return rows.length * epochs >= images ? listInk(dataset, { backend }) : null;
}

async function trainEpoch(training: Training, dataset: DatasetOrStream, signal: AbortSignal | undefined) {
  const { context, control, callbacks, schedule, pace, batchSize, dropLast, shuffle, memory } = training;
  const { network, optimizer } = context;
  const start = performance.now();
  for (const callback of callbacks) callback.onEpochBegin?.(context);
  // A dataset in memory is a single part; a part of a stream is as much as is in memory at a time.
  for await (const part of partsOf(dataset, { shuffle, signal })) {
    for (const batch of batches(part, { batchSize, shuffle, dropLast, memory, ink: training.ink })) {
      const rate: unknown = schedule(context);
      context.learningRate = typeof rate === "number" ? rate * control.scale : (rate as number);
      checkLearningRate(context.learningRate);
      if (training.keepsGradients) {
        network.forward(batch.x, training.slots);
        network.backward(batch, training.slots);
        optimizer.step(network.parameters, context.learningRate);
      } else {
        network.trainStep(batch, training.slots, optimizer, context.learningRate);
      }
      context.step += 1;
      context.examples += batch.x.shape[0] as number;
      for (const callback of callbacks) callback.onStepEnd?.(context);
      if (pace.due()) await pace.rest();
      if (control.paused) await control.whilePaused(signal);
    }
  }
  const train = await training.evaluateTraining(signal);
  const valid = await training.evaluateValidation?.(signal);
  const metrics: EpochMetrics = {
    epoch: context.epoch,
    trainLoss: train.loss,
    trainAccuracy: train.accuracy,
    validLoss: valid?.loss ?? Number.NaN,
    validAccuracy: valid?.accuracy ?? Number.NaN,
    seconds: (performance.now() - start) / 1000,
    step: context.step,
    learningRate: context.learningRate,
  };
  context.history.push(metrics);
  for (const callback of callbacks) await callback.onEpochEnd?.(context);
}
