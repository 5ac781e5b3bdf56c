import { minibatches } from "../data/minibatches.js";
import { type DatasetOrStream, exampleCount, isStream, partRows, partsOf } from "../data/stream.js";
import { InvalidArgumentError } from "../errors.js";
import type { Dense } from "../nn/dense.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { SGD } from "../optim/sgd.js";
import { RandomState } from "../random/random-state.js";
import type { EpochMetrics } from "../runs/run-folder.js";
import { createMinibatchLoader } from "./batch-loader.js";
import { createEvaluator } from "./evaluate.js";
import type { History } from "./history.js";
import { createPace } from "./pace.js";

export interface FitOptions {
  /** Passes over the training set, a whole number of at least 1. Default: 50, the chapter's. */
  readonly epochs?: number;
  /** Examples in a minibatch, a whole number of at least 1. Default: 100, the chapter's. */
  readonly batchSize?: number;
  /** A finite number above 0. Default: 0.1, the chapter's. */
  readonly learningRate?: number;
  /**
   * Shuffles the training set before every epoch: a seed, or a generator in the state it is in. Default: seed 123, the
   * chapter's. What this means for a stream is described at `datasetStream`.
   */
  readonly shuffle?: number | RandomState;
  /** Leaves out a last minibatch shorter than `batchSize`, as the chapter's listing does. Not for a stream. Default: `false`. */
  readonly dropLast?: boolean;
  /** Evaluated after every epoch. Without it `validLoss` and `validAccuracy` are NaN. */
  readonly validation?: DatasetOrStream;
  /** Ends the training after the current minibatch: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after every epoch and its evaluation, and waited for. */
  readonly onEpochEnd?: (metrics: EpochMetrics) => void | Promise<void>;
  /** Called often during an epoch, each time the event loop gets its turn. */
  readonly onProgress?: (progress: Progress) => void;
}

/** How far the training is. */
export interface Progress {
  /** Counted from 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Examples of this epoch that the network was trained on. */
  readonly examples: number;
  /** Examples in an epoch. */
  readonly examplesPerEpoch: number;
}

/**
 * Trains a network by minibatch stochastic gradient descent on the squared error.
 *
 * The work is done on the calling thread (and the backend's own), and the event loop gets its turn at least every 20 ms on
 * networks of the chapter's size; a single operation is never interrupted. The network is updated in place: after an abort it
 * holds what it has learned so far.
 *
 * @param dataset The training set. It is evaluated after every epoch, too, so that a stream is read twice in each.
 * @throws InvalidArgumentError when an option is out of range or the dataset is empty.
 * @throws ShapeError when the network does not fit the images.
 * @throws FileAccessError or DataFormatError when a stream cannot be read.
 * @throws the signal's reason when it is aborted.
 */
export async function fit(
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
  options: FitOptions = {},
): Promise<History> {
  const { epochs = 50, batchSize = 100, learningRate = 0.1, dropLast = false } = options;
  const { shuffle: seedOrRandom = 123, validation, signal, onEpochEnd, onProgress } = options;
  if (!Number.isInteger(epochs) || epochs < 1) {
    throw new InvalidArgumentError(
      `Expected a whole number of at least 1 for epochs but received ${epochs}.`,
    );
  }
  if (dropLast && isStream(dataset)) {
    throw new InvalidArgumentError(
      "Expected dropLast to be false for a stream, where each part ends with a short minibatch.",
    );
  }
  const count = exampleCount(dataset);
  const examplesPerEpoch = dropLast ? count - (count % batchSize) : count;
  const load = createMinibatchLoader(network, dataset, { batchSize, training: true });
  if (examplesPerEpoch === 0) {
    throw new InvalidArgumentError(
      `Expected at least one minibatch of training examples but received ${count} examples.`,
    );
  }
  const optimizer = new SGD({ learningRate });
  const shuffle = typeof seedOrRandom === "number" ? new RandomState(seedOrRandom) : seedOrRandom;
  const evaluateTraining = createEvaluator(network, dataset);
  const evaluateValidation = validation === undefined ? undefined : createEvaluator(network, validation);
  const scratch = new Int32Array(partRows(dataset));
  const pace = createPace(signal);
  const history: EpochMetrics[] = [];

  for (let epoch = 1; epoch <= epochs; epoch++) {
    signal?.throwIfAborted();
    const start = performance.now();
    let examples = 0;
    // A dataset in memory is a single part; a part of a stream is as much as is in memory at a time.
    for await (const part of partsOf(dataset, { shuffle, signal })) {
      for (const rows of minibatches(part.rows, { batchSize, shuffle, dropLast, scratch })) {
        const { x, workspace, labels } = load(part, rows);
        const activations = network.forward(x, workspace);
        const gradients = network.backward(x, labels, activations, workspace);
        for (const [l, gradient] of gradients.entries()) {
          const layer = network.layers[l] as Dense; // There is a gradient for each layer.
          optimizer.step(layer.weight, gradient.weight);
          optimizer.step(layer.bias, gradient.bias);
        }
        examples += rows.length;
        if (pace.due()) {
          onProgress?.({ epoch, epochs, examples, examplesPerEpoch });
          await pace.rest();
        }
      }
    }
    const train = await evaluateTraining(signal);
    const valid = await evaluateValidation?.(signal);
    const metrics: EpochMetrics = {
      epoch,
      trainLoss: train.loss,
      trainAccuracy: train.accuracy,
      validLoss: valid?.loss ?? Number.NaN,
      validAccuracy: valid?.accuracy ?? Number.NaN,
      seconds: (performance.now() - start) / 1000,
    };
    history.push(metrics);
    await onEpochEnd?.(metrics);
  }
  return { epochs: history };
}
