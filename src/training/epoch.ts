import { performance } from "node:perf_hooks";
import type { DatasetOrStream } from "../data/stream.js";
import type { Optimizer } from "../optim/optimizer.js";
import { firstBadTensor, TrainingDivergedError } from "./divergence.js";
import { isBatchOptimizer, iterateOnce } from "./full-batch.js";
import type { EpochMetrics } from "./history.js";
import { checkLearningRate } from "./schedules/schedule.js";
import type { Training } from "./training.js";

/** One pass over the training set and its evaluation: a new one, or the rest of the one that was begun. */
export async function trainEpoch(
  training: Training,
  dataset: DatasetOrStream,
  signal: AbortSignal | undefined,
) {
  const { context, callbacks, position } = training;
  if (!position.isWithinEpoch) beginEpoch(training);
  if (!isBatchOptimizer(context.optimizer)) await takeSteps(training, context.optimizer, dataset);
  else if (position.batches === 0) {
    await iterateOnce(training, context.optimizer, dataset);
    if (training.ranks.isPaused(training)) await whilePaused(training);
  }
  const train = await training.evaluateTraining(signal);
  const valid = await training.evaluateValidation?.(signal);
  const metrics: EpochMetrics = {
    epoch: context.epoch,
    trainLoss: train.loss,
    trainAccuracy: train.accuracy,
    validLoss: valid?.loss ?? Number.NaN,
    validAccuracy: valid?.accuracy ?? Number.NaN,
    seconds: (performance.now() - position.start) / 1000,
    step: context.step,
    learningRate: context.learningRate,
    ...(train.metrics !== undefined && { trainMetrics: train.metrics }),
    ...(valid?.metrics !== undefined && { validMetrics: valid.metrics }),
  };
  position.isWhole = false;
  context.history.push(metrics);
  for (const callback of callbacks) await callback.onEpochEnd?.(context);
  position.isWithinEpoch = false;
  position.isWhole = true;
  const agreement = training.ranks.endEpoch(training);
  if (agreement !== undefined) await agreement;
  await training.offerCheckpoint?.("epoch");
}

/** Settled when a pause ends, rejected with the signal's reason when it is aborted. The pause is no part of the epoch's time. */
export async function whilePaused(training: Training): Promise<void> {
  const { context, callbacks, position, ranks } = training;
  const start = performance.now();
  for (const callback of callbacks) callback.onPause?.(context);
  await ranks.whilePaused(training);
  position.start += performance.now() - start;
  for (const callback of callbacks) callback.onResume?.(context);
}

function beginEpoch({ context, callbacks, position, shuffle, offerCheckpoint }: Training): void {
  position.isWhole = false;
  context.epoch += 1;
  context.examples = 0;
  position.batches = 0;
  position.start = performance.now();
  if (offerCheckpoint !== undefined) position.shuffle = shuffle.getState();
  for (const callback of callbacks) callback.onEpochBegin?.(context);
  position.isWithinEpoch = true;
  position.isWhole = true;
}

async function takeSteps(training: Training, optimizer: Optimizer, dataset: DatasetOrStream): Promise<void> {
  const { context, control, callbacks, schedule, pace, ranks } = training;
  const { augmentation, position, offerCheckpoint } = training;
  const { network } = context;
  const { slots, totals } = training;
  // Not those of a training that is resumed in this epoch, which it has had.
  for await (const { part, batches } of ranks.draw(training, dataset, position.batches)) {
    for (const drawn of batches) {
      const batch = augmentation === null ? drawn : await augmentation.distort(drawn, part, context.epoch);
      const rate: unknown = schedule(context);
      const learningRate = typeof rate === "number" ? rate * control.scale : (rate as number);
      checkLearningRate(learningRate);
      position.isWhole = false;
      position.scheduledRate = rate as number;
      context.learningRate = learningRate;
      totals.fill(0);
      for (const callback of callbacks) callback.onStepBegin?.(context);
      const rows = batch.x.shape[0] as number;
      let examples = rows;
      let hasStepped = true;
      if (training.readsGradients(context) || ranks.addsGradients) {
        const passes = ranks.backward(training, batch);
        examples = typeof passes === "number" ? passes : await passes;
        hasStepped = Number.isFinite(totals[0]);
        if (hasStepped) optimizer.step(network.trainable, context.learningRate);
      } else {
        hasStepped = network.trainStep(batch, slots, optimizer, context.learningRate, totals);
      }
      context.step += 1;
      context.examples += examples;
      position.batches += 1;
      if (!hasStepped) throw diverged(training, rows);
      for (const callback of callbacks) callback.onStepEnd?.(context);
      position.isWhole = true;
      const saving = offerCheckpoint?.("step");
      if (saving !== undefined) await saving;
      if (pace.due()) await pace.rest();
      if (ranks.isPaused(training)) await whilePaused(training);
    }
  }
}

function diverged({ context, slots }: Training, examples: number): TrainingDivergedError {
  const { epoch, step, network, history } = context;
  return new TrainingDivergedError(
    { epoch, step, tensor: firstBadTensor(network, slots, examples) },
    { epochs: history },
  );
}
