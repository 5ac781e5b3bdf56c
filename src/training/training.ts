import type { InkLists } from "../backend/backend.js";
import type { BatchMemory } from "../data/batch-memory.js";
import type { LossTotals } from "../nn/losses/loss.js";
import type { NetworkSlots } from "../nn/slots.js";
import type { RandomState, RandomStateSnapshot } from "../random/random-state.js";
import type { BatchAugmentation } from "./batch-augmentation.js";
import type { Callback, CheckpointContext, GradientQuestion } from "./callback.js";
import type { ControlState } from "./control.js";
import type { Evaluator } from "./evaluate.js";
import type { EpochMetrics } from "./history.js";
import type { TrainingIdentity } from "./identity.js";
import type { Pace } from "./pace.js";
import type { Schedule } from "./schedules/schedule.js";

/** A {@link CheckpointContext} from the inside. */
type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };
type Context = Mutable<Omit<CheckpointContext, "loss">> & Pick<CheckpointContext, "loss">;

/** Where in an epoch a training is. */
export interface Position {
  /** Whether an epoch has begun that has not ended. */
  isWithinEpoch: boolean;
  /** Minibatches that it has been trained on in this epoch. */
  batches: number;
  /** Whether all hooks have seen the last step or epoch, so that the training could be saved. */
  isWhole: boolean;
  /** When the epoch began, by `performance.now()`. */
  start: number;
  /** What shuffles, as it was then. */
  shuffle: RandomStateSnapshot | undefined;
  /** The learning rate of the last step before callbacks have scaled it. */
  scheduledRate: number;
}

export function createPosition(): Position {
  return {
    isWithinEpoch: false,
    batches: 0,
    isWhole: true,
    start: 0,
    shuffle: undefined,
    scheduledRate: Number.NaN,
  };
}

/** All that a training goes by. */
export interface Training {
  readonly context: Context & { history: EpochMetrics[] };
  readonly control: ControlState;
  readonly position: Position;
  /** What a checkpoint tells this training from others by; made where one is wanted. */
  identity: TrainingIdentity | undefined;
  readonly callbacks: readonly Callback[];
  readonly schedule: Schedule;
  readonly batchSize: number;
  readonly dropLast: boolean;
  readonly shuffle: RandomState;
  readonly slots: NetworkSlots;
  /** Of a step. */
  readonly totals: LossTotals;
  readonly memory: BatchMemory;
  readonly pace: Pace;
  /** Whether somebody may read the gradients of the step that comes. */
  readonly readsGradients: GradientQuestion;
  readonly ink: InkLists | null;
  readonly validationInk: InkLists | null;
  readonly augmentation: BatchAugmentation | null;
  /** Lets callbacks save the training; `undefined` where none wants to. */
  readonly offerCheckpoint: ((at: CheckpointContext["at"]) => void | Promise<void>) | undefined;
  readonly evaluateTraining: Evaluator;
  readonly evaluateValidation: Evaluator | undefined;
}
