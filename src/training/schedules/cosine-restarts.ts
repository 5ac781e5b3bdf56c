import { expectThat } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { halfWave } from "./cosine.js";
import { expectFinal } from "./polynomial.js";
import { checkLearningRate, type Schedule } from "./schedule.js";
import { expectLength, expectUnit, inSteps, type ScheduleUnit } from "./time.js";

export interface CosineRestartsOptions {
  /** How long the first fall takes, above 0: T_0. */
  readonly period: number;
  /** How many times as long as the one before each further fall takes, a whole number of at least 1: T_mult. Default: 1. */
  readonly multiplier?: number | undefined;
  /** The learning rate that each falls to, from 0 to the peak. Default: 0. */
  readonly final?: number | undefined;
  /** What `period` counts. Default: `epoch`. */
  readonly unit?: ScheduleUnit | undefined;
}

export const COSINE_RESTARTS_OPTIONS: KnownOptions<CosineRestartsOptions> = {
  period: true,
  multiplier: true,
  final: true,
  unit: true,
};

/**
 * Falls from a peak by half a wave of the cosine, with every step, and begins again at the peak: I. Loshchilov and F. Hutter, "SGDR:
 * Stochastic gradient descent with warm restarts", ICLR 2017. PyTorch's `CosineAnnealingWarmRestarts`, called after every step, with a
 * fraction of the epoch for the unit `epoch`.
 *
 * @param peak The highest learning rate, a finite number above 0.
 * @throws InvalidArgumentError when there is no such option, or when an argument is out of range.
 */
export function cosineRestarts(peak: number, options: CosineRestartsOptions): Schedule {
  checkLearningRate(peak);
  requireKnownOptions("cosineRestarts", options, COSINE_RESTARTS_OPTIONS, "{ period: 10 }");
  const { period, multiplier = 1, final = 0, unit = "epoch" } = options;
  expectLength("period", period);
  const isWhole = Number.isSafeInteger(multiplier) && multiplier >= 1;
  expectThat(isWhole, "a whole number of at least 1", "multiplier", multiplier);
  expectFinal(final, peak);
  expectUnit(unit);
  return (at) => {
    let length = inSteps(period, unit, at);
    let since = at.step;
    if (multiplier === 1) since %= length;
    else {
      while (since >= length) {
        since -= length;
        length *= multiplier;
      }
    }
    return halfWave(peak, final, since / length);
  };
}
