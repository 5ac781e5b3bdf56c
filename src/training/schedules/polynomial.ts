import { expectThat } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { aboveZero, checkLearningRate, type Schedule } from "./schedule.js";
import { expectLength, expectUnit, type ScheduleUnit, stepsInAll, unitsDone } from "./time.js";

export interface PolynomialDecayOptions {
  /** A finite number above 0; 1: in a line. Default: 1, PyTorch's. */
  readonly power?: number | undefined;
  /** After how many epochs or steps it has fallen to its end, above 0. Default: those of the whole training. */
  readonly length?: number | undefined;
  /** The learning rate that it falls to, from 0 to the first one. Default: 0. */
  readonly final?: number | undefined;
  /** After what the rate changes, and what `length` counts. Default: `epoch`. */
  readonly unit?: ScheduleUnit | undefined;
}

export const POLYNOMIAL_DECAY_OPTIONS: KnownOptions<PolynomialDecayOptions> = {
  power: true,
  length: true,
  final: true,
  unit: true,
};

/**
 * final + (learningRate - final) (1 - min(1, t / length))^power, after t epochs or steps: with a length PyTorch's `PolynomialLR`, whose
 * `total_iters` it is.
 *
 * @param learningRate The first one, a finite number above 0.
 * @throws InvalidArgumentError when there is no such option, or when an argument is out of range.
 */
export function polynomialDecay(learningRate: number, options: PolynomialDecayOptions = {}): Schedule {
  checkLearningRate(learningRate);
  requireKnownOptions("polynomialDecay", options, POLYNOMIAL_DECAY_OPTIONS, "{ power: 2 }");
  const { power = 1, length, final = 0, unit = "epoch" } = options;
  expectLength("power", power);
  if (length !== undefined) expectLength("length", length);
  expectFinal(final, learningRate);
  expectUnit(unit);
  return (at) => {
    const end = length ?? (unit === "epoch" ? at.epochs : stepsInAll(at));
    const left = 1 - Math.min(1, unitsDone(at, unit) / end);
    return aboveZero(final + (learningRate - final) * left ** power, learningRate);
  };
}

export function expectFinal(final: unknown, highest: number): void {
  const isFinal = typeof final === "number" && final >= 0 && final <= highest;
  expectThat(isFinal, `a learning rate from 0 to the highest, ${highest},`, "final", final);
}
