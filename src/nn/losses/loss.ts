import type { Activation } from "../../backend/backend.js";
import type { BatchTargets } from "../../tensor/batch.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Running sums of an epoch or an evaluation: [sum of the loss, number of examples whose largest output is that of their class]. */
export type LossTotals = Float64Array;

export function createLossTotals(): LossTotals {
  return new Float64Array(2);
}

/** What training makes small. */
export interface Loss {
  /** As a sentence calls it. */
  readonly name: string;
  /** The activations of an output layer that it pairs with. */
  readonly outputs: readonly Activation[];

  /**
   * Adds the loss of some examples, and the number of correct ones, to `totals`.
   *
   * @param a Activations of the output layer, [n_examples, n_outputs].
   * @throws LabelRangeError for a label that has no output.
   */
  add(a: Tensor, targets: BatchTargets, totals: LossTotals): void;

  /**
   * The gradient of the mean loss of some examples with respect to z = x Wᵀ + b of the output layer, written to `out`. The sums of
   * {@link add} are taken in the same pass.
   *
   * @returns `out`, [n_examples, n_outputs]
   * @throws LabelRangeError for a label that has no output.
   */
  delta(a: Tensor, targets: BatchTargets, totals: LossTotals, out: Tensor): Tensor;

  /** The figure that is reported, from the first of the totals. */
  mean(total: number, examples: number, outputs: number): number;
}
