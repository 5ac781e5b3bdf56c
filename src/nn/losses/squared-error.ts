import { InvalidArgumentError } from "../../errors.js";
import type { BatchTargets } from "../../tensor/batch.js";
import { matrix, requireShape, type Tensor } from "../../tensor/tensor.js";
import type { Loss, LossTotals } from "./loss.js";

/**
 * The chapter's loss: the mean over the examples of the squared error summed over the output units, (a - y)², where y is 1 for the
 * unit of the example's class and 0 for the others. What is reported is the mean over examples and output units.
 */
export function squaredError(): Loss {
  return { name: "squared error", outputs: ["sigmoid"], add, delta, mean };
}

function add(a: Tensor, targets: BatchTargets, totals: LossTotals): void {
  const [, classes] = matrix(a);
  a.backend.squaredError({ a: a.data, labels: labelsOf(targets), classes, totals });
}

/** 2 / n_examples * (a - y) * a * (1 - a) */
function delta(a: Tensor, targets: BatchTargets, totals: LossTotals, out: Tensor): Tensor {
  const [examples, classes] = matrix(a);
  const labels = labelsOf(targets);
  requireShape("delta", out, a.shape);
  a.backend.outputDelta({ a: a.data, labels, classes, totals, scale: 2 / examples, delta: out.data });
  return out;
}

function mean(total: number, examples: number, outputs: number): number {
  return total / (examples * outputs);
}

function labelsOf({ values, weights }: BatchTargets): Uint8Array {
  if (!(values instanceof Uint8Array) || weights !== undefined) {
    throw new InvalidArgumentError(
      "Expected the class of each example as a Uint8Array, without weights, for the squared error.",
    );
  }
  return values;
}
