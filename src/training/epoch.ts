import { performance } from "node:perf_hooks";
import { batches } from "../data/minibatches.js";
import { type DatasetOrStream, partsOf } from "../data/stream.js";
import type { Optimizer } from "../optim/optimizer.js";
import { firstBadTensor, TrainingDivergedError } from "./divergence.js";
import { isBatchOptimizer, iterateOnce } from "./full-batch.js";
import type { EpochMetrics } from "./history.js";
import { checkLearningRate } from "./schedules/schedule.js";
import type { Training } from "./training.js";

/** One pass over the training set and its evaluation. */
export async function trainEpoch(
  training: Training,
  dataset: DatasetOrStream,
  signal: AbortSignal | undefined,
) {
  const { context, callbacks } = training;
  const start = performance.now();
  for (const callback of callbacks) callback.onEpochBegin?.(context);
  if (isBatchOptimizer(context.optimizer)) await iterateOnce(training, context.optimizer, dataset, signal);
  else await takeSteps(training, context.optimizer, dataset, signal);
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

async function takeSteps(
  training: Training,
  optimizer: Optimizer,
  dataset: DatasetOrStream,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { context, control, callbacks, schedule, pace, batchSize, dropLast, shuffle, memory } = training;
  const { augmentation } = training;
  const { network } = context;
  const { slots, totals } = training;
  // A dataset in memory is a single part; a part of a stream is as much as is in memory at a time.
  for await (const part of partsOf(dataset, { shuffle, signal })) {
    for (const drawn of batches(part, { batchSize, shuffle, dropLast, memory, ink: training.ink })) {
      const batch = augmentation === null ? drawn : await augmentation.distort(drawn, part, context.epoch);
      const rate: unknown = schedule(context);
      context.learningRate = typeof rate === "number" ? rate * control.scale : (rate as number);
      checkLearningRate(context.learningRate);
      totals.fill(0);
      for (const callback of callbacks) callback.onStepBegin?.(context);
      const examples = batch.x.shape[0] as number;
      let hasStepped = true;
      if (training.keepsGradients) {
        network.forward(batch.x, slots);
        network.backward(batch, slots, totals);
        hasStepped = Number.isFinite(totals[0]);
        if (hasStepped) optimizer.step(network.trainable, context.learningRate);
      } else {
        hasStepped = network.trainStep(batch, slots, optimizer, context.learningRate, totals);
      }
      context.step += 1;
      context.examples += examples;
      if (!hasStepped) throw diverged(training, examples);
      for (const callback of callbacks) callback.onStepEnd?.(context);
      if (pace.due()) await pace.rest();
      if (control.paused) await control.whilePaused(signal);
    }
  }
}

export function diverged({ context, slots }: Training, examples: number): TrainingDivergedError {
  const { epoch, step, network, history } = context;
  return new TrainingDivergedError(
    { epoch, step, tensor: firstBadTensor(network, slots, examples) },
    { epochs: history },
  );
}
