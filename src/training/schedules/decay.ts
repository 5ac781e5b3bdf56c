import { expectThat } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { aboveZero, checkLearningRate, type Schedule } from "./schedule.js";
import { expectUnit, type ScheduleUnit, unitsDone } from "./time.js";

// Schedules that multiply the learning rate by a factor, again and again.

export interface StepDecayOptions {
  /** After how many epochs or steps the rate is multiplied, each time: a whole number of at least 1. */
  readonly stepSize: number;
  /** What it is multiplied by, above 0 and at most 1. Default: 0.1, PyTorch's. */
  readonly gamma?: number | undefined;
  /** What `stepSize` counts. Default: `epoch`. */
  readonly unit?: ScheduleUnit | undefined;
}

export interface MultiStepDecayOptions {
  /** After how many epochs or steps in all the rate is multiplied: whole numbers of at least 1, each larger than the one before. */
  readonly milestones: readonly number[];
  /** What it is multiplied by, above 0 and at most 1. Default: 0.1, PyTorch's. */
  readonly gamma?: number | undefined;
  /** What `milestones` count. Default: `epoch`. */
  readonly unit?: ScheduleUnit | undefined;
}

export interface ExponentialDecayOptions {
  /** What the rate is multiplied by after every epoch or step, above 0 and at most 1. */
  readonly gamma: number;
  /** Default: `epoch`. */
  readonly unit?: ScheduleUnit | undefined;
}

export const STEP_DECAY_OPTIONS: KnownOptions<StepDecayOptions> = { stepSize: true, gamma: true, unit: true };
export const MULTI_STEP_DECAY_OPTIONS: KnownOptions<MultiStepDecayOptions> = {
  milestones: true,
  gamma: true,
  unit: true,
};
export const EXPONENTIAL_DECAY_OPTIONS: KnownOptions<ExponentialDecayOptions> = { gamma: true, unit: true };

/**
 * learningRate gamma^floor(t / stepSize), after t epochs or steps: PyTorch's `StepLR`.
 *
 * @param learningRate The first one, a finite number above 0.
 * @throws InvalidArgumentError when there is no such option, or when an argument is out of range.
 */
export function stepDecay(learningRate: number, options: StepDecayOptions): Schedule {
  checkLearningRate(learningRate);
  requireKnownOptions("stepDecay", options, STEP_DECAY_OPTIONS, "{ stepSize: 10 }");
  const { stepSize, gamma = 0.1, unit = "epoch" } = options;
  const isWhole = Number.isSafeInteger(stepSize) && stepSize >= 1;
  expectThat(isWhole, "a whole number of at least 1", "stepSize", stepSize);
  expectGamma(gamma);
  expectUnit(unit);
  return (at) => aboveZero(learningRate * gamma ** Math.floor(unitsDone(at, unit) / stepSize), learningRate);
}

/**
 * learningRate gamma^k, where k milestones have been reached: PyTorch's `MultiStepLR`.
 *
 * @param learningRate The first one, a finite number above 0.
 * @throws InvalidArgumentError when there is no such option, or when an argument is out of range.
 */
export function multiStepDecay(learningRate: number, options: MultiStepDecayOptions): Schedule {
  checkLearningRate(learningRate);
  requireKnownOptions("multiStepDecay", options, MULTI_STEP_DECAY_OPTIONS, "{ milestones: [30, 60] }");
  const { milestones, gamma = 0.1, unit = "epoch" } = options;
  const isList = Array.isArray(milestones) && milestones.length > 0;
  expectThat(isList, "a list of whole numbers, such as [30, 60],", "milestones", milestones);
  for (const [i, milestone] of milestones.entries()) {
    const before = milestones[i - 1] ?? 0;
    const isNext = Number.isSafeInteger(milestone) && milestone > before;
    expectThat(isNext, `a whole number above ${before}`, `milestones[${i}]`, milestone);
  }
  expectGamma(gamma);
  expectUnit(unit);
  const own = [...milestones];
  return (at) => {
    const done = unitsDone(at, unit);
    return aboveZero(
      learningRate * gamma ** own.filter((milestone) => milestone <= done).length,
      learningRate,
    );
  };
}

/**
 * learningRate gamma^t, after t epochs or steps: PyTorch's `ExponentialLR`.
 *
 * @param learningRate The first one, a finite number above 0.
 * @throws InvalidArgumentError when there is no such option, or when an argument is out of range.
 */
export function exponentialDecay(learningRate: number, options: ExponentialDecayOptions): Schedule {
  checkLearningRate(learningRate);
  requireKnownOptions("exponentialDecay", options, EXPONENTIAL_DECAY_OPTIONS, "{ gamma: 0.95 }");
  const { gamma, unit = "epoch" } = options;
  expectGamma(gamma);
  expectUnit(unit);
  return (at) => aboveZero(learningRate * gamma ** unitsDone(at, unit), learningRate);
}

export function expectGamma(gamma: unknown): void {
  const isFactor = typeof gamma === "number" && gamma > 0 && gamma <= 1;
  expectThat(isFactor, "a number above 0 and at most 1", "gamma", gamma);
}
