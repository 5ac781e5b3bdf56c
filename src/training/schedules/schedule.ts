import { InvalidArgumentError } from "../../errors.js";
import { show } from "../../system/expected.js";

/** Where the training is when a learning rate is asked for. */
export interface ScheduleTime {
  /** Steps taken before this one, from 0. */
  readonly step: number;
  /** Counted from 1. */
  readonly epoch: number;
  readonly stepsPerEpoch: number;
  readonly epochs: number;
}

/** The learning rate of each step: a finite number above 0. It depends on nothing but the time. */
export type Schedule = (at: ScheduleTime) => number;

/**
 * The same learning rate for every step.
 *
 * @throws InvalidArgumentError when it is not a finite number above 0.
 */
export function constant(learningRate: number): Schedule {
  checkLearningRate(learningRate);
  return () => learningRate;
}

/** Throws InvalidArgumentError unless this is a finite number above 0. */
export function checkLearningRate(learningRate: number): void {
  if (!Number.isFinite(learningRate) || learningRate <= 0) {
    throw new InvalidArgumentError(
      `Expected a finite number above 0 for learningRate but received ${show(learningRate)}.`,
    );
  }
}
