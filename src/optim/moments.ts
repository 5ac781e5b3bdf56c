import { UPDATE_COEFFICIENTS } from "../backend/operations/updates.js";
import { epsilon, fraction, TERMS, type TermOptions } from "./settings.js";

// What Adam and its relatives share: running means of the gradient, m, and of its square, v.

export interface MomentOptions extends TermOptions {
  /** The share of the old m in the new one, from 0 to below 1. Default: 0.9. */
  readonly beta1?: number | undefined;
  /** The share of the old v in the new one, from 0 to below 1. Default: 0.999. */
  readonly beta2?: number | undefined;
  /** At least 1e-30. Default: 1e-8. */
  readonly epsilon?: number | undefined;
}

export const MOMENT_SETTINGS = {
  beta1: fraction(0.9),
  beta2: fraction(0.999),
  epsilon: epsilon(1e-8),
  ...TERMS,
} as const;

export const MOMENT_SLOTS = { first: "firstMoment", second: "secondMoment" } as const;

/** Writes the coefficients of both means, and of √v with its bias corrected: both means begin with 0, and are too small at first. */
export function setMomentCoefficients(
  coefficients: Float64Array,
  { beta1, beta2, epsilon }: { readonly beta1: number; readonly beta2: number; readonly epsilon: number },
  step: number,
): void {
  coefficients[UPDATE_COEFFICIENTS.firstShare] = 1 - beta1;
  coefficients[UPDATE_COEFFICIENTS.secondShare] = 1 - beta2;
  coefficients[UPDATE_COEFFICIENTS.rootScale] = 1 / Math.sqrt(1 - beta2 ** step);
  coefficients[UPDATE_COEFFICIENTS.epsilon] = epsilon;
}
