import { expectBoolean, expectThat } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { aboveZero, checkLearningRate, type Schedule } from "./schedule.js";
import { expectLength, expectUnit, inSteps, type ScheduleUnit, stepsInAll } from "./time.js";

export interface OneCycleOptions {
  /** The share of all steps in which the rate rises, from 0 to 1; with `threePhase` at most 0.5. Default: 0.3. */
  readonly pctStart?: number | undefined;
  /** It begins at peak / divFactor, at least 1. Default: 25. */
  readonly divFactor?: number | undefined;
  /** It ends at peak / divFactor / finalDivFactor, at least 1. Default: 10,000. */
  readonly finalDivFactor?: number | undefined;
  /** Whether it rises and falls by half a wave of the cosine or in lines. Default: `cos`. */
  readonly annealStrategy?: "cos" | "linear" | undefined;
  /** Whether it falls as long as it rises, to where it began, and from there to the end, as in the paper. Default: `false`. */
  readonly threePhase?: boolean | undefined;
  /** How long the cycle is, above 0; then the rate stays. Default: the whole training. */
  readonly length?: number | undefined;
  /** What `length` counts. Default: `epoch`. */
  readonly unit?: ScheduleUnit | undefined;
}

export const ONE_CYCLE_OPTIONS: KnownOptions<OneCycleOptions> = {
  pctStart: true,
  divFactor: true,
  finalDivFactor: true,
  annealStrategy: true,
  threePhase: true,
  length: true,
  unit: true,
};

/**
 * Rises to a peak and falls far below where it began: L. Smith and N. Topin, "Super-convergence: Very fast training of neural networks using
 * large learning rates", 2018. PyTorch's `OneCycleLR`, names and defaults as well; but momentum stays as it is.
 *
 * @param peak The highest learning rate, a finite number above 0.
 * @throws InvalidArgumentError when there is no such option, or when an argument is out of range.
 */
export function oneCycle(peak: number, options: OneCycleOptions = {}): Schedule {
  checkLearningRate(peak);
  requireKnownOptions("oneCycle", options, ONE_CYCLE_OPTIONS, "{ pctStart: 0.3 }");
  const { pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4, annealStrategy = "cos" } = options;
  const { threePhase = false, length, unit = "epoch" } = options;
  expectBoolean("threePhase", threePhase);
  const most = threePhase ? 0.5 : 1;
  const isShare = typeof pctStart === "number" && pctStart >= 0 && pctStart <= most;
  expectThat(isShare, `a number from 0 to ${most}`, "pctStart", pctStart);
  expectFactor("divFactor", divFactor);
  expectFactor("finalDivFactor", finalDivFactor);
  const isStrategy = annealStrategy === "cos" || annealStrategy === "linear";
  expectThat(isStrategy, '"cos" or "linear"', "annealStrategy", annealStrategy);
  if (length !== undefined) expectLength("length", length);
  expectUnit(unit);
  const initial = peak / divFactor;
  const final = initial / finalDivFactor;
  const between = annealStrategy === "cos" ? byCosine : byLine;
  return (at) => {
    const steps = length === undefined ? stepsInAll(at) : Math.max(1, Math.round(inSteps(length, unit, at)));
    // Where each phase ends, counted in steps from 0, and the rate there.
    const phases: readonly (readonly [end: number, rate: number])[] = [
      [pctStart * steps - 1, peak],
      ...(threePhase ? [[2 * pctStart * steps - 2, initial] as const] : []),
      [steps - 1, final],
    ];
    let [start, from] = [0, initial];
    for (const [end, to] of phases) {
      if (at.step <= end)
        return aboveZero(between(from, to, end > start ? (at.step - start) / (end - start) : 1), peak);
      [start, from] = [end, to];
    }
    return aboveZero(final, peak);
  };
}

function expectFactor(name: string, factor: unknown): void {
  const isFactor = Number.isFinite(factor) && (factor as number) >= 1;
  expectThat(isFactor, "a finite number of at least 1", name, factor);
}

function byCosine(from: number, to: number, share: number): number {
  return to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));
}

function byLine(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
