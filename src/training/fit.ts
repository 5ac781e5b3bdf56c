import type { InkLists } from "../backend/backend.js";
import type { AugmentOptions } from "../data/augmentation/augmenter.js";
import { createBatchMemory } from "../data/batch-memory.js";
import { listInk } from "../data/ink.js";
import { type DatasetOrStream, exampleCount, isStream, partRows } from "../data/stream.js";
import { InvalidArgumentError } from "../errors.js";
import { createLossTotals } from "../nn/losses/loss.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import type { BatchOptimizer } from "../optim/batch-optimizer.js";
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
import { createBatchAugmentation } from "./batch-augmentation.js";
import { type Callback, checkCallbacks } from "./callback.js";
import { epochEndCallback, type Progress, progressCallback } from "./callbacks/reporting.js";
import { type ClassWeights, weighClasses } from "./class-weights.js";
import { checkDataset, checkFits, checkSignal, checkSubjects } from "./compatibility.js";
import { createControl } from "./control.js";
import { trainEpoch } from "./epoch.js";
import { createEvaluator } from "./evaluate.js";
import { checkFullBatch, isBatchOptimizer } from "./full-batch.js";
import type { EpochMetrics, History } from "./history.js";
import { createPace } from "./pace.js";
import { constant, type Schedule } from "./schedules/schedule.js";
import { learnStandardization } from "./standardization.js";
import type { Training } from "./training.js";
import { TrainingAbortedError } from "./training-aborted-error.js";

export interface FitOptions {
  /** Passes over the training set, a whole number of at least 1. Default: 50, the chapter's. */
  readonly epochs?: number;
  /** Examples in a minibatch, a whole number of at least 1. Default: 100, the chapter's. */
  readonly batchSize?: number;
  /** A finite number above 0, or what gives one for each step. Default: 0.1, the chapter's. */
  readonly learningRate?: number | Schedule;
  /**
   * What updates the parameters. Default: a new {@link SGD}, the chapter's. A {@link BatchOptimizer} takes all examples together, and each
   * of its iterations counts as an epoch; it has no use for `batchSize` and `learningRate`.
   */
  readonly optimizer?: Optimizer | BatchOptimizer;
  /** Are told how the training goes, in this order, and may change its course. */
  readonly callbacks?: readonly Callback[];
  /**
   * Shuffles the training set before every epoch: a seed, or a generator in the state it is in. Default: seed 123, the
   * chapter's. What this means for a stream is described at `datasetStream`.
   */
  readonly shuffle?: number | RandomState;
  /** Leaves out a last minibatch shorter than `batchSize`, as the chapter's listing does. Not for a stream. Default: `false`. */
  readonly dropLast?: boolean;
  /** How much the examples of each class count in the training set. Default: all the same. */
  readonly classWeights?: ClassWeights;
  /**
   * Distorts the images of each minibatch before the network sees them, in every epoch in another way: `{ shift: 2, rotate: 10 }`. Losses
   * and accuracies are those of the images as they are. Its draws are its own, and change no shuffle. Default: images stay as they are.
   */
  readonly augment?: AugmentOptions;
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
  classWeights: true,
  augment: true,
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
 * @throws TrainingDivergedError when the loss of a minibatch is no finite number, with the history so far.
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
  const { signal, classWeights } = options;
  const examples = classWeights === undefined ? dataset : weighClasses(dataset, classWeights);
  const training = prepare(network, examples, options);
  await learnStandardization(network, examples, signal);
  const { context, control } = training;
  try {
    for (const callback of training.callbacks) callback.onTrainBegin?.(context);
    while (context.epoch < context.epochs && control.stopReason === undefined) {
      signal?.throwIfAborted();
      context.epoch += 1;
      context.examples = 0;
      await trainEpoch(training, examples, signal);
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

/** Checks what each option is. Their numbers are checked where they are used. */
function checkOptions(options: FitOptions): void {
  const { optimizer, callbacks, shuffle, dropLast, validation, signal, onEpochEnd, onProgress } = options;
  if (optimizer !== undefined) {
    const optimizes = hasFunctions(optimizer, "step") || hasFunctions(optimizer, "iteration");
    expectThat(optimizes, "an optimizer, such as new SGD(),", "optimizer", optimizer);
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
  const { epochs = 50, learningRate = 0.1, dropLast = false, optimizer = new SGD() } = options;
  const { batchSize = isBatchOptimizer(optimizer) ? exampleCount(dataset) : 100 } = options;
  const { dtype, backend } = network;
  const { shuffle: seedOrRandom = 123, validation, signal, onEpochEnd, onProgress } = options;
  expectWholeNumber("epochs", epochs);
  expectWholeNumber("batchSize", batchSize);
  if (dropLast && isStream(dataset)) {
    throw new InvalidArgumentError(
      "Expected dropLast to be false for a stream, where each part ends with a short minibatch.",
    );
  }
  checkFits(network, dataset);
  if (isBatchOptimizer(optimizer)) checkFullBatch(network, dataset, options);
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
  const totals = createLossTotals();
  return {
    control,
    context: {
      network,
      optimizer,
      control,
      epochs,
      epoch: 0,
      step: 0,
      stepsPerEpoch: Math.ceil(examplesPerEpoch / batchSize),
      examples: 0,
      examplesPerEpoch,
      learningRate: Number.NaN,
      get loss() {
        return network.loss.mean(totals, network.outputs);
      },
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
    totals,
    memory: createBatchMemory(partRows(dataset), batchSize, { dtype, backend, dataset }),
    pace,
    keepsGradients: options.callbacks?.some(({ onStepEnd }) => onStepEnd !== undefined) ?? false,
    ink,
    augmentation: createBatchAugmentation(options.augment, dataset, batchSize, pace),
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
  if (features.kind !== "bytes") return null;
  if (others?.images === features.data && others.width === features.width) return others;
  const images = features.data.length / features.width;
  return rows.length * epochs >= images ? listInk(dataset, { backend }) : null;
}
