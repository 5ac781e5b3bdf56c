import { InvalidArgumentError } from "../errors.js";
import { requireKnownOptions } from "../system/known-options.js";
import { checkScores, hasNaN, scoresByClass } from "./scores.js";
import { WEIGHTS_OPTION, type WeightsOption, weightOf } from "./weights.js";

/**
 * The mean of -log p, where p is the probability that was given to the true class: scikit-learn's `log_loss` of all classes.
 *
 * As there (up to version 1.4), the numbers of an example are divided by their sum, so that those of independent sigmoids become a
 * distribution; and each is first kept at least the machine epsilon of its type away from 0 and 1, so that a wrong certainty costs much
 * (15.9 of a Float32Array, 36 of other numbers), and not without limit.
 *
 * @param labels The true class of each example, [n_examples].
 * @param probabilities [n_examples, classes], each 0 to 1; or of two classes a single one for each example, that of class 1.
 * @returns 0 or more; NaN where a probability is NaN.
 * @throws ShapeError when there are not as many probabilities for each label, not a weight for each, or no example.
 * @throws LabelRangeError when a label has no probability.
 * @throws InvalidArgumentError when a probability is not from 0 to 1, or for weights that are no weights.
 */
export function logLoss(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: WeightsOption = {},
): number {
  requireKnownOptions("logLoss", options, WEIGHTS_OPTION, "{ weights }");
  const { width, classes } = checkScores(labels, probabilities, "a log loss");
  const weight = weightOf(options.weights, labels.length);
  if (hasNaN(probabilities)) return Number.NaN;
  checkProbabilities(probabilities);
  const epsilon = probabilities instanceof Float32Array ? 2 ** -23 : 2 ** -52;
  const byClass = scoresByClass(probabilities, width);
  let [loss, total] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    let [own, sum] = [0, 0];
    for (let c = 0; c < classes; c++) {
      const probability = byClass[i * classes + c] as number; // i and c are in range.
      const clipped = Math.min(Math.max(probability, epsilon), 1 - epsilon);
      if (c === labels[i]) own = clipped;
      sum += clipped;
    }
    loss -= weight(i) * Math.log(own / sum);
    total += weight(i);
  }
  return loss / total;
}

function checkProbabilities(probabilities: ArrayLike<number>): void {
  for (let i = 0; i < probabilities.length; i++) {
    const probability = probabilities[i] as number; // i is below the length.
    if (probability < 0 || probability > 1) {
      throw new InvalidArgumentError(
        `Expected probabilities from 0 to 1 for a log loss, but that at position ${i} is ${probability}; apply a softmax or a sigmoid first.`,
      );
    }
  }
}
