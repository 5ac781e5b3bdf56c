import { ShapeError } from "../errors.js";
import { requireKnownOptions } from "../system/known-options.js";
import { WEIGHTS_OPTION, type WeightsOption, weightOf } from "./weights.js";

/**
 * The share of examples whose predicted class is the true one, as scikit-learn's `accuracy_score`.
 *
 * @param labels The true class of each example, [n_examples].
 * @param predictions The predicted class of each example, [n_examples].
 * @returns 0 to 1.
 * @throws ShapeError when there are not as many predictions, and weights, as labels, or none.
 * @throws InvalidArgumentError for weights that are no weights.
 */
export function accuracy(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  options: WeightsOption = {},
): number {
  requireKnownOptions("accuracy", options, WEIGHTS_OPTION, "{ weights }");
  if (labels.length !== predictions.length) {
    throw new ShapeError(
      `Expected one prediction for each label but received ${labels.length} labels and ${predictions.length} predictions.`,
    );
  }
  if (labels.length === 0) {
    throw new ShapeError("Expected at least one example to compute an accuracy but received none.");
  }
  const weight = weightOf(options.weights, labels.length);
  let [correct, total] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === predictions[i]) correct += weight(i);
    total += weight(i);
  }
  return correct / total;
}
