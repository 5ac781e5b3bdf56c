import type { MultilayerPerceptron } from "../nn/mlp.js";
import type { Optimizer } from "../optim/optimizer.js";
import type { Control } from "./control.js";
import type { EpochMetrics } from "./history.js";

/** Where a training is, for a {@link Callback}. One object for the whole of it, whose values change. */
export interface TrainingContext {
  readonly network: MultilayerPerceptron;
  readonly optimizer: Optimizer;
  readonly control: Control;
  readonly epochs: number;
  /** Counted from 1; 0 before the first. */
  readonly epoch: number;
  /** Steps taken in all. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** Examples of this epoch that the network was trained on. */
  readonly examples: number;
  /** Examples in an epoch. */
  readonly examplesPerEpoch: number;
  /** Of the last step. */
  readonly learningRate: number;
  /** Of every epoch that is finished, the last one included when `onEpochEnd` is called. */
  readonly history: readonly EpochMetrics[];
}

/**
 * What is told how a training goes, and may change its course through `control`. An error that a hook throws ends the training,
 * and `fit` rejects with it.
 */
export interface Callback {
  /** Before the first epoch. */
  onTrainBegin?(context: TrainingContext): void;
  onEpochBegin?(context: TrainingContext): void;
  /** After each minibatch: thousands of times an epoch, so it should be quick. */
  onStepEnd?(context: TrainingContext): void;
  /** After an epoch and its evaluation; waited for. */
  onEpochEnd?(context: TrainingContext): void | Promise<void>;
  /** After the last epoch; not when the training ends by an error or an abort. */
  onTrainEnd?(context: TrainingContext): void;
}
