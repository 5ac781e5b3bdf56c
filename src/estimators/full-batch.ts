import { createBatchMemory } from "../data/batch-memory.js";
import type { Dataset } from "../data/dataset.js";
import { batches } from "../data/minibatches.js";
import { InvalidArgumentError } from "../errors.js";
import { createLossTotals } from "../nn/losses/loss.js";
import { LBFGS } from "../optim/lbfgs.js";
import type { Batch } from "../tensor/batch.js";
import { firstBadTensor, TrainingDivergedError } from "../training/divergence.js";
import { iterateOn } from "../training/full-batch.js";
import { createPace } from "../training/pace.js";
import { singleRank } from "../training/ranks/single-rank.js";
import { type Fitted, historyOf } from "./fitted.js";
import type { StochasticFit } from "./stochastic.js";
import { warnOfConvergence } from "./warnings.js";

/** Trains by `lbfgs`, on all examples together. The loss after each iteration is kept, which scikit-learn does not do. */
export async function fitFullBatch(
  fitted: Fitted,
  dataset: Dataset,
  { parameters, signal, onEpochEnd }: StochasticFit,
): Promise<void> {
  const { network } = fitted;
  const { dtype, backend } = network;
  if (network.isRandom) {
    throw new InvalidArgumentError(
      "Expected no dropout with the solver lbfgs, as the loss must not change from one look to the next; take adam or sgd.",
    );
  }
  const { tol, maxIter, maxFun, verbose } = parameters;
  const optimizer = new LBFGS({ tolerance: tol, maxIterations: maxIter, maxEvaluations: maxFun });
  const count = dataset.rows.length;
  const memory = createBatchMemory(count, count, { dtype, backend, dataset });
  const slots = network.createSlots(count);
  const [batch] = batches(dataset, { batchSize: count, memory }) as Iterable<Batch>;
  const totals = createLossTotals();
  const pace = createPace(signal);
  const ranks = singleRank(signal);
  fitted.optimizer = undefined;
  fitted.learningRate = Number.NaN;
  let seen = 0;
  let isStopped = false;
  const stop = () => {
    isStopped = true;
  };
  while (batch !== undefined && !isStopped) {
    const { loss, iterations, reason, converged, evaluations } = await iterateOn(batch, optimizer, network, {
      slots,
      totals,
      pace,
      ranks,
    });
    if (reason === "not finite") {
      const where = { epoch: 1, step: evaluations, tensor: firstBadTensor(network, slots, count) };
      throw new TrainingDivergedError(where, historyOf(fitted));
    }
    fitted.loss = loss;
    fitted.nIter = iterations;
    fitted.bestLoss = Math.min(loss, fitted.bestLoss);
    if (iterations > seen) {
      seen = iterations;
      fitted.lossCurve.push(loss);
      if (verbose) console.log(`Iteration ${iterations}, loss = ${loss.toFixed(8)}`);
      const learningRate = Number.NaN;
      await onEpochEnd?.({ epoch: iterations, loss, validationScore: undefined, learningRate, stop });
    }
    if (reason === undefined) continue;
    if (!converged) warnOfConvergence(reasonOf(reason, maxIter, maxFun));
    return;
  }
}

function reasonOf(reason: string, maxIter: number, maxFun: number): string {
  const why =
    reason === "iterations"
      ? `after maxIter, ${maxIter} iterations, before it had converged; allow more`
      : reason === "evaluations"
        ? `after maxFun, ${maxFun} looks at the loss, before it had converged; allow more`
        : "where no lower loss was found down the gradient; take another randomState";
  return `The fit by lbfgs ended ${why}, or bring the features to one scale.`;
}
