import { expectFunction } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { Callback, TrainingContext } from "../../training/callback.js";
import { isBatchOptimizer } from "../../training/full-batch.js";
import type { EpochMetrics } from "../../training/history.js";
import type { TrainingChannel } from "../channel.js";
import type { EndState, EpochPoint, Figure, TrainingMessage } from "../protocol.js";
import { createModelSender } from "./model-sender.js";
import { createRhythm } from "./rhythm.js";
import { createSampler } from "./sampler.js";
import { createSteering, STOPPED_FROM_PAGE, type Steering } from "./steering.js";
import { createStopwatch } from "./stopwatch.js";
import { epochPoint, factsOf } from "./training-facts.js";

export interface WatchTrainingOptions {
  /** A clock, in milliseconds. Default: `performance.now`. */
  readonly now?: (() => number) | undefined;
}

const OPTIONS: KnownOptions<WatchTrainingOptions> = { now: true };

/** How a training has ended, as who ran `fit` knows it. */
export interface TrainingEnd {
  readonly state: EndState;
  /** A sentence, or its end: why it ended before its last epoch. */
  readonly reason?: string | undefined;
  /** 0 to 1, on the test set. */
  readonly testAccuracy?: Figure | undefined;
}

export interface WatchedTraining {
  /** For `fit`; behind those that change the network when the training ends, as `earlyStopping` does. */
  readonly callback: Callback;
  /** Tells of an end that `fit` rejected with, or of what a test has shown since; nothing is obeyed any more. */
  ended(end: TrainingEnd): void;
}

/** Ten samples a second at most. */
const SHORTEST_MILLISECONDS = 100;
/** Of the time, that samples may take: as much again is for gradients, which a step of plain descent writes for a sample alone. */
const SHARE = 0.01;

/**
 * Tells through a channel how trainings go, one after another, and does what is asked through it. In most steps it reads a clock, and no
 * more; it changes no bit of the result.
 *
 * @throws InvalidArgumentError when there is no such option, or when one is of another kind.
 */
export function watchTraining(channel: TrainingChannel, options: WatchTrainingOptions = {}): WatchedTraining {
  requireKnownOptions("watchTraining", options, OPTIONS, "{ now: () => performance.now() }");
  const { now = () => performance.now() } = options;
  expectFunction("now", now);
  let watch: Watch | undefined;
  channel.listen((command) => watch?.steering.obey(command));
  return {
    callback: {
      onTrainBegin(context) {
        watch = beginWatch(channel, context, now);
      },
      onStepBegin: () => watch?.beforeStep(),
      readsGradients: () => watch?.isSampling ?? false,
      onStepEnd: (context) => watch?.afterStep(context),
      onPause: (context) => watch?.paused(context),
      onResume: (context) => watch?.resumed(context),
      onEpochEnd: (context) => watch?.afterEpoch(context),
      onTrainEnd(context) {
        watch?.trained(context);
        watch = undefined;
      },
    },
    ended({ state, reason, testAccuracy }) {
      watch?.sendEpochs();
      watch = undefined;
      channel.send({
        type: "end",
        state,
        ...(reason !== undefined && { reason }),
        ...(testAccuracy !== undefined && { testAccuracy }),
      });
    },
  };
}

/** What is known of one training; the next one begins with another. */
interface Watch {
  readonly steering: Steering;
  /** Whether the step that comes is looked at. */
  readonly isSampling: boolean;
  beforeStep(): void;
  afterStep(context: TrainingContext): void;
  paused(context: TrainingContext): void;
  resumed(context: TrainingContext): void;
  afterEpoch(context: TrainingContext): void;
  trained(context: TrainingContext): void;
  /** Those that have been kept back. */
  sendEpochs(): void;
}

function beginWatch(channel: TrainingChannel, start: TrainingContext, now: () => number): Watch {
  const sayState = (state: "training" | "paused" | "stopping") => channel.send({ type: "state", state });
  const steering = createSteering(start, () => sayState("stopping"));
  const rhythm = createRhythm({ shortestMilliseconds: SHORTEST_MILLISECONDS, share: SHARE });
  const stopwatch = createStopwatch(now());
  const sampler = createSampler(start, stopwatch);
  const models = createModelSender(channel, now);
  let isSampling = false;
  let epochs: EpochPoint[] = [];
  let epochsSent = Number.NEGATIVE_INFINITY;
  const sendEpochs = (time = now()) => {
    if (epochs.length > 0) channel.send({ type: "epochs", epochs });
    epochs = [];
    epochsSent = time;
  };
  const sample = (context: TrainingContext) => {
    const time = now();
    sendEpochs(time);
    channel.send({ type: "sample", sample: sampler.take(context, time) });
    rhythm.done(time, now());
  };
  channel.send({ type: "begin", training: factsOf(start) });
  models.send(start);
  return {
    steering,
    sendEpochs,
    get isSampling() {
      return isSampling;
    },
    beforeStep() {
      isSampling = rhythm.isDue(now());
    },
    afterStep(context) {
      if (isSampling) sample(context);
      isSampling = false;
    },
    paused(context) {
      sendEpochs();
      stopwatch.pause(now());
      models.send(context);
      sayState("paused");
    },
    resumed({ control }) {
      stopwatch.resume(now());
      sayState(control.stopReason === undefined ? "training" : "stopping");
    },
    afterEpoch(context) {
      // A full-batch optimizer has no steps that one is told of.
      if (isBatchOptimizer(context.optimizer) && rhythm.isDue(now())) sample(context);
      epochs.push(epochPoint(context.history.at(-1) as EpochMetrics));
      const time = now();
      if (time - epochsSent >= SHORTEST_MILLISECONDS) sendEpochs(time);
      models.sendIfDue(context);
      steering.epochEnded();
    },
    trained(context) {
      sendEpochs();
      models.send(context);
      channel.send(endOf(context));
    },
  };
}

function endOf({ control: { stopReason }, epoch, epochs }: TrainingContext): TrainingMessage {
  if (stopReason === undefined) return { type: "end", state: "finished" };
  if (stopReason !== STOPPED_FROM_PAGE) return { type: "end", state: "finished", reason: stopReason };
  // Who stops a training in its last epoch gets all that it would have had.
  if (epoch === epochs) return { type: "end", state: "finished" };
  return { type: "end", state: "stopped", reason: stopReason };
}
