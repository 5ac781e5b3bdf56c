import { InvalidArgumentError } from "../../errors.js";
import { show } from "../../system/expected.js";

/** Where the training is when a learning rate is asked for. */
export interface ScheduleTime {
  /** Steps taken before this one, from 0. */
  readonly step: number;
  /** Counted from 1. */
  readonly epoch: number;
  readonly stepsPerEpoch: number;
  /** Examples in an epoch. */
  readonly examplesPerEpoch: number;
  /** Of the whole training. For a schedule after a warm-up they are those that are left, the last of which may be a part of one. */
  readonly epochs: number;
}

/**
 * The learning rate of each step: a finite number above 0. It depends on nothing but the time.
 *
 * Where a formula falls to 0, as PyTorch's schedules may, the schedules here stay at 1e-30, which changes no weight.
 */
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

/** Such a step changes no weight that is not 0 itself, and a rate above 0 keeps "no step" from being meant by mistake. */
export const LEAST_RATE = 1e-30;

/**
 * The rate that a formula gives, and above 0.
 *
 * @param highest The highest rate of the schedule.
 */
export function aboveZero(rate: number, highest: number): number {
  return Math.max(rate, Math.min(highest, LEAST_RATE));
}

/** Throws InvalidArgumentError unless this is a finite number above 0. */
export function checkLearningRate(learningRate: number): void {
  if (!Number.isFinite(learningRate) || learningRate <= 0) {
    throw new InvalidArgumentError(
      `Expected a finite number above 0 for learningRate but received ${show(learningRate)}.`,
    );
  }
}
