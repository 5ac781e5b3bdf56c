import { ShapeError } from "../errors.js";

/**
 * The share of examples whose predicted class is the true one, as scikit-learn's `accuracy_score`.
 *
 * @param labels The true class of each example, [n_examples].
 * @param predictions The predicted class of each example, [n_examples].
 * @returns 0 to 1.
 * @throws ShapeError when there are not as many predictions as labels, or none.
 */
export function accuracy(labels: ArrayLike<number>, predictions: ArrayLike<number>): number {
  if (labels.length !== predictions.length) {
    throw new ShapeError(
      `Expected one prediction for each label but received ${labels.length} labels and ${predictions.length} predictions.`,
    );
  }
  if (labels.length === 0) {
    throw new ShapeError("Expected at least one example to compute an accuracy but received none.");
  }
  let correct = 0;
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === predictions[i]) correct++;
  }
  return correct / labels.length;
}
