import { type DatasetOrStream, isStream } from "../data/stream.js";
import { InvalidArgumentError } from "../errors.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import type { BatchOptimizer, BatchProgress } from "../optim/batch-optimizer.js";
import { hasFunctions } from "../system/expected.js";
import type { Batch } from "../tensor/batch.js";
import type { Training } from "./training.js";

export function isBatchOptimizer(optimizer: unknown): optimizer is BatchOptimizer {
  return hasFunctions(optimizer, "iteration");
}

/**
 * Checks that the loss of all examples together can be computed again and again, and is the same each time.
 *
 * @throws InvalidArgumentError otherwise.
 */
export function checkFullBatch(
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
  {
    batchSize,
    augment,
    learningRate,
  }: Readonly<Partial<Record<"batchSize" | "augment" | "learningRate", unknown>>>,
): void {
  const fault = isStream(dataset)
    ? "a dataset in memory, as it takes all examples together, but received a stream"
    : network.isRandom
      ? "a network without dropout, as the loss must not change from one look to the next"
      : augment !== undefined
        ? "images that stay as they are, without augment"
        : batchSize !== undefined || learningRate !== undefined
          ? "neither batchSize nor learningRate, as it takes all examples together and finds the step by itself"
          : undefined;
  if (fault !== undefined) throw new InvalidArgumentError(`Expected for a full-batch optimizer ${fault}.`);
}

/**
 * One iteration on a minibatch that holds all examples; ended by an error, the parameters are where it began.
 *
 * @param room What the passes are made in, and what gives way to the event loop.
 */
export async function iterateOn(
  batch: Batch,
  optimizer: BatchOptimizer,
  network: MultilayerPerceptron,
  { slots, totals, pace, ranks }: Pick<Training, "slots" | "totals" | "pace" | "ranks">,
): Promise<BatchProgress> {
  if (pace.due()) await pace.rest();
  const iteration = optimizer.iteration(network.trainable);
  try {
    let next = iteration.next();
    while (next.done !== true) {
      totals.fill(0);
      const objective = ranks.evaluate(network, batch, slots, totals);
      next = iteration.next(typeof objective === "number" ? objective : await objective);
      // One that has come to its end counts, and must not be taken again by a training that goes on.
      if (next.done === true) break;
      await pace.rest(); // Throws when the training is aborted.
    }
    return next.value;
  } finally {
    iteration.return(undefined as never);
  }
}

/** One iteration on all examples together. */
export async function iterateOnce(
  training: Training,
  optimizer: BatchOptimizer,
  dataset: DatasetOrStream,
): Promise<void> {
  if (isStream(dataset)) return; // checkFullBatch has refused it.
  const { context, control, position, ranks } = training;
  const batch = ranks.drawWhole(training, dataset);
  if (batch === undefined) return;
  const { evaluations, reason } = await iterateOn(batch, optimizer, context.network, training);
  position.batches = 1;
  context.step = evaluations;
  context.examples = dataset.rows.length;
  if (reason !== undefined) control.stop(`the optimizer ended: ${reason}`);
}
