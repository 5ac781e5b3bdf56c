import { InvalidArgumentError } from "../errors.js";
import type { SavedState } from "../formats/saved-state.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import type { BatchOptimizer } from "../optim/batch-optimizer.js";
import type { Optimizer } from "../optim/optimizer.js";
import { expectBoolean, expectFunction, expectThat } from "../system/expected.js";
import { isOptions, type KnownOptions, nearestName } from "../system/known-options.js";
import type { Control } from "./control.js";
import type { EpochMetrics } from "./history.js";

export type { SavedState };

/** Where a training is, for a {@link Callback}. One object for the whole of it, whose values change. */
export interface TrainingContext {
  readonly network: MultilayerPerceptron;
  readonly optimizer: Optimizer | BatchOptimizer;
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
  /** Mean loss of the last step's minibatch, as the network was before it. Costs nothing until it is read. */
  readonly loss: number;
  /** Of every epoch that is finished, the last one included when `onEpochEnd` is called. */
  readonly history: readonly EpochMetrics[];
}

/** When a training can be saved. */
export interface CheckpointContext extends TrainingContext {
  /** After a step, after an epoch with its evaluation and all hooks, or because the training was aborted after a step. */
  readonly at: "step" | "epoch" | "abort";
  /**
   * All that it takes to go on from here to the same bits, and the network: the bytes of a file that `fit` resumes from, and `loadModel` reads.
   *
   * @param metadata Whatever else should be known, as for `saveModel`.
   */
  encodeCheckpoint(metadata?: Readonly<Record<string, string>>): Uint8Array;
}

/**
 * What is told how a training goes, and may change its course through `control`. An error that a hook throws ends the training,
 * and `fit` rejects with it.
 */
export interface Callback {
  /** Under which its state is kept in a checkpoint; needed where there is a `save`. */
  readonly name?: string;
  /** Before the first epoch, also of a training that is resumed; waited for. */
  onTrainBegin?(context: TrainingContext): void | Promise<void>;
  onEpochBegin?(context: TrainingContext): void;
  /** Before each minibatch. */
  onStepBegin?(context: TrainingContext): void;
  /**
   * Whether `onStepEnd` looks at the `gradient` of a parameter. Where nobody does, plain gradient descent writes none, which is quicker. A
   * function is asked before each step, after all `onStepBegin`: who looks at few steps slows the others down by nothing but the question.
   * Default: `true`.
   */
  readonly readsGradients?: boolean | ((context: TrainingContext) => boolean);
  /**
   * After each minibatch: thousands of times an epoch, so it should be quick. `gradient` of each parameter is that of the minibatch, unless
   * {@link readsGradients} is, or has said, `false`.
   */
  onStepEnd?(context: TrainingContext): void;
  /** When the training begins to wait, by `control.pause`: the step, the iteration or the epoch before is over. */
  onPause?(context: TrainingContext): void;
  /** When it goes on; not when it is aborted in a pause. */
  onResume?(context: TrainingContext): void;
  /** After an epoch and its evaluation; waited for. */
  onEpochEnd?(context: TrainingContext): void | Promise<void>;
  /**
   * Whenever all other hooks of a step or an epoch have been called, so that the training could be saved; waited for. It decides by
   * itself whether it is time to.
   */
  onCheckpoint?(context: CheckpointContext): void | Promise<void>;
  /** After the last epoch; not when the training ends by an error or an abort. */
  onTrainEnd?(context: TrainingContext): void;
  /** What {@link restore} needs to go on as if there had been no interruption. */
  save?(): SavedState;
  /** Called after `onTrainBegin` of a training that is resumed, with what `save` has returned. */
  restore?(saved: SavedState): void;
}

const HOOKS: KnownOptions<Omit<Callback, "name" | "readsGradients">> = {
  onTrainBegin: true,
  onEpochBegin: true,
  onStepBegin: true,
  onStepEnd: true,
  onPause: true,
  onResume: true,
  onEpochEnd: true,
  onCheckpoint: true,
  onTrainEnd: true,
  save: true,
  restore: true,
};

/**
 * A misspelt hook would be one that is never called. Objects of a class may have functions of their own, and any may keep values.
 *
 * @throws InvalidArgumentError when these are no callbacks, or when one has a function that is no hook.
 */
export function checkCallbacks(callbacks: unknown): void {
  expectThat(Array.isArray(callbacks), "an array of callbacks", "callbacks", callbacks);
  for (const callback of callbacks as readonly unknown[]) {
    const isObject = isOptions(callback);
    expectThat(isObject, "an object with hooks, such as { onEpochEnd },", "each of callbacks", callback);
    if (isObject) checkHooks(callback as Readonly<Record<string, unknown>>);
  }
}

function checkHooks(callback: Readonly<Record<string, unknown>>): void {
  const hooks = Object.keys(HOOKS);
  for (const name of hooks) {
    if (callback[name] !== undefined) expectFunction(`${name} of a callback`, callback[name]);
  }
  const { name, readsGradients, save, restore } = callback;
  if (readsGradients !== undefined) {
    const isAnswer = typeof readsGradients === "boolean" || typeof readsGradients === "function";
    const expected = "true, false or a function that says so before each step";
    expectThat(isAnswer, expected, "readsGradients of a callback", readsGradients);
  }
  if (save !== undefined || restore !== undefined) {
    const isWhole = typeof name === "string" && name !== "" && save !== undefined && restore !== undefined;
    expectThat(isWhole, "a name, save and restore together", "a callback with a state", callback);
  }
  const prototype: unknown = Object.getPrototypeOf(callback);
  if (prototype !== null && prototype !== Object.prototype) return;
  const unknown = Object.keys(callback).find(
    (name) => !hooks.includes(name) && name !== "readsGradients" && typeof callback[name] === "function",
  );
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, hooks);
  const remedy = nearest === undefined ? `they are ${hooks.join(", ")}.` : `did you mean ${nearest}?`;
  throw new InvalidArgumentError(`callbacks: there is no hook ${JSON.stringify(unknown)}; ${remedy}`);
}

/** Whether the gradients of a step have to be there after it: asked before each. */
export type GradientQuestion = (context: TrainingContext) => boolean;

/** @throws InvalidArgumentError, of the question, when a callback's answer is neither `true` nor `false`. */
export function gradientQuestion(callbacks: readonly Callback[]): GradientQuestion {
  const readers = callbacks.filter(({ onStepEnd }) => onStepEnd !== undefined);
  if (readers.some(({ readsGradients = true }) => readsGradients === true)) return () => true;
  const asked = readers.filter(({ readsGradients }) => typeof readsGradients === "function");
  return (context) => {
    let isWanted = false;
    // Everyone is asked, as a hook would be called.
    for (const callback of asked) {
      const answer = (callback.readsGradients as GradientQuestion)(context);
      if (typeof answer !== "boolean") expectBoolean("what readsGradients of a callback returns", answer);
      isWanted ||= answer;
    }
    return isWanted;
  };
}
