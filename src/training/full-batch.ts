import { batches } from "../data/minibatches.js";
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
  { slots, totals, pace }: Pick<Training, "slots" | "totals" | "pace">,
  signal?: AbortSignal,
): Promise<BatchProgress> {
  if (pace.due()) await pace.rest();
  const iteration = optimizer.iteration(network.trainable);
  try {
    let next = iteration.next();
    while (next.done !== true) {
      totals.fill(0);
      network.forward(batch.x, slots);
      network.backward(batch, slots, totals);
      next = iteration.next(network.objectiveOf(batch, slots, totals));
      // One that has come to its end counts, and must not be taken again by a training that goes on.
      if (next.done === true) break;
      await pace.rest();
      signal?.throwIfAborted();
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
  signal: AbortSignal | undefined,
): Promise<void> {
  if (isStream(dataset)) return; // checkFullBatch has refused it.
  const { context, memory, ink, batchSize, control, position } = training;
  const [batch] = batches(dataset, { batchSize, memory, ink }) as Iterable<Batch>;
  if (batch === undefined) return;
  const { evaluations, reason } = await iterateOn(batch, optimizer, context.network, training, signal);
  position.batches = 1;
  context.step = evaluations;
  context.examples = batch.x.shape[0] as number;
  if (reason !== undefined) control.stop(`the optimizer ended: ${reason}`);
}
