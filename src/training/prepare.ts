import type { InkLists } from "../backend/backend.js";
import { createBatchMemory } from "../data/batch-memory.js";
import { listInk } from "../data/ink.js";
import { type DatasetOrStream, exampleCount, isStream, partRows } from "../data/stream.js";
import { InvalidArgumentError } from "../errors.js";
import { createLossTotals } from "../nn/losses/loss.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { SGD } from "../optim/sgd.js";
import { RandomState } from "../random/random-state.js";
import { expectThat, expectWholeNumber, hasFunctions } from "../system/expected.js";
import { createBatchAugmentation } from "./batch-augmentation.js";
import { gradientQuestion } from "./callback.js";
import { epochEndCallback, progressCallback } from "./callbacks/reporting.js";
import { isSaver, offerCheckpoint } from "./checkpoint-offer.js";
import { checkFits } from "./compatibility.js";
import { createControl } from "./control.js";
import { scorerOf } from "./evaluate.js";
import type { FitOptions } from "./fit-options.js";
import { checkFullBatch, isBatchOptimizer } from "./full-batch.js";
import { createPace } from "./pace.js";
import { encodeTraining } from "./resume.js";
import { constant } from "./schedules/schedule.js";
import { createPosition, type Ranks, type Training } from "./training.js";

/**
 * Checks the numbers and makes all memory.
 *
 * @throws What `fit` does before it begins.
 */
export async function prepare(
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
  options: FitOptions,
  ranks: Ranks,
): Promise<Training> {
  const scorers = await scorersOf(network, dataset, options);
  const { epochs = 50, learningRate = 0.1, dropLast = false, optimizer = new SGD() } = options;
  const { batchSize = isBatchOptimizer(optimizer) ? exampleCount(dataset) : 100 } = options;
  const { dtype, backend } = network;
  const { shuffle: seedOrRandom = 123, validation, onEpochEnd, onProgress } = options;
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
  const listed = options.resume?.state.listsInk;
  const ink = inkOf(dataset, network, epochs, null, listed?.training);
  const pace = createPace(ranks.signal);
  const control = createControl();
  const totals = createLossTotals();
  const rows = ranks.rowsOf(batchSize);
  const callbacks = [
    ...(options.callbacks ?? []),
    ...(onProgress ? [progressCallback(onProgress, pace)] : []),
    ...(onEpochEnd ? [epochEndCallback(onEpochEnd)] : []),
  ];
  const shuffle = typeof seedOrRandom === "number" ? new RandomState(seedOrRandom) : seedOrRandom;
  const savers = callbacks.filter(isSaver);
  const isSaved = savers.length > 0 || options.resume !== undefined;
  if (isSaved) {
    const tells = hasFunctions(shuffle, "getState") && hasFunctions(shuffle, "setState");
    expectThat(tells, "a seed or a RandomState, whose state can be saved,", "shuffle", shuffle);
  }
  const validationInk =
    validation === undefined ? null : inkOf(validation, network, epochs, ink, listed?.validation);
  const training: Training = {
    identity: undefined,
    position: createPosition(),
    offerCheckpoint: isSaved ? (at) => offerCheckpoint(training.context, savers, at) : undefined,
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
      at: "step",
      encodeCheckpoint: (metadata) => encodeTraining(training, metadata),
    },
    callbacks,
    schedule: typeof learningRate === "function" ? learningRate : constant(learningRate),
    batchSize,
    dropLast,
    shuffle,
    ranks,
    slots: network.createSlots(Math.min(rows, partRows(dataset))),
    totals,
    memory: createBatchMemory(partRows(dataset), rows, { dtype, backend, dataset }),
    pace,
    readsGradients: gradientQuestion(options.callbacks ?? []),
    ink,
    validationInk,
    augmentation: createBatchAugmentation(options.augment, dataset, rows, pace),
    evaluateTraining: ranks.createEvaluator(network, dataset, ink, scorers.train),
    evaluateValidation:
      validation === undefined
        ? undefined
        : ranks.createEvaluator(network, validation, validationInk, scorers.valid),
  };
  return training;
}

/** What computes the metrics of each set. */
async function scorersOf(
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
  { metrics, validation }: FitOptions,
) {
  return {
    train: await scorerOf(metrics, network, dataset),
    valid: validation === undefined ? null : await scorerOf(metrics, network, validation),
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
  isWanted?: boolean,
): InkLists | null {
  if (isStream(dataset)) return null;
  const { features, rows } = dataset;
  if (features.kind !== "bytes") return null;
  if (others?.images === features.data && others.width === features.width) return others;
  const images = features.data.length / features.width;
  return (isWanted ?? rows.length * epochs >= images) ? listInk(dataset, { backend }) : null;
}
