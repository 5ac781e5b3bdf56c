import type { InkLists } from "../backend/backend.js";
import type { BatchMemory } from "../data/batch-memory.js";
import type { Dataset } from "../data/dataset.js";
import type { DatasetOrStream } from "../data/stream.js";
import type { LossTotals } from "../nn/losses/loss.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import type { NetworkSlots } from "../nn/slots.js";
import type { RandomState, RandomStateSnapshot } from "../random/random-state.js";
import type { Batch } from "../tensor/batch.js";
import type { BatchAugmentation } from "./batch-augmentation.js";
import type { Callback, CheckpointContext, GradientQuestion } from "./callback.js";
import type { ControlState } from "./control.js";
import type { Divided, Evaluator } from "./evaluate.js";
import type { EpochMetrics } from "./history.js";
import type { TrainingIdentity } from "./identity.js";
import type { Pace } from "./pace.js";
import type { Schedule } from "./schedules/schedule.js";
import type { Scorer } from "./scorer.js";

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
  readonly ranks: Ranks;
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

/** Minibatches, and the part of the training set that they are of. */
export interface PartBatches {
  readonly part: Dataset;
  readonly batches: Iterable<Batch>;
}

/**
 * What a training does together with the other processes that it has, its ranks: the loop asks for it and does not know how many there are.
 * Where there is but one, this is the plain thing, done at once.
 */
export interface Ranks {
  /** How many there are. */
  readonly size: number;
  /** Ends the training, of all ranks after the same step. */
  readonly signal: AbortSignal | undefined;
  /** Whether the gradients of every step are needed, because they are added up. */
  readonly addsGradients: boolean;
  /** The most rows of a minibatch of so many that this rank takes. */
  rowsOf(batchSize: number): number;
  /** Called once, before the first epoch. @throws CommunicatorError, on all ranks, when they are not at the same place. */
  begin(training: Training): void | Promise<void>;
  /** This rank's shares of the minibatches of an epoch, without the first `skip` of them. */
  draw(
    training: Training,
    dataset: DatasetOrStream,
    skip: number,
  ): Iterable<PartBatches> | AsyncIterable<PartBatches>;
  /** This rank's share of the one minibatch that has all examples. */
  drawWhole(training: Training, dataset: Dataset): Batch | undefined;
  /** Fills gradients and totals with those of the minibatch that `batch` is a share of, and says how many examples that has. */
  backward(training: Training, batch: Batch): number | Promise<number>;
  /** The same, and then the objective of that minibatch. */
  evaluate(
    network: MultilayerPerceptron,
    batch: Batch,
    slots: Training["slots"],
    totals: Training["totals"],
  ): number | Promise<number>;
  /** Whether the training waits now. */
  isPaused(training: Training): boolean;
  /** Settled when it goes on, rejected when it is aborted. */
  whilePaused(training: Training): Promise<void>;
  /** Called after an epoch, when all hooks have seen it: what rank 0 has decided holds for all. */
  endEpoch(training: Training): void | Promise<void>;
  /** What a rank looks at, of examples that every process need not see; `undefined` where it is all of them. */
  divide(dataset: DatasetOrStream): Divided | undefined;
  /** Evaluates a dataset again and again. */
  createEvaluator(
    network: MultilayerPerceptron,
    dataset: DatasetOrStream,
    ink: InkLists | null,
    scorer: Scorer | null,
  ): Evaluator;
}
