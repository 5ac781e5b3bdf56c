import { InvalidArgumentError } from "../errors.js";

/** A range that holds a proportion, 0 <= lower <= upper <= 1. */
export interface ProportionInterval {
  readonly lower: number;
  readonly upper: number;
}

/** The 0.975 quantile of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * The 95 % confidence interval of a proportion by Wilson's score method, without continuity correction: how far an accuracy
 * measured on `trials` examples may be from the accuracy on all examples of the kind.
 *
 * Formula: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927). Equal to SciPy's
 * `binomtest(successes, trials).proportion_ci(0.95, method="wilson")`.
 *
 * @param successes How many of the trials succeeded, an integer from 0 to `trials`.
 * @param trials An integer of at least 0. No trial says nothing: the interval is then 0 to 1.
 * @throws InvalidArgumentError when either is not such an integer.
 */
export function wilsonInterval(successes: number, trials: number): ProportionInterval {
  if (!Number.isInteger(trials) || trials < 0) {
    throw new InvalidArgumentError(`Expected a whole number of trials, 0 or more, but received ${trials}.`);
  }
  if (!Number.isInteger(successes) || successes < 0 || successes > trials) {
    throw new InvalidArgumentError(
      `Expected a whole number of successes from 0 to ${trials} but received ${successes}.`,
    );
  }
  if (trials === 0) {
    return { lower: 0, upper: 1 };
  }
  const proportion = successes / trials;
  const scale = 1 + (Z * Z) / trials;
  const centre = (proportion + (Z * Z) / (2 * trials)) / scale;
  const margin =
    (Z / scale) * Math.sqrt((proportion * (1 - proportion)) / trials + (Z * Z) / (4 * trials * trials));
  // At the ends the bound is the proportion itself, which the subtraction would miss by a rounding error.
  return {
    lower: successes === 0 ? 0 : centre - margin,
    upper: successes === trials ? 1 : centre + margin,
  };
}
