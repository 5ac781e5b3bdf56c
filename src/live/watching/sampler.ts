import { norm } from "../../tensor/norm.js";
import type { TrainingContext } from "../../training/callback.js";
import { isBatchOptimizer } from "../../training/full-batch.js";
import type { Figure, Sample } from "../protocol.js";
import type { Stopwatch } from "./stopwatch.js";
import { figure, learningLayers } from "./training-facts.js";

/** Takes the samples of one training. */
export interface Sampler {
  /**
   * After a step, whose gradients have to be there, or after an epoch of a full-batch optimizer.
   *
   * @param time In milliseconds, by the stopwatch's clock.
   */
  take(context: TrainingContext, time: number): Sample;
}

/** @param start Where the training is when it begins: further than its first step, where it is resumed. */
export function createSampler(start: TrainingContext, stopwatch: Stopwatch): Sampler {
  const layers = learningLayers(start.network).map(({ layer }) => layer.parameters);
  const secondsBefore = start.history.reduce((sum, { seconds }) => sum + seconds, 0);
  const epochsBefore = epochsTrained(start);
  let last = { seconds: 0, examples: examplesSeen(start) };
  return {
    take(context, time) {
      const seconds = stopwatch.seconds(time);
      const now = { seconds, examples: examplesSeen(context) };
      const examplesPerSecond = (now.examples - last.examples) / (now.seconds - last.seconds);
      last = now;
      const trained = epochsTrained(context);
      return {
        step: context.step,
        epoch: context.epoch,
        loss: figure(context.loss),
        learningRate: figure(context.learningRate),
        examplesPerSecond: figure(examplesPerSecond),
        seconds: secondsBefore + seconds,
        secondsLeft: figure(((lastEpoch(context) - trained) * seconds) / (trained - epochsBefore)),
        gradientNorms: layers.map((parameters) => gradientNorm(parameters)),
        weightNorms: layers.map((parameters) => figure(norm(parameters.map(({ value }) => value)))),
      };
    },
  };
}

/** Frozen parameters have no gradient; of a layer that has no others, there is no norm. */
function gradientNorm(parameters: TrainingContext["network"]["parameters"]): Figure {
  const learned = parameters.filter(({ frozen }) => frozen !== true);
  return learned.length === 0 ? null : figure(norm(learned.map(({ gradient }) => gradient)));
}

/** The last epoch is the one in which the training is, where it is to stop. */
function lastEpoch({ control, epoch, epochs }: TrainingContext): number {
  return control.stopReason === undefined ? epochs : epoch;
}

/** With the share of an epoch that is not over. */
function epochsTrained({ epoch, examples, examplesPerEpoch }: TrainingContext): number {
  return epoch === 0 ? 0 : epoch - 1 + examples / examplesPerEpoch;
}

/** A full-batch optimizer looks at all examples in each of its steps, of which an epoch has several. */
function examplesSeen(context: TrainingContext): number {
  const { optimizer, step, examplesPerEpoch } = context;
  return (isBatchOptimizer(optimizer) ? step : epochsTrained(context)) * examplesPerEpoch;
}
