import type { Parameter } from "../tensor/parameter.js";
import { addPenalty } from "../tensor/updates.js";

/** What regularisation adds to the loss: (alpha / 2 * sum of w² + l1 * sum of |w|) / n_examples, over all weights that decay. */
export interface Penalty {
  readonly alpha: number;
  readonly l1: number;
}

/** Adds the penalty's gradient to the gradients: (alpha w + l1 sign(w)) / n_examples. */
export function addPenalties(
  parameters: readonly Parameter[],
  { alpha, l1 }: Penalty,
  examples: number,
): void {
  if (alpha === 0 && l1 === 0) return;
  for (const { value, gradient, decays } of parameters) {
    if (decays) addPenalty(value, gradient, alpha / examples, l1 / examples);
  }
}

export function penaltyOf(
  parameters: readonly Parameter[],
  { alpha, l1 }: Penalty,
  examples: number,
): number {
  if (alpha === 0 && l1 === 0) return 0;
  const squares = new Float64Array(1);
  let magnitudes = 0;
  for (const { value, decays } of parameters) {
    if (!decays) continue;
    // What lies between the numbers of a matrix is 0.
    if (alpha !== 0) value.backend.sumOfSquares({ x: value.data, totals: squares });
    if (l1 !== 0) for (const w of value.data) magnitudes += Math.abs(w);
  }
  return ((alpha / 2) * (squares[0] as number) + l1 * magnitudes) / examples;
}
