import type { Communicator } from "../communicator/communicator.js";
import type { AugmentOptions } from "../data/augmentation/augmenter.js";
import type { DatasetOrStream } from "../data/stream.js";
import type { BatchOptimizer } from "../optim/batch-optimizer.js";
import type { Optimizer } from "../optim/optimizer.js";
import type { SGD } from "../optim/sgd.js";
import type { RandomState } from "../random/random-state.js";
import { expectBoolean, expectFunction, expectThat, hasFunctions } from "../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { type Callback, checkCallbacks } from "./callback.js";
import type { Progress } from "./callbacks/reporting.js";
import { type Checkpoint, checkCheckpoint } from "./checkpoint-file.js";
import type { ClassWeights } from "./class-weights.js";
import { checkDataset, checkSignal } from "./compatibility.js";
import type { EpochMetrics } from "./history.js";
import type { Schedule } from "./schedules/schedule.js";
import type { TrainingAbortedError } from "./training-aborted-error.js";

export interface FitOptions {
  /** Passes over the training set, a whole number of at least 1. Default: 50, the chapter's. */
  readonly epochs?: number | undefined;
  /** Examples in a minibatch, a whole number of at least 1. Default: 100, the chapter's. */
  readonly batchSize?: number | undefined;
  /** A finite number above 0, or what gives one for each step. Default: 0.1, the chapter's. */
  readonly learningRate?: number | Schedule | undefined;
  /**
   * What updates the parameters. Default: a new {@link SGD}, the chapter's. A {@link BatchOptimizer} takes all examples together, and each
   * of its iterations counts as an epoch; it has no use for `batchSize` and `learningRate`.
   */
  readonly optimizer?: Optimizer | BatchOptimizer | undefined;
  /** Are told how the training goes, in this order, and may change its course. */
  readonly callbacks?: readonly Callback[] | undefined;
  /**
   * Shuffles the training set before every epoch: a seed, or a generator in the state it is in. Default: seed 123, the
   * chapter's. What this means for a stream is described at `datasetStream`.
   */
  readonly shuffle?: number | RandomState | undefined;
  /** Leaves out a last minibatch shorter than `batchSize`, as the chapter's listing does. Not for a stream. Default: `false`. */
  readonly dropLast?: boolean | undefined;
  /** How much the examples of each class count in the training set. Default: all the same. */
  readonly classWeights?: ClassWeights | undefined;
  /**
   * Distorts the images of each minibatch before the network sees them, in every epoch in another way: `{ shift: 2, rotate: 10 }`. Losses
   * and accuracies are those of the images as they are. Its draws are its own, and change no shuffle. Default: images stay as they are.
   */
  readonly augment?: AugmentOptions | undefined;
  /**
   * What a training that was interrupted goes on from, to the bits that it would have had. Everything else must be as it was then: network,
   * data and options; `epochs` may grow where the learning rate does not depend on it. Other threads change nothing; another backend or
   * kernel set computes the rest within rounding.
   */
  readonly resume?: Checkpoint | undefined;
  /** Evaluated after every epoch. Without it `validLoss` and `validAccuracy` are NaN. */
  readonly validation?: DatasetOrStream | undefined;
  /**
   * Metrics to compute after every epoch, on the training set and on `validation`, by the names that `METRIC_NAMES` lists: `["f1Macro"]`. They
   * need the outputs for all examples at once, also for those of a stream. Default: none.
   */
  readonly metrics?: readonly string[] | undefined;
  /** Ends the training after the current minibatch: the promise is rejected with a {@link TrainingAbortedError}. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The processes that train together, see {@link Communicator}: each calls `fit` with the same network, data and options, and takes its share
   * of every minibatch. The result is that of one process within rounding, and the same bits for the same number of processes. Rank 0 decides:
   * what callbacks do to its `control` holds for all. Default: this process alone.
   */
  readonly communicator?: Communicator | undefined;
  /** Called after every epoch and its evaluation, and waited for. */
  readonly onEpochEnd?: ((metrics: EpochMetrics) => void | Promise<void>) | undefined;
  /** Called often during an epoch, each time the event loop gets its turn. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

const OPTIONS: KnownOptions<FitOptions> = {
  epochs: true,
  batchSize: true,
  learningRate: true,
  optimizer: true,
  callbacks: true,
  shuffle: true,
  dropLast: true,
  classWeights: true,
  augment: true,
  resume: true,
  validation: true,
  metrics: true,
  signal: true,
  communicator: true,
  onEpochEnd: true,
  onProgress: true,
};

/**
 * Checks what each option is. Their numbers are checked where they are used.
 *
 * @throws InvalidArgumentError when there is no such option, or when one is of another kind.
 */
export function checkFitOptions(options: FitOptions): void {
  requireKnownOptions("fit", options, OPTIONS, "{ epochs: 5 }");
  const { optimizer, callbacks, shuffle, dropLast, validation, signal, resume } = options;
  const { communicator, onEpochEnd, onProgress } = options;
  if (optimizer !== undefined) {
    const optimizes = hasFunctions(optimizer, "step") || hasFunctions(optimizer, "iteration");
    expectThat(optimizes, "an optimizer, such as new SGD(),", "optimizer", optimizer);
  }
  if (callbacks !== undefined) checkCallbacks(callbacks);
  if (shuffle !== undefined) {
    const shuffles = typeof shuffle === "number" || hasFunctions(shuffle, "shuffle");
    expectThat(shuffles, "a seed or a RandomState", "shuffle", shuffle);
  }
  if (dropLast !== undefined) expectBoolean("dropLast", dropLast);
  if (validation !== undefined) checkDataset("validation", validation);
  if (resume !== undefined) checkCheckpoint(resume);
  checkSignal(signal);
  if (communicator !== undefined) {
    const communicates = hasFunctions(communicator, "sum", "broadcast", "gather");
    expectThat(
      communicates,
      "a communicator, such as createCommunicator gives,",
      "communicator",
      communicator,
    );
  }
  if (onEpochEnd !== undefined) expectFunction("onEpochEnd", onEpochEnd);
  if (onProgress !== undefined) expectFunction("onProgress", onProgress);
}
