/** What a range test has measured, step by step, and what follows from it. */
export interface LearningRateRange {
  /** Of each step, ascending. */
  readonly rates: readonly number[];
  /** Mean loss of each step's minibatch, before the step. */
  readonly losses: readonly number[];
  /** Their exponential moving averages. */
  readonly smoothedLosses: readonly number[];
  /** The rate at which the loss grew without end, so that the test ended there; `null`: it went through all rates. */
  readonly divergedAt: number | null;
  /** The learning rates that follow; `null` where {@link outcome} is not `found`. */
  readonly suggestions: LearningRateSuggestions | null;
  /** `flat`: the loss hardly fell at any rate, so that nothing follows. `diverged`: nor did it fall before it grew without end. */
  readonly outcome: "found" | "flat" | "diverged";
}

export interface LearningRateSuggestions {
  /** Where the loss falls most steeply: a line through some twentieth of all steps before and after. */
  readonly steepest: number;
  /** A tenth of the rate with the lowest smoothed loss. */
  readonly minimumTenth: number;
}

/** A learning rate with two significant digits: no range test tells more. */
export function formatRate(rate: number): string {
  return String(Number(rate.toPrecision(2)));
}

/** A loss that falls by less than this share has not been learned from. */
const FLAT = 0.05;

/** How many times the lowest smoothed loss it may become; fast.ai's. */
const GROWTH = 4;

/** Collects the losses of a range test. */
export class LossCurve {
  readonly rates: number[] = [];
  readonly losses: number[] = [];
  readonly smoothedLosses: number[] = [];
  divergedAt: number | null = null;
  readonly #smoothing: number;
  #average = 0;
  #lowest = Number.POSITIVE_INFINITY;

  /** @param smoothing The share of the old in each average, from 0 to below 1. */
  constructor(smoothing: number) {
    this.#smoothing = smoothing;
  }

  /** @returns Whether the loss has not grown without end yet. */
  add(rate: number, loss: number): boolean {
    if (!Number.isFinite(loss)) {
      this.divergedAt = rate;
      return false;
    }
    this.#average = this.#smoothing * this.#average + (1 - this.#smoothing) * loss;
    const smoothed = this.#average / (1 - this.#smoothing ** (this.rates.length + 1)); // As if there had been losses before.
    this.rates.push(rate);
    this.losses.push(loss);
    this.smoothedLosses.push(smoothed);
    this.#lowest = Math.min(this.#lowest, smoothed);
    const first = this.smoothedLosses[0] as number;
    if (smoothed > GROWTH * this.#lowest && smoothed > first) this.divergedAt = rate;
    return this.divergedAt === null;
  }

  /** @param steps How many there were to be. */
  result(steps: number): LearningRateRange {
    const { rates, losses, smoothedLosses, divergedAt } = this;
    const suggestions = suggest(rates, losses, smoothedLosses, steps);
    const outcome = suggestions !== null ? "found" : divergedAt === null ? "flat" : "diverged";
    return { rates, losses, smoothedLosses, divergedAt, suggestions, outcome };
  }
}

function suggest(
  rates: readonly number[],
  losses: readonly number[],
  smoothed: readonly number[],
  steps: number,
): LearningRateSuggestions | null {
  const beginning = losses.slice(0, Math.max(1, Math.floor(steps / 10))); // Rates too low to learn by.
  const initial = beginning.reduce((sum, loss) => sum + loss, 0) / beginning.length;
  const lowest = smoothed.reduce((least, loss, i) => (loss < (smoothed[least] as number) ? i : least), 0);
  if (lowest === 0 || (smoothed[lowest] as number) > (1 - FLAT) * initial) return null;
  const reach = Math.max(1, Math.round(steps / 20));
  let steepest = { slope: Number.POSITIVE_INFINITY, rate: rates[lowest] as number };
  for (let i = 0; i <= lowest; i++) {
    const slope = slopeOf(losses.slice(Math.max(0, i - reach), Math.min(lowest, i + reach) + 1));
    if (slope < steepest.slope) steepest = { slope, rate: rates[i] as number };
  }
  return { steepest: steepest.rate, minimumTenth: (rates[lowest] as number) / 10 };
}

/** Of the line by least squares through values at even distances. */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let [above, below] = [0, 0];
  for (const [i, value] of values.entries()) {
    above += (i - middle) * (value - mean);
    below += (i - middle) ** 2;
  }
  return below === 0 ? Number.POSITIVE_INFINITY : above / below;
}
