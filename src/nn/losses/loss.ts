import type { BatchTargets } from "../../tensor/batch.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { OutputSlot } from "../layer.js";
import type { OutputActivation } from "../specification.js";
import type { LossSpecification } from "./specification.js";

/**
 * Running sums of an epoch or an evaluation: [the loss of each example, the number of correct examples, the number of examples]; each
 * example counts by its weight.
 */
export type LossTotals = Float64Array;

export function createLossTotals(): LossTotals {
  return new Float64Array(3);
}

/** What training makes small. */
export interface Loss {
  /** What the loss is, so that another can be made like it. */
  readonly specification: LossSpecification;
  /** As a sentence calls it. */
  readonly name: string;
  /** The activations of an output layer that it pairs with. */
  readonly outputs: readonly OutputActivation[];
  /** What it can learn: the class of each example, or a value for each output. */
  readonly targets: readonly ("classes" | "values")[];
  /** Whether an output can be right or wrong about such a target. */
  hasAccuracy(targets: "classes" | "values"): boolean;
  /** Whether it reads z, and not only the activations, so that it stays finite for any of them. */
  readonly readsLogits: boolean;

  /**
   * Adds the loss of some examples, and the number of correct ones, to `totals`.
   *
   * @param output What the output layer keeps of them.
   * @throws LabelRangeError for a label that has no output.
   */
  add(output: OutputSlot, targets: BatchTargets, totals: LossTotals): void;

  /**
   * The gradient of the mean loss of some examples with respect to z = x Wᵀ + b of the output layer, written to `out`; or of their sum
   * divided by what the targets say. The sums of {@link add} are taken in the same pass.
   *
   * @param share The gradient is multiplied by it. Default: 1.
   * @returns `out`, [n_examples, n_outputs]
   * @throws LabelRangeError for a label that has no output.
   */
  delta(output: OutputSlot, targets: BatchTargets, totals: LossTotals, out: Tensor, share?: number): Tensor;

  /** What training makes small: the mean over the examples, from the totals. */
  objective(totals: LossTotals, outputs: number): number;

  /** The figure that is reported, from the totals. */
  mean(totals: LossTotals, outputs: number): number;
}
