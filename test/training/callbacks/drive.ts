import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { SGD } from "../../../src/optim/sgd.js";
import type { Callback, SavedState } from "../../../src/training/callback.js";
import { type ControlState, createControl } from "../../../src/training/control.js";
import type { EpochMetrics } from "../../../src/training/history.js";

/** The figures of an epoch that is told by its loss on the validation set alone. */
export function epochOf(epoch: number, validLoss: number, others: Partial<EpochMetrics> = {}): EpochMetrics {
  const [trainLoss, trainAccuracy, validAccuracy] = [validLoss / 2, 0.5, 0.25];
  return {
    epoch,
    trainLoss,
    trainAccuracy,
    validLoss,
    validAccuracy,
    seconds: 0.5,
    step: epoch * 3,
    ...others,
  };
}

export interface Driven {
  readonly control: ControlState;
  /** What the learning rate is after each epoch. */
  readonly learningRates: readonly number[];
  readonly network: MultilayerPerceptron;
}

export interface DriveOptions {
  readonly learningRate?: number;
  /** After how many epochs the training is interrupted, and gone on with by another callback. */
  readonly splitAfter?: number;
  /** What an epoch measures, by its figure. */
  readonly metrics?: (epoch: number, figure: number) => EpochMetrics;
}

/** Calls the hooks as `fit` does, with epochs of given losses, until a callback stops. The network's first bias is the epoch. */
export async function drive(
  create: () => Callback,
  losses: readonly number[],
  { learningRate = 0.1, splitAfter, metrics = epochOf }: DriveOptions = {},
): Promise<Driven> {
  const control = createControl();
  const network = new MultilayerPerceptron({ layers: [2, 2], backend: createJavaScriptBackend() });
  const bias = network.denseLayers[0]?.bias.data ?? new Float32Array(1);
  const history: EpochMetrics[] = [];
  const learningRates: number[] = [];
  const contextOf = (epoch: number) => ({
    network,
    optimizer: new SGD(),
    control,
    epochs: losses.length,
    epoch,
    step: epoch * 3,
    stepsPerEpoch: 3,
    examples: 30,
    examplesPerEpoch: 30,
    learningRate: learningRate * control.scale,
    loss: 1,
    history,
  });
  let callback = create();
  callback.onTrainBegin?.(contextOf(0));
  for (const [i, loss] of losses.entries()) {
    if (i === splitAfter) {
      const saved = structuredClone(callback.save?.()) as SavedState;
      callback = create();
      callback.onTrainBegin?.(contextOf(i));
      callback.restore?.(saved);
    }
    bias[0] = i + 1;
    callback.onEpochBegin?.(contextOf(i + 1));
    history.push(metrics(i + 1, loss));
    await callback.onEpochEnd?.(contextOf(i + 1));
    learningRates.push(learningRate * control.scale);
    if (control.stopReason !== undefined) break;
  }
  callback.onTrainEnd?.(contextOf(history.length));
  return { control, learningRates, network };
}

/** The epoch whose weights a driven network has. */
export function epochOfWeights({ network }: Driven): number {
  return network.denseLayers[0]?.bias.data[0] ?? Number.NaN;
}
