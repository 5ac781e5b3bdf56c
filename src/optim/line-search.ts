// The line search of J. Moré and D. Thuente, "Line search algorithms with guaranteed sufficient decrease", ACM TOMS 20 (1994): in the
// direction of a step, phi(step) is the loss and phi'(step) its slope.

/** Where a loss was computed along the line. */
export interface LinePoint {
  readonly step: number;
  /** phi(step) */
  readonly loss: number;
  /** phi'(step): the gradient times the direction. */
  readonly slope: number;
}

/**
 * `wolfe`: the point fulfils both conditions. `narrow`: rounding, a narrow interval or the largest step allows no better point.
 * `failed`: no point was accepted in as many evaluations as are allowed.
 */
export interface LineSearchResult {
  readonly outcome: "wolfe" | "narrow" | "failed";
  /** The last point that was evaluated, and the one to take unless the search failed. */
  readonly point: LinePoint;
}

export interface LineSearchLimits {
  /** Default: 20, L-BFGS-B's. */
  readonly maxEvaluations?: number;
  /** An interval that is as narrow, relative to its upper end, ends the search. Default: 0.1, L-BFGS-B's. */
  readonly narrow?: number;
}

/** The loss must fall by this share of what the slope at the start promises: mu of the paper. L-BFGS-B's value. */
export const SUFFICIENT_DECREASE = 1e-3;
/** The slope's size must fall to this share of that at the start: eta of the paper. L-BFGS-B's value. */
export const SLOPE_SHARE = 0.9;
const LARGEST_STEP = 1e10;
/** An interval must shrink to this share, or it is halved. */
const SHRINKAGE = 0.66;

/**
 * Searches a step that fulfils the strong Wolfe conditions:
 *
 *     phi(step) ≤ phi(0) + 1e-3 step phi'(0)    and    |phi'(step)| ≤ 0.9 |phi'(0)|
 *
 * A trial at which the loss or the slope is not finite counts as too far.
 *
 * Yields each step to try, and takes what was found there by `next`.
 *
 * @param start phi(0) and phi'(0), which must be below 0.
 * @param firstStep Above 0.
 */
export function* searchLine(
  start: LinePoint,
  firstStep: number,
  { maxEvaluations = 20, narrow = 0.1 }: LineSearchLimits = {},
): Generator<number, LineSearchResult, LinePoint> {
  const requiredSlope = SUFFICIENT_DECREASE * start.slope;
  let interval: Interval = { best: start, other: start, bracketed: false };
  let isFirstStage = true; // Until a point fulfils the first condition and the loss rises there.
  let [lower, upper] = [0, 5 * firstStep]; // Where the next trial may be.
  let [width, widthBefore] = [LARGEST_STEP, 2 * LARGEST_STEP];
  let step = firstStep;
  for (let evaluations = 1; ; evaluations++) {
    const trial = yield step;
    const isUsable = Number.isFinite(trial.loss) && Number.isFinite(trial.slope);
    const decreases = isUsable && trial.loss <= start.loss + step * requiredSlope;
    if (decreases && Math.abs(trial.slope) <= -SLOPE_SHARE * start.slope) {
      return { outcome: "wolfe", point: trial };
    }
    const isLast = interval.bracketed
      ? isUsable && isExhausted(step, lower, upper, narrow)
      : step === LARGEST_STEP && decreases && trial.slope <= requiredSlope;
    if (isLast) return { outcome: "narrow", point: trial };
    if (evaluations === maxEvaluations) return { outcome: "failed", point: trial };

    if (!isUsable) {
      const { step: nearest } = interval.best;
      if (!interval.bracketed) [lower, upper] = [nearest, step];
      step = nearest + (step - nearest) / 10;
      continue;
    }
    if (decreases && trial.slope >= 0) isFirstStage = false;

    // Where the loss falls, but not enough, psi(step) = phi(step) - phi(0) - mu phi'(0) step is minimized instead of phi.
    const tilt = isFirstStage && !decreases && trial.loss <= interval.best.loss ? requiredSlope : 0;
    ({ interval, step } = refine(interval, trial, tilt, lower, upper));
    const { best, other, bracketed } = interval;
    if (bracketed) {
      const gap = Math.abs(other.step - best.step);
      if (gap >= SHRINKAGE * widthBefore) step = best.step + (other.step - best.step) / 2;
      [width, widthBefore] = [gap, width];
      [lower, upper] = [Math.min(best.step, other.step), Math.max(best.step, other.step)];
    } else {
      [lower, upper] = [step + 1.1 * (step - best.step), step + 4 * (step - best.step)];
    }
    step = Math.min(Math.max(step, 0), LARGEST_STEP);
    if (bracketed && isExhausted(step, lower, upper, narrow)) {
      if (best === trial) return { outcome: "narrow", point: trial };
      step = best.step; // Once more, as the last point is the one to take.
    }
  }
}

/** Whether an interval holds no point that is worth a trial. */
function isExhausted(step: number, lower: number, upper: number, narrow: number): boolean {
  return step <= lower || step >= upper || upper - lower <= narrow * upper;
}

/** Between its ends, once both are known, there is a step that fulfils the conditions. */
interface Interval {
  /** The end with the lower loss. */
  readonly best: LinePoint;
  readonly other: LinePoint;
  readonly bracketed: boolean;
}

/**
 * The interval after a trial (section 2 of the paper), and the next step to try (section 4).
 *
 * @param tilt Subtracted from the slope everywhere: 0 for phi, mu phi'(0) for psi.
 */
function refine(
  { best, other, bracketed }: Interval,
  trial: LinePoint,
  tilt: number,
  lower: number,
  upper: number,
): { readonly interval: Interval; readonly step: number } {
  const [tiltedBest, tiltedOther, tiltedTrial] = [best, other, trial].map((point) => tilted(point, tilt)) as [
    LinePoint,
    LinePoint,
    LinePoint,
  ];
  const isHigher = tiltedTrial.loss > tiltedBest.loss;
  const turns = tiltedTrial.slope * Math.sign(tiltedBest.slope) < 0;
  const between = { best: tiltedBest, other: tiltedOther, bracketed };
  const step = isHigher
    ? stepBackFrom(tiltedBest, tiltedTrial)
    : turns
      ? stepAcross(tiltedBest, tiltedTrial)
      : Math.abs(tiltedTrial.slope) < Math.abs(tiltedBest.slope)
        ? stepOnward(between, tiltedTrial, lower, upper)
        : stepFarther(between, tiltedTrial, lower, upper);
  const interval = isHigher
    ? { best, other: trial, bracketed: true }
    : { best: trial, other: turns ? best : other, bracketed: bracketed || turns };
  return { interval, step };
}

function tilted({ step, loss, slope }: LinePoint, tilt: number): LinePoint {
  return { step, loss: loss - step * tilt, slope: slope - tilt };
}

/** Case 1, the trial is higher: the cubic's minimum if it is nearer to the best point than the quadratic's, else the middle of both. */
function stepBackFrom(best: LinePoint, trial: LinePoint): number {
  const cubic = cubicMinimum(trial, best);
  const distance = trial.step - best.step;
  const chord = (trial.loss - best.loss) / distance;
  const quadratic = best.step + (best.slope / (best.slope - chord) / 2) * distance; // By both losses and the best point's slope.
  return nearer(best.step, cubic, quadratic) === cubic ? cubic : cubic + (quadratic - cubic) / 2;
}

/** Case 2, the slope has turned: of the cubic's minimum and the secant's the one farther from the trial. */
function stepAcross(best: LinePoint, trial: LinePoint): number {
  return farther(trial.step, cubicMinimum(best, trial), secantMinimum(best, trial));
}

/** Case 3, lower and flatter: a minimum beyond the trial, but not far beyond. */
function stepOnward(
  { best, other, bracketed }: Interval,
  trial: LinePoint,
  lower: number,
  upper: number,
): number {
  const isForward = trial.step > best.step;
  const minimum = cubicMinimum(best, trial);
  const isBeyond = (minimum - trial.step) * (trial.step - best.step) > 0; // Not for NaN, where the cubic has no minimum.
  const cubic = isBeyond ? minimum : isForward ? upper : lower;
  const secant = secantMinimum(best, trial);
  if (!bracketed) return Math.max(Math.min(farther(trial.step, cubic, secant), upper), lower);
  const limit = trial.step + SHRINKAGE * (other.step - trial.step);
  const step = nearer(trial.step, cubic, secant);
  return isForward ? Math.min(limit, step) : Math.max(limit, step);
}

/** Case 4, lower and no flatter: the cubic's minimum between the trial and the other end, or else as far as is allowed. */
function stepFarther(
  { best, other, bracketed }: Interval,
  trial: LinePoint,
  lower: number,
  upper: number,
): number {
  if (bracketed) return cubicMinimum(other, trial);
  return trial.step > best.step ? upper : lower;
}

/**
 * Where the cubic that has the losses and slopes of two points has its minimum; NaN where it has none (J. Nocedal and S. Wright, Numerical
 * Optimization, 2006, equation 3.59). Slopes are divided by the largest, against overflow.
 */
function cubicMinimum(a: LinePoint, b: LinePoint): number {
  const d1 = a.slope + b.slope - (3 * (b.loss - a.loss)) / (b.step - a.step);
  const scale = Math.max(Math.abs(d1), Math.abs(a.slope), Math.abs(b.slope));
  const squared = (d1 / scale) ** 2 - (a.slope / scale) * (b.slope / scale);
  if (!(squared > 0)) return Number.NaN;
  const d2 = Math.sign(b.step - a.step) * scale * Math.sqrt(squared);
  return b.step - (b.step - a.step) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2));
}

/** Where the line through the slopes of two points is 0. */
function secantMinimum(a: LinePoint, b: LinePoint): number {
  return b.step + (b.slope / (b.slope - a.slope)) * (a.step - b.step);
}

const nearer = (to: number, x: number, y: number) => (Math.abs(x - to) < Math.abs(y - to) ? x : y);
const farther = (from: number, x: number, y: number) => (Math.abs(x - from) > Math.abs(y - from) ? x : y);
