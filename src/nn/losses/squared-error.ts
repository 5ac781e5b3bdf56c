import { matrix, output, type Tensor } from "../../tensor/tensor.js";

/**
 * Running sums of an epoch or an evaluation: [sum of squared errors, number of examples whose largest output is that of
 * their class].
 */
export type LossTotals = Float64Array;

export function createLossTotals(): LossTotals {
  return new Float64Array(2);
}

/**
 * Adds the squared differences between outputs and one-hot labels, and the number of correct examples, to `totals`.
 *
 * @param a Activations of the output layer, [n_examples, n_classes].
 * @param labels [n_examples], each below n_classes.
 * @throws LabelRangeError for a label that is not.
 */
export function addSquaredError(a: Tensor, labels: Uint8Array, totals: LossTotals): void {
  const [, classes] = matrix(a);
  a.backend.squaredError({ a: a.data, labels, classes, totals });
}

/**
 * The gradient of the loss with respect to the input of a sigmoid output layer,
 * delta = 2 / n_examples * (a - y) * a * (1 - a), where the loss is the mean over the examples of the squared error summed
 * over the output units. The sums of {@link addSquaredError} are taken in the same pass.
 *
 * @returns [n_examples, n_classes]
 * @throws LabelRangeError for a label that is not below n_classes.
 */
export function squaredErrorDelta(
  a: Tensor,
  labels: Uint8Array,
  totals: LossTotals,
  out: Tensor | undefined,
): Tensor {
  const [examples, classes] = matrix(a);
  const delta = output(a, a.shape, out);
  a.backend.outputDelta({ a: a.data, labels, classes, totals, scale: 2 / examples, delta: delta.data });
  return delta;
}
