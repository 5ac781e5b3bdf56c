import { ResumeError } from "../errors.js";
import type { SavedState } from "../formats/saved-state.js";
import type { Optimizer } from "../optim/optimizer.js";
import type { RandomStateSnapshot } from "../random/random-state.js";
import { hasFunctions } from "../system/expected.js";
import { type Tensor, type TensorOptions, tensor, toArray } from "../tensor/tensor.js";
import type { Callback } from "./callback.js";
import { isBatchOptimizer } from "./full-batch.js";
import { type HistoryTable, historyOfTable, tableOfHistory } from "./history-table.js";
import type { TrainingIdentity } from "./identity.js";
import type { Training } from "./training.js";

/** Where a training is, beside its network: what it goes on from to the same bits. */
export interface TrainingState {
  readonly identity: TrainingIdentity;
  /** What computed it: the numbers of others agree within rounding. */
  readonly computedBy: {
    readonly backend: string;
    readonly kernelSet: string;
    /** How many processes trained together, where it was more than one. */
    readonly ranks?: number;
  };
  /** The one it is in, or has just ended, counted from 1. */
  readonly epoch: number;
  /** Whether that epoch goes on. */
  readonly isWithinEpoch: boolean;
  /** Minibatches and examples of that epoch so far. */
  readonly batches: number;
  readonly examples: number;
  /** Of that epoch so far. */
  readonly seconds: number;
  readonly step: number;
  /** Of the last step, without and with what callbacks have multiplied it by; NaN before the first. */
  readonly scheduledRate: number;
  readonly learningRate: number;
  readonly scale: number;
  readonly stopReason: string | null;
  /** Whether the ink of the images was listed, which changes the order of sums. */
  readonly listsInk: { readonly training: boolean; readonly validation: boolean };
  /** The generator as it was when the epoch that goes on began; else as it is. */
  readonly shuffle: {
    readonly key: Float64Array;
    readonly position: number;
    readonly cachedGaussian: number | null;
  };
  /** Of the layers with random streams. */
  readonly draws: readonly number[];
  readonly optimizer: SavedState;
  readonly history: HistoryTable;
  readonly callbacks: readonly { readonly name: string; readonly state: SavedState }[];
}

/** @throws ResumeError when something of it keeps its state to itself. */
export function captureState(training: Training, identity: TrainingIdentity): TrainingState {
  const { context, control, position, callbacks, ink, validationInk } = training;
  const { network, optimizer } = context;
  const { name: backend, kernelSet } = network.backend;
  const { isWithinEpoch } = position;
  const shuffle = (isWithinEpoch && position.shuffle) || training.shuffle.getState();
  return {
    identity,
    computedBy: { backend, kernelSet, ...(training.ranks.size > 1 && { ranks: training.ranks.size }) },
    epoch: context.epoch,
    isWithinEpoch,
    batches: position.batches,
    examples: context.examples,
    seconds: isWithinEpoch ? (performance.now() - position.start) / 1000 : 0,
    step: context.step,
    scheduledRate: position.scheduledRate,
    learningRate: context.learningRate,
    scale: control.scale,
    stopReason: control.stopReason ?? null,
    listsInk: { training: ink !== null, validation: validationInk !== null },
    shuffle: { ...shuffle, key: Float64Array.from(shuffle.key) },
    draws: network.draws,
    optimizer: isBatchOptimizer(optimizer) ? optimizer.save() : optimizerState(optimizer),
    history: tableOfHistory(context.history),
    callbacks: callbacks.flatMap(({ name, save }, i) =>
      name === undefined || save === undefined ? [] : [{ name, state: save.call(callbacks[i]) }],
    ),
  };
}

/**
 * Puts a training, whose network has its numbers already, where the saved one was.
 *
 * @throws ResumeError when settings or data are others.
 */
export function restoreState(training: Training, state: TrainingState): void {
  const { context, control, position, schedule } = training;
  const { network, optimizer, epochs } = context;
  const history = historyOfTable(state.history);
  if (history.length > epochs) {
    throw new ResumeError(
      `The checkpoint is of a training that has had ${history.length} epochs, and only ${epochs} are asked for; ask for as many or more.`,
    );
  }
  context.epoch = state.epoch;
  context.examples = state.examples;
  context.step = state.step;
  context.learningRate = state.learningRate;
  context.history.push(...history);
  position.isWithinEpoch = state.isWithinEpoch;
  position.batches = state.batches;
  position.start = performance.now() - state.seconds * 1000;
  position.scheduledRate = state.scheduledRate;
  const shuffle = snapshotOf(state.shuffle);
  position.shuffle = shuffle;
  training.shuffle.setState(shuffle);
  network.draws = state.draws;
  if (isBatchOptimizer(optimizer)) optimizer.restore(state.optimizer, network.trainable);
  else {
    restoreOptimizer(optimizer, state.optimizer, network);
    // The schedule is a function: what it gave for the last step must be what it gives now.
    const { stepsPerEpoch, examplesPerEpoch } = context;
    const epoch = state.isWithinEpoch && state.batches === 0 ? state.epoch - 1 : state.epoch;
    const time = { step: state.step - 1, epoch, stepsPerEpoch, examplesPerEpoch, epochs };
    const rate = state.step === 0 ? state.scheduledRate : schedule(time);
    if (!Object.is(rate, state.scheduledRate)) {
      throw new ResumeError(
        `The checkpoint is of a training with another schedule: its learning rate for step ${state.step} was ${state.scheduledRate}, and this one gives ${rate}; go on with the one that it had (and as many epochs, where it depends on them), or start anew.`,
      );
    }
  }
  control.restore(state.scale, state.stopReason ?? undefined);
}

/** Gives the callbacks back what they saved; those that are new begin. */
export function restoreCallbacks(callbacks: readonly Callback[], saved: TrainingState["callbacks"]): void {
  const left = callbacks.filter(({ restore }) => restore !== undefined);
  for (const { name, state } of saved) {
    const i = left.findIndex((callback) => callback.name === name);
    if (i === -1) {
      throw new ResumeError(
        `The checkpoint is of a training with the callback ${JSON.stringify(name)}, which is missing; pass it, too.`,
      );
    }
    left.splice(i, 1)[0]?.restore?.(state);
  }
}

function snapshotOf({ key, ...others }: TrainingState["shuffle"]): RandomStateSnapshot {
  return { ...others, key: Uint32Array.from(key) };
}

/** What `Optimizer.restore` takes, as plain values. */
type OptimizerState = {
  readonly steps: number;
  readonly slots: {
    readonly [name: string]: { readonly shape: readonly number[]; readonly data: Tensor["data"] };
  };
};

function optimizerState(optimizer: Optimizer): OptimizerState {
  const { name, steps, slots } = optimizer;
  if (!(slots instanceof Map) || !hasFunctions(optimizer, "restore")) {
    throw new ResumeError(
      `Expected an optimizer with slots and restore, to save the training, but ${name ?? "this one"} keeps its state to itself.`,
    );
  }
  const entries = [...(slots as Map<string, Tensor>)];
  return {
    steps,
    slots: Object.fromEntries(entries.map(([key, x]) => [key, { shape: x.shape, data: toArray(x) }])),
  };
}

function restoreOptimizer(optimizer: Optimizer, saved: SavedState, options: TensorOptions): void {
  const { steps, slots } = saved as Partial<OptimizerState>;
  if (steps === undefined || slots === undefined) {
    throw new ResumeError(
      "The checkpoint is damaged: it lacks the state of the optimizer; go on from another one.",
    );
  }
  const tensors = Object.entries(slots).map(
    ([name, { shape, data }]) => [name, tensor(data, shape, options)] as const,
  );
  optimizer.restore(steps, new Map(tensors));
}
