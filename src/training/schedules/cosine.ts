import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { expectFinal } from "./polynomial.js";
import { aboveZero, checkLearningRate, type Schedule } from "./schedule.js";
import { expectLength, expectUnit, inSteps, type ScheduleUnit, stepsInAll } from "./time.js";
import { expectWarmUp, warmUp as withWarmUp } from "./warm-up.js";

export interface CosineOptions {
  /** How many steps the rate takes to rise to its peak: a whole number, or below 1 a share of all steps. Default: 0. */
  readonly warmUp?: number | undefined;
  /** The learning rate that it falls to, from 0 to the peak. Default: 0, which is reached after the last step. */
  readonly final?: number | undefined;
  /** How long it falls, above 0; then it stays. Default: until training ends. */
  readonly length?: number | undefined;
  /** What `length` counts. Default: `epoch`. */
  readonly unit?: ScheduleUnit | undefined;
}

export const COSINE_OPTIONS: KnownOptions<CosineOptions> = {
  warmUp: true,
  final: true,
  length: true,
  unit: true,
};

/**
 * Falls from a peak by half a wave of the cosine, with every step. After t of T steps:
 *
 *     final + (peak - final) (1 + cos(pi t / T)) / 2
 *
 * I. Loshchilov and F. Hutter, "SGDR: Stochastic gradient descent with warm restarts", ICLR 2017, equation 5, without restarts. PyTorch's
 * `CosineAnnealingLR` is the same up to its `T_max`, after which it rises again.
 *
 * @param peak The highest learning rate, a finite number above 0.
 * @throws InvalidArgumentError when there is no such option, or when an argument is out of range.
 */
export function cosine(peak: number, options: CosineOptions = {}): Schedule {
  checkLearningRate(peak);
  requireKnownOptions("cosine", options, COSINE_OPTIONS, "{ warmUp: 0.1 }");
  const { warmUp = 0, final = 0, length, unit = "epoch" } = options;
  expectWarmUp("warmUp", warmUp);
  expectFinal(final, peak);
  if (length !== undefined) expectLength("length", length);
  expectUnit(unit);
  const fall: Schedule = (at) => {
    const steps = length === undefined ? stepsInAll(at) : inSteps(length, unit, at);
    return halfWave(peak, final, Math.min(1, at.step / steps));
  };
  return warmUp === 0 ? fall : withWarmUp(fall, { length: warmUp });
}

/** What is left of a peak after a share of half a wave. (1 + cos 2x) / 2 is cos² x, which no rounding takes below 0. */
export function halfWave(peak: number, final: number, done: number): number {
  return aboveZero(final + (peak - final) * Math.cos((Math.PI / 2) * done) ** 2, peak);
}
