import type { InkLists } from "../backend/backend.js";
import { createBatchMemory } from "../data/batch-memory.js";
import { batches } from "../data/minibatches.js";
import { type DatasetOrStream, exampleCount, partRows, partsOf } from "../data/stream.js";
import { InvalidArgumentError } from "../errors.js";
import { createLossTotals } from "../nn/losses/loss.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { expectWholeNumber } from "../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { checkFits, checkSignal, checkSubjects } from "./compatibility.js";
import { createPace } from "./pace.js";

/** Examples in a minibatch where only the forward pass is needed: more than in training, because nothing is learned in between. */
export const EVALUATION_BATCH = 1000;

export interface EvaluateOptions {
  /** Examples in a minibatch; it bounds the memory and does not change which examples count. Default: 1000. */
  readonly batchSize?: number | undefined;
  /** Ends the evaluation: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export const EVALUATE_OPTIONS: KnownOptions<EvaluateOptions> = {
  batchSize: true,
  signal: true,
};

export interface Evaluation {
  /**
   * The network's loss: by default the mean squared error over all examples and output units.
   *
   * The chapter's printed listing divides the sum over the minibatches by one minibatch too few (a published erratum), so
   * that its figures are larger by a factor of n / (n - 1) minibatches. Here the mean is right.
   */
  readonly loss: number;
  /** The share of correct examples, 0 to 1; NaN where values are learned, not classes. */
  readonly accuracy: number;
  /** Examples whose largest output is that of their class; each counts by its weight, where there are weights. */
  readonly correct: number;
  readonly count: number;
}

/** Evaluates one dataset again and again, in memory that is made once. */
export type Evaluator = (signal?: AbortSignal) => Promise<Evaluation>;

/**
 * Loss and accuracy of the network on a dataset, or a stream of one, minibatch by minibatch, the short rest included.
 *
 * @throws ShapeError when the network does not fit the images.
 * @throws InvalidArgumentError when the dataset is empty or has more classes than the network, or for a wrong batch size.
 */
export async function evaluate(
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  requireKnownOptions("evaluate", options, EVALUATE_OPTIONS, "{ batchSize: 1000 }");
  checkSubjects(network, dataset);
  checkSignal(options.signal);
  return createEvaluator(network, dataset, options.batchSize)(options.signal);
}

/** As {@link evaluate}, for several evaluations of the same dataset. */
export function createEvaluator(
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
  batchSize = EVALUATION_BATCH,
  ink: InkLists | null = null,
): Evaluator {
  expectWholeNumber("batchSize", batchSize);
  const count = exampleCount(dataset);
  if (count === 0) {
    throw new InvalidArgumentError(
      "Expected a dataset with at least one example to evaluate but received none.",
    );
  }
  checkFits(network, dataset);
  const longest = partRows(dataset);
  const slots = network.createSlots(Math.min(batchSize, longest), { training: false });
  const { loss, outputs, dtype, backend } = network;
  const memory = createBatchMemory(longest, batchSize, { dtype, backend, dataset });
  const hasAccuracy = loss.hasAccuracy(dataset.targets.kind);
  return async (signal) => {
    const pace = createPace(signal);
    const totals = createLossTotals();
    for await (const part of partsOf(dataset, { signal })) {
      for (const batch of batches(part, { batchSize, memory, ink })) {
        network.forward(batch.x, slots);
        network.addLoss(batch, slots, totals);
        if (pace.due()) await pace.rest();
      }
    }
    const [, correct = 0, weight = 0] = totals;
    return {
      loss: loss.mean(totals, outputs),
      accuracy: hasAccuracy ? correct / weight : Number.NaN,
      correct: hasAccuracy ? correct : Number.NaN,
      count,
    };
  };
}
