import type { InkLists } from "../backend/backend.js";
import type { BatchMemory } from "../data/batch-memory.js";
import type { LossTotals } from "../nn/losses/loss.js";
import type { NetworkSlots } from "../nn/slots.js";
import type { RandomState } from "../random/random-state.js";
import type { BatchAugmentation } from "./batch-augmentation.js";
import type { Callback, TrainingContext } from "./callback.js";
import type { ControlState } from "./control.js";
import type { Evaluator } from "./evaluate.js";
import type { EpochMetrics } from "./history.js";
import type { Pace } from "./pace.js";
import type { Schedule } from "./schedules/schedule.js";

/** A {@link TrainingContext} from the inside. */
type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };
type Context = Mutable<Omit<TrainingContext, "loss">> & Pick<TrainingContext, "loss">;

/** All that a training goes by. */
export interface Training {
  readonly context: Context & { history: EpochMetrics[] };
  readonly control: ControlState;
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
  /** Whether somebody may read the gradients of a step. */
  readonly keepsGradients: boolean;
  readonly ink: InkLists | null;
  readonly augmentation: BatchAugmentation | null;
  readonly evaluateTraining: Evaluator;
  readonly evaluateValidation: Evaluator | undefined;
}
