import { requireKnownOptions } from "../system/known-options.js";
import { denseConfusion } from "./dense-confusion.js";
import { WEIGHTS_OPTION, type WeightsOption } from "./weights.js";

/**
 * Cohen's kappa: how much more often labels and predictions agree than two that know nothing of each other would, (p_o - p_e) / (1 - p_e).
 * scikit-learn's `cohen_kappa_score`, without weights of the classes.
 *
 * Formula: J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960).
 *
 * @param labels The true class of each example, [n_examples], whole numbers of 0 or more.
 * @param predictions The predicted class of each example, [n_examples].
 * @returns -1 to 1, 0 for guesses; NaN where a single class occurs, because then there is nothing to agree on.
 * @throws ShapeError when there are not as many predictions, and weights, as labels, or none.
 * @throws LabelRangeError when one is no such number.
 * @throws InvalidArgumentError for weights that are no weights.
 */
export function cohenKappa(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  options: WeightsOption = {},
): number {
  requireKnownOptions("cohenKappa", options, WEIGHTS_OPTION, "{ weights }");
  const { matrix, support, predicted } = denseConfusion(labels, predictions, options.weights);
  // Over the pairs of different classes alone: of a single class both sums are 0, and not what rounding leaves of a difference.
  let [disagreements, expected] = [0, 0];
  for (const [trueClass, ofLabel] of support.entries()) {
    for (const [c, ofPrediction] of predicted.entries()) {
      if (c === trueClass) continue;
      disagreements += matrix.counts[trueClass * matrix.classes + c] as number; // Both are below classes.
      expected += ofLabel * ofPrediction;
    }
  }
  const total = support.reduce((sum, weight) => sum + weight, 0);
  return 1 - disagreements / (expected / total);
}

/**
 * Matthews' correlation coefficient of labels and predictions, for any number of classes: scikit-learn's `matthews_corrcoef`.
 *
 * Formula: J. Gorodkin, "Comparing two K-category assignments by a K-category correlation coefficient", Computational Biology and
 * Chemistry 28 (2004).
 *
 * @param labels The true class of each example, [n_examples], whole numbers of 0 or more.
 * @param predictions The predicted class of each example, [n_examples].
 * @returns -1 to 1, 0 for guesses, and where all labels or all predictions are the same.
 * @throws ShapeError when there are not as many predictions, and weights, as labels, or none.
 * @throws LabelRangeError when one is no such number.
 * @throws InvalidArgumentError for weights that are no weights.
 */
export function matthewsCorrelation(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  options: WeightsOption = {},
): number {
  requireKnownOptions("matthewsCorrelation", options, WEIGHTS_OPTION, "{ weights }");
  const { matrix, support, predicted } = denseConfusion(labels, predictions, options.weights);
  const total = support.reduce((sum, weight) => sum + weight, 0);
  const correct = support.reduce((sum, _, c) => sum + (matrix.counts[c * matrix.classes + c] as number), 0);
  const ofPredictions = total ** 2 - dot(predicted, predicted);
  const ofLabels = total ** 2 - dot(support, support);
  // Sums of weights are rounded: that a single class occurs is known for certain by counting.
  if ([support, predicted].some((sums) => sums.filter((sum) => sum > 0).length < 2)) return 0;
  return (correct * total - dot(support, predicted)) / Math.sqrt(ofLabels * ofPredictions);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0); // Of equal length.
}
