import type { InkLists } from "../backend/backend.js";
import { createBatchMemory } from "../data/batch-memory.js";
import type { Dataset } from "../data/dataset.js";
import { batches } from "../data/minibatches.js";
import { type DatasetOrStream, exampleCount, partRows, partsOf } from "../data/stream.js";
import { InvalidArgumentError } from "../errors.js";
import { createLossTotals } from "../nn/losses/loss.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { expectWholeNumber } from "../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkCounts, checkFits, checkSignal, checkSubjects } from "./compatibility.js";
import { createPace } from "./pace.js";
import type { NamedMetrics, Scorer } from "./scorer.js";

/** Examples in a minibatch where only the forward pass is needed: more than in training, because nothing is learned in between. */
export const EVALUATION_BATCH = 1000;

export interface PredictOptions {
  /** Examples in a minibatch; it bounds the memory and does not change which examples count. Default: 1000. */
  readonly batchSize?: number | undefined;
  /** Ends the evaluation: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export const PREDICT_OPTIONS: KnownOptions<PredictOptions> = {
  batchSize: true,
  signal: true,
};

export interface EvaluateOptions extends PredictOptions {
  /**
   * Metrics to compute, by the names that `METRIC_NAMES` lists: `["f1Macro", "top3Accuracy"]`. They need the outputs for all examples at
   * once, also for those of a stream. Default: none.
   */
  readonly metrics?: readonly string[] | undefined;
}

const EVALUATE_OPTIONS: KnownOptions<EvaluateOptions> = { ...PREDICT_OPTIONS, metrics: true };

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
  /** Those that were asked for, by their names; NaN where one is not defined. */
  readonly metrics?: NamedMetrics;
}

/** One of several parts of a dataset, which are gone through elsewhere. */
export interface Divided {
  parts(signal: AbortSignal | undefined): Iterable<Dataset> | AsyncIterable<Dataset>;
  /** Replaces sums over this part by those over all. */
  addUp(sums: Float64Array): void | Promise<void>;
}

/** Evaluates one dataset again and again, in memory that is made once. */
export type Evaluator = (signal?: AbortSignal) => Promise<Evaluation>;

/**
 * Loss and accuracy of the network on a dataset, or a stream of one, minibatch by minibatch, the short rest included.
 *
 * @throws ShapeError when the network does not fit the images.
 * @throws InvalidArgumentError when the dataset is empty, weighs nothing or has more classes than the network, for a wrong batch size, or for a metric that
 *   there is not or that makes no sense for this network and these targets.
 */
export async function evaluate(
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  requireKnownOptions("evaluate", options, EVALUATE_OPTIONS, "{ batchSize: 1000 }");
  checkSubjects(network, dataset);
  checkSignal(options.signal);
  const scorer = await scorerOf(options.metrics, network, dataset);
  return createEvaluator(network, dataset, options.batchSize, null, scorer)(options.signal);
}

/** What computes these metrics; `null` where there are none, and then nothing is loaded for them. */
export async function scorerOf(
  metrics: readonly string[] | undefined,
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
): Promise<Scorer | null> {
  if (metrics === undefined) return null;
  const { createScorer } = await import("./scorer.js");
  return createScorer(metrics, network, dataset);
}

/**
 * As {@link evaluate}, for several evaluations of the same dataset.
 *
 * @param divided What of it is gone through here. Default: all.
 */
export function createEvaluator(
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
  batchSize = EVALUATION_BATCH,
  ink: InkLists | null = null,
  scorer: Scorer | null = null,
  divided?: Divided,
): Evaluator {
  expectWholeNumber("batchSize", batchSize);
  const count = exampleCount(dataset);
  if (count === 0) {
    throw new InvalidArgumentError(
      "Expected a dataset with at least one example to evaluate but received none.",
    );
  }
  checkFits(network, dataset);
  checkCounts(dataset);
  const longest = partRows(dataset);
  const slots = network.createSlots(Math.min(batchSize, longest), { training: false });
  const { loss, outputs, dtype, backend } = network;
  const memory = createBatchMemory(longest, batchSize, { dtype, backend, dataset });
  const hasAccuracy = loss.hasAccuracy(dataset.targets.kind);
  return async (signal) => {
    const pace = createPace(signal);
    const totals = createLossTotals();
    scorer?.begin();
    for await (const part of divided?.parts(signal) ?? partsOf(dataset, { signal })) {
      scorer?.addTargets(part);
      for (const batch of batches(part, { batchSize, memory, ink })) {
        const outputs = network.forward(batch.x, slots);
        network.addLoss(batch, slots, totals);
        scorer?.addOutputs(outputs.at(-1) as Tensor); // A network has at least one layer.
        if (pace.due()) await pace.rest();
      }
    }
    await divided?.addUp(totals);
    const [, correct = 0, weight = 0] = totals;
    return {
      loss: loss.mean(totals, outputs),
      accuracy: hasAccuracy ? correct / weight : Number.NaN,
      correct: hasAccuracy ? correct : Number.NaN,
      count,
      ...(scorer !== null && { metrics: await scorer.compute(pace) }),
    };
  };
}
