import { expectBoolean } from "../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { denseConfusion } from "./dense-confusion.js";
import type { WeightsOption } from "./weights.js";

export interface BalancedAccuracyOptions extends WeightsOption {
  /** Scales it so that guessing gives 0, and 1 stays 1. Default: `false`. */
  readonly adjusted?: boolean;
}

const OPTIONS: KnownOptions<BalancedAccuracyOptions> = { weights: true, adjusted: true };

/**
 * The mean, over the classes that occur in `labels`, of the share of their examples that was found: accuracy as it would be if classes
 * were equally frequent. scikit-learn's `balanced_accuracy_score`.
 *
 * @param labels The true class of each example, [n_examples], whole numbers of 0 or more.
 * @param predictions The predicted class of each example, [n_examples].
 * @returns 0 to 1; adjusted, -1 to 1, and NaN of a single class, where there is nothing to guess.
 * @throws ShapeError when there are not as many predictions, and weights, as labels, or none.
 * @throws LabelRangeError when one is no such number.
 * @throws InvalidArgumentError for weights that are no weights.
 */
export function balancedAccuracy(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  options: BalancedAccuracyOptions = {},
): number {
  requireKnownOptions("balancedAccuracy", options, OPTIONS, "{ adjusted: true }");
  const { adjusted = false, weights } = options;
  expectBoolean("adjusted", adjusted);
  const { matrix, support } = denseConfusion(labels, predictions, weights);
  const recalls = support.flatMap((sum, c) =>
    sum === 0 ? [] : [(matrix.counts[c * matrix.classes + c] as number) / sum],
  );
  const mean = recalls.reduce((total, recall) => total + recall, 0) / recalls.length;
  if (!adjusted) return mean;
  const chance = 1 / recalls.length;
  return chance === 1 ? Number.NaN : (mean - chance) / (1 - chance);
}
