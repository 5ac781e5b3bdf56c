import { createBatchMemory } from "../data/batch-memory.js";
import type { Dataset } from "../data/dataset.js";
import { listInk } from "../data/ink.js";
import { batches } from "../data/minibatches.js";
import { createLossTotals } from "../nn/losses/loss.js";
import { Adam } from "../optim/adam.js";
import type { Optimizer } from "../optim/optimizer.js";
import { SGD } from "../optim/sgd.js";
import type { RandomState } from "../random/random-state.js";
import { firstBadTensor, TrainingDivergedError } from "../training/divergence.js";
import { createPace } from "../training/pace.js";
import { checkLearningRate } from "../training/schedules/schedule.js";
import { type Fitted, historyOf, keepBest, keepFirst, restoreBest } from "./fitted.js";
import type { MLPParameters } from "./mlp-parameters.js";
import { shuffled } from "./random.js";
import { warnOfBatchSize, warnOfConvergence } from "./warnings.js";

/** How far a fit has come, after an epoch. */
export interface EstimatorEpoch {
  /** Counted from 1, over all fits where one goes on from another. */
  readonly epoch: number;
  /** The mean over the minibatches of the epoch, each as the network was before its step. */
  readonly loss: number;
  /** Of the examples set aside for early stopping; `undefined` without it. */
  readonly validationScore: number | undefined;
  /** Of the epoch's last step. */
  readonly learningRate: number;
  /** Ends the fit after this epoch. */
  stop(): void;
}

/** What a fit by minibatches goes by. */
export interface StochasticFit {
  readonly parameters: Required<MLPParameters>;
  readonly random: RandomState;
  readonly signal: AbortSignal | undefined;
  readonly onEpochEnd: ((epoch: EstimatorEpoch) => void | Promise<void>) | undefined;
  /** A single epoch with the optimizer of the fit before. */
  readonly isPartial: boolean;
  /** The score of the examples set aside for early stopping; `undefined` without it. */
  readonly validate: (() => Promise<number>) | undefined;
}

/** Trains by minibatches, with the draws, the order and the reasons to end of scikit-learn's `sgd` and `adam`. */
export async function fitStochastically(fitted: Fitted, dataset: Dataset, fit: StochasticFit): Promise<void> {
  const { parameters, isPartial, validate } = fit;
  const restores = !isPartial && (validate !== undefined || parameters.restoreBestWeights);
  if (!isPartial || fitted.optimizer === undefined) begin(fitted, parameters);
  if (isPartial)
    fitted.best = undefined; // It may find better ones, which are not kept.
  else if (restores && validate === undefined) keepFirst(fitted);
  const epochs = isPartial ? 1 : parameters.maxIter;
  const runEpoch = createEpoch(fitted, dataset, fit);
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      await runEpoch();
      if (await isOver(fitted, fit, restores)) return;
    }
    if (!isPartial) {
      warnOfConvergence(
        `The fit ended after maxIter, ${parameters.maxIter} epochs, before it had converged; allow more, or a larger tol.`,
      );
    }
  } finally {
    if (restores) restoreBest(fitted);
    // As in scikit-learn, where the best weights are those that a warm start then changes: it keeps the last where it finds no better ones.
    if (validate !== undefined) fitted.best = undefined;
  }
}

function begin(fitted: Fitted, parameters: Required<MLPParameters>): void {
  fitted.optimizer = createOptimizer(parameters);
  fitted.learningRate = parameters.learningRateInit;
  fitted.optimizerEpochs = 0;
}

/** scikit-learn's `sgd` or `adam`. */
function createOptimizer(parameters: Required<MLPParameters>): Optimizer {
  const { solver, momentum, nesterovsMomentum, beta1, beta2, epsilon } = parameters;
  return solver === "sgd"
    ? new SGD({ momentum, nesterov: nesterovsMomentum && momentum > 0 })
    : new Adam({ beta1, beta2, epsilon, scaleEpsilon: true });
}

/** Makes all memory, and gives what runs an epoch. */
function createEpoch(fitted: Fitted, dataset: Dataset, { parameters, random, signal }: StochasticFit) {
  const { network } = fitted;
  const { dtype, backend } = network;
  const { shuffle, learningRate, maxIter } = parameters;
  const count = dataset.rows.length;
  const batchSize = batchSizeOf(parameters, count);
  const stepsPerEpoch = Math.ceil(count / batchSize);
  const slots = network.createSlots(batchSize);
  const memory = createBatchMemory(count, batchSize, { dtype, backend, dataset });
  const ink = dataset.features.kind === "bytes" ? listInk(dataset, { backend }) : null;
  const totals = createLossTotals();
  const pace = createPace(signal);
  const optimizer = fitted.optimizer as Optimizer; // It was made just before.
  let { rows } = dataset;
  return async () => {
    signal?.throwIfAborted();
    if (shuffle) rows = shuffled(rows, random); // Each order is made of the one before.
    let [sum, weight] = [0, 0];
    const epoch = fitted.optimizerEpochs + 1;
    for (const batch of batches({ ...dataset, rows }, { batchSize, memory, ink })) {
      if (typeof learningRate === "function") {
        const step = optimizer.steps;
        fitted.learningRate = learningRate({
          step,
          epoch,
          stepsPerEpoch,
          examplesPerEpoch: dataset.rows.length,
          epochs: maxIter,
        });
        checkLearningRate(fitted.learningRate);
      }
      totals.fill(0);
      network.forward(batch.x, slots);
      network.backward(batch, slots, totals);
      const [total = 0, , ofBatch = 0] = totals;
      if (!Number.isFinite(total)) {
        const tensor = firstBadTensor(network, slots, batch.x.shape[0] as number);
        const where = { epoch: fitted.nIter + 1, step: optimizer.steps + 1, tensor };
        throw new TrainingDivergedError(where, historyOf(fitted));
      }
      sum += network.objectiveOf(batch, slots, totals) * ofBatch;
      weight += ofBatch;
      optimizer.step(network.trainable, fitted.learningRate);
      if (pace.due()) await pace.rest();
    }
    fitted.optimizerEpochs = epoch;
    fitted.nIter += 1;
    fitted.t += count;
    fitted.loss = sum / weight;
    fitted.lossCurve.push(fitted.loss);
  };
}

function batchSizeOf({ batchSize }: Required<MLPParameters>, count: number): number {
  if (batchSize === "auto") return Math.min(200, count);
  if (batchSize > count) warnOfBatchSize(batchSize, count);
  return Math.min(batchSize, count);
}

/** What is done after an epoch; whether it was the last. */
async function isOver(fitted: Fitted, fit: StochasticFit, restores: boolean): Promise<boolean> {
  const { parameters, isPartial, validate, onEpochEnd } = fit;
  const { learningRate, nIterNoChange, verbose } = parameters;
  const { loss, learningRate: used } = fitted;
  const validationScore = await validate?.();
  compare(fitted, validationScore, parameters.tol, restores);
  if (verbose) {
    const score = validationScore === undefined ? "" : `, validation score = ${validationScore.toFixed(6)}`;
    console.log(`Iteration ${fitted.nIter}, loss = ${loss.toFixed(8)}${score}`);
  }
  if (learningRate === "invscaling" && parameters.solver === "sgd") {
    const { learningRateInit, powerT } = parameters;
    changeLearningRate(fitted, learningRateInit / (fitted.t + 1) ** powerT);
  }
  let isStopped = false;
  const stop = () => {
    isStopped = true;
  };
  await onEpochEnd?.({ epoch: fitted.nIter, loss, validationScore, learningRate: used, stop });
  if (fitted.noImprovement > nIterNoChange) {
    if (parameters.solver !== "sgd" || learningRate !== "adaptive" || fitted.learningRate <= 1e-6)
      return true;
    changeLearningRate(fitted, fitted.learningRate / 5);
    fitted.noImprovement = 0;
  }
  return isStopped || isPartial;
}

/** Whether the epoch was an improvement, and by enough. */
function compare(fitted: Fitted, score: number | undefined, tol: number, restores: boolean): void {
  const { loss, bestLoss, bestValidationScore } = fitted;
  const isTooLittle = score === undefined ? loss > bestLoss - tol : score < bestValidationScore + tol;
  fitted.noImprovement = isTooLittle ? fitted.noImprovement + 1 : 0;
  const isBest = score === undefined ? loss < bestLoss : score > bestValidationScore;
  if (score === undefined) fitted.bestLoss = Math.min(loss, bestLoss);
  else {
    fitted.validationScores?.push(score);
    if (score > bestValidationScore) fitted.bestValidationScore = score; // NaN is none.
  }
  if (isBest && restores) keepBest(fitted);
}

/**
 * scikit-learn's velocity is ours times the learning rate, of the step in which it was added: so that both go on alike, ours changes with
 * the rate.
 */
function changeLearningRate(fitted: Fitted, learningRate: number): void {
  const factor = fitted.learningRate / learningRate;
  for (const { data } of fitted.optimizer?.slots.values() ?? []) {
    for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) * factor;
  }
  fitted.learningRate = learningRate;
}
