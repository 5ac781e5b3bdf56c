import { expectBoolean, expectThat } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { checkLearningRate, type Schedule } from "./schedule.js";
import { expectUnit, inSteps, type ScheduleUnit } from "./time.js";

/** From when on, or at which time, a learning rate holds. */
export type RatePoint = readonly [time: number, rate: number];

export interface PiecewiseOptions {
  /** Whether the rate goes in a line from each point to the next, as by NumPy's `interp`; else it stays until then. Default: `false`. */
  readonly interpolate?: boolean | undefined;
  /** What the times count. Default: `epoch`. */
  readonly unit?: ScheduleUnit | undefined;
}

export const PIECEWISE_OPTIONS: KnownOptions<PiecewiseOptions> = { interpolate: true, unit: true };

/**
 * Learning rates by pairs of time and rate, such as `[[0, 0.1], [30, 0.01]]`: 0.1 until 30 epochs are over, then 0.01. Before the first
 * time it is the first rate, and after the last the last.
 *
 * @param points Times of at least 0, each larger than the one before, and rates above 0.
 * @throws InvalidArgumentError when there is no such option, or when an argument is out of range.
 */
export function piecewise(points: readonly RatePoint[], options: PiecewiseOptions = {}): Schedule {
  requireKnownOptions("piecewise", options, PIECEWISE_OPTIONS, "{ interpolate: true }");
  const { interpolate = false, unit = "epoch" } = options;
  const own = checkPoints(points);
  expectBoolean("interpolate", interpolate);
  expectUnit(unit);
  return (at) => {
    let before = own[0] as RatePoint; // There is at least one.
    for (const point of own) {
      const end = inSteps(point[0], unit, at);
      if (at.step < end) {
        const start = inSteps(before[0], unit, at);
        if (!interpolate || before === point) return before[1];
        return before[1] + (point[1] - before[1]) * ((at.step - start) / (end - start));
      }
      before = point;
    }
    return before[1];
  };
}

function checkPoints(points: readonly RatePoint[]): readonly RatePoint[] {
  const isList = Array.isArray(points) && points.length > 0;
  expectThat(
    isList,
    "a list of pairs of time and learning rate, such as [[0, 0.1], [30, 0.01]],",
    "points",
    points,
  );
  for (const [i, point] of points.entries()) {
    const isPair = Array.isArray(point) && point.length === 2;
    expectThat(isPair, "a pair of time and learning rate", `points[${i}]`, point);
    const before = points[i - 1]?.[0];
    const isLater = Number.isFinite(point[0]) && (before === undefined ? point[0] >= 0 : point[0] > before);
    const expected = before === undefined ? "a finite time of at least 0" : `a finite time above ${before}`;
    expectThat(isLater, expected, `points[${i}][0]`, point[0]);
    checkLearningRate(point[1]);
  }
  return points.map(([time, rate]) => [time, rate] as const);
}
