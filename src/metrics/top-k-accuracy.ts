import { expectWholeNumber } from "../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { checkScores, hasNaN, scoresByClass } from "./scores.js";
import { type WeightsOption, weightOf } from "./weights.js";

export interface TopKOptions extends WeightsOption {
  /** How many guesses each example has, a whole number of at least 1. Default: 2, scikit-learn's. */
  readonly k?: number;
}

const OPTIONS: KnownOptions<TopKOptions> = { weights: true, k: true };

/**
 * The share of examples whose class is among the k with the largest scores, as scikit-learn's `top_k_accuracy_score` of all classes. Of
 * equal scores, that of the higher class counts as larger, as there.
 *
 * @param labels The true class of each example, [n_examples].
 * @param scores [n_examples, classes]; or of two classes a single one for each example, from 0 to 1, for class 1.
 * @returns 0 to 1; always 1 where there are no more than k classes; NaN where a score is NaN.
 * @throws ShapeError when there are not as many scores for each label, not a weight for each, or no example.
 * @throws LabelRangeError when a label has no score.
 * @throws InvalidArgumentError for a k below 1, or weights that are no weights.
 */
export function topKAccuracy(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  options: TopKOptions = {},
): number {
  requireKnownOptions("topKAccuracy", options, OPTIONS, "{ k: 5 }");
  const { k = 2, weights } = options;
  expectWholeNumber("k", k);
  const { width, classes } = checkScores(labels, scores, "a top-k accuracy");
  if (hasNaN(scores)) return Number.NaN;
  const weight = weightOf(weights, labels.length);
  const byClass = scoresByClass(scores, width);
  let [hits, total] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number; // i is below the length.
    const own = byClass[i * classes + label] as number; // Each label was checked.
    let larger = 0;
    for (let c = 0; c < classes; c++) {
      const score = byClass[i * classes + c] as number;
      if (score > own || (score === own && c > label)) larger += 1;
    }
    if (larger < k) hits += weight(i);
    total += weight(i);
  }
  return hits / total;
}
