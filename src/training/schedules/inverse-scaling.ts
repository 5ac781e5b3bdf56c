import { expectThat } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { aboveZero, checkLearningRate, type Schedule } from "./schedule.js";
import { expectUnit, type ScheduleUnit } from "./time.js";

export interface InverseScalingOptions {
  /** scikit-learn's `power_t`, a finite number of at least 0. Default: 0.5. */
  readonly power?: number | undefined;
  /** After what the rate changes. Default: `epoch`. */
  readonly unit?: ScheduleUnit | undefined;
}

export const INVERSE_SCALING_OPTIONS: KnownOptions<InverseScalingOptions> = { power: true, unit: true };

/**
 * learningRate / (n + 1)^power, where n examples have been learned from: what scikit-learn calls `invscaling`. It counts examples and no
 * steps, so that the rate is small after one epoch. By the epoch it is that of `MLPClassifier`; by the step, and with a batch size of
 * 1, that of `SGDClassifier`, where the examples of an epoch are taken to be spread evenly over its steps.
 *
 * @param learningRate The first one, a finite number above 0.
 * @throws InvalidArgumentError when there is no such option, or when an argument is out of range.
 */
export function inverseScaling(learningRate: number, options: InverseScalingOptions = {}): Schedule {
  checkLearningRate(learningRate);
  requireKnownOptions("inverseScaling", options, INVERSE_SCALING_OPTIONS, "{ power: 0.5 }");
  const { power = 0.5, unit = "epoch" } = options;
  const isPower = Number.isFinite(power) && power >= 0;
  expectThat(isPower, "a finite number of at least 0", "power", power);
  expectUnit(unit);
  return ({ step, epoch, stepsPerEpoch, examplesPerEpoch }) => {
    const examples =
      unit === "epoch" ? (epoch - 1) * examplesPerEpoch : step * (examplesPerEpoch / stepsPerEpoch);
    return aboveZero(learningRate / (examples + 1) ** power, learningRate);
  };
}
