import { expectThat } from "../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { checkScores, hasNaN } from "./scores.js";
import { type WeightsOption, weightOf } from "./weights.js";

export interface RankingOptions extends WeightsOption {
  /**
   * Of more than two classes, the plain mean over all of them, each against the rest, or that in which each counts by its examples.
   * Default: `"macro"`.
   */
  readonly average?: "macro" | "weighted";
}

const OPTIONS: KnownOptions<RankingOptions> = { weights: true, average: true };

/** How many positive and negative examples have at least a score, from the highest to the lowest. */
type Visit = (positives: number, negatives: number) => void;

/**
 * The area under the ROC curve: how likely an example of a class has a higher score for it than one of another class, where ties count
 * half. scikit-learn's `roc_auc_score`, of more than two classes with `multi_class="ovr"`; the scores of an example need not add up to 1.
 *
 * @param labels The true class of each example, [n_examples].
 * @param scores [n_examples, classes], of which two classes need the second alone; or of two classes that one, [n_examples]. They are only
 *   compared with each other, so that any numbers serve.
 * @returns 0 to 1, 0.5 for guesses; NaN where a class has no example or all of them, as scikit-learn since 1.6, or where a score is NaN.
 * @throws ShapeError when there are not as many scores for each label, not a weight for each, or no example.
 * @throws LabelRangeError when a label has no score.
 * @throws InvalidArgumentError for another average, or weights that are no weights.
 */
export function rocAuc(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  options: RankingOptions = {},
): number {
  requireKnownOptions("rocAuc", options, OPTIONS, '{ average: "weighted" }');
  return averaged(labels, scores, options, "an area under the ROC curve", (curve) => {
    let [area, lastPositives, lastNegatives] = [0, 0, 0];
    curve((positives, negatives) => {
      area += ((positives + lastPositives) / 2) * (negatives - lastNegatives);
      [lastPositives, lastNegatives] = [positives, negatives];
    });
    return area / (lastPositives * lastNegatives);
  });
}

/**
 * Average precision: the mean of the precision at each threshold, weighted by how much recall it adds, Σ (R_n - R_{n-1}) P_n, without
 * interpolation. scikit-learn's `average_precision_score`, of more than two classes that of each class against the rest.
 *
 * @param labels The true class of each example, [n_examples].
 * @param scores As {@link rocAuc} takes them.
 * @returns 0 to 1, the share of its examples for guesses; 0 of a class without examples; NaN where a score is NaN.
 * @throws ShapeError when there are not as many scores for each label, not a weight for each, or no example.
 * @throws LabelRangeError when a label has no score.
 * @throws InvalidArgumentError for another average, or weights that are no weights.
 */
export function averagePrecision(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  options: RankingOptions = {},
): number {
  requireKnownOptions("averagePrecision", options, OPTIONS, '{ average: "weighted" }');
  return averaged(labels, scores, options, "an average precision", (curve) => {
    let [sum, last] = [0, 0];
    curve((positives, negatives) => {
      if (positives > last) sum += (positives - last) * (positives / (positives + negatives));
      last = positives;
    });
    return last === 0 ? 0 : sum / last;
  });
}

/** Of two classes the measure of class 1, of more the average over all. */
function averaged(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  { average = "macro", weights }: RankingOptions,
  what: string,
  measure: (curve: (visit: Visit) => void) => number,
): number {
  expectThat(average === "macro" || average === "weighted", '"macro" or "weighted"', "average", average);
  const { width, classes } = checkScores(labels, scores, what);
  const weight = weightOf(weights, labels.length);
  if (hasNaN(scores)) return Number.NaN;
  const ofClass = (c: number, column: number) =>
    measure((visit) => {
      const own = new Float64Array(labels.length).map((_, i) => scores[i * width + column] as number); // In range.
      walk(own, (i) => labels[i] === c, weight, visit);
    });
  if (classes === 2) return ofClass(1, width - 1);
  const all = Array.from({ length: classes }, (_, c) => ofClass(c, c));
  const shares = average === "macro" ? all.map(() => 1) : supports(labels, weight, classes);
  const total = shares.reduce((sum, share) => sum + share, 0);
  return all.reduce((sum, value, c) => sum + value * (shares[c] as number), 0) / total;
}

/**
 * Walks from the highest score to the lowest; examples of equal scores are one step. Only the positive ones are sorted, and the others are
 * looked up among them, because of many classes few examples are of each.
 */
function walk(
  scores: Float64Array,
  isPositive: (i: number) => boolean,
  weight: (i: number) => number,
  visit: Visit,
): void {
  const order = placesOf(scores, isPositive).sort((a, b) =>
    descending(scores[a] as number, scores[b] as number),
  );
  const thresholds = Float64Array.from(order, (i) => scores[i] as number); // Places in scores.
  // Weights of the negative examples between a threshold and the one before, and at the first of thresholds that are equal.
  const between = new Float64Array(order.length + 1);
  const level = new Float64Array(order.length + 1);
  for (let i = 0; i < scores.length; i++) {
    if (isPositive(i)) continue;
    const score = scores[i] as number; // i is below the length.
    const place = firstNotAbove(thresholds, score);
    const sums = thresholds[place] === score ? level : between;
    sums[place] = (sums[place] as number) + weight(i);
  }
  let [positives, negatives] = [0, 0];
  for (const [place, i] of order.entries()) {
    const threshold = thresholds[place];
    if (threshold !== thresholds[place - 1]) {
      negatives += between[place] as number;
      visit(positives, negatives);
      negatives += level[place] as number;
    }
    positives += weight(i);
    if (threshold !== thresholds[place + 1]) visit(positives, negatives);
  }
  visit(positives, negatives + (between[order.length] as number));
}

function placesOf(scores: Float64Array, isPositive: (i: number) => boolean): Uint32Array {
  return new Uint32Array(scores.length).map((_, i) => i).filter((i) => isPositive(i));
}

/** For infinities, too, whose difference is NaN. */
function descending(a: number, b: number): number {
  return a > b ? -1 : a < b ? 1 : 0;
}

/** The first place in falling numbers of one that is not above this; their length where all are. */
function firstNotAbove(falling: ArrayLike<number>, value: number): number {
  let [low, high] = [0, falling.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((falling[middle] as number) > value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function supports(labels: ArrayLike<number>, weight: (i: number) => number, classes: number): number[] {
  const sums = new Array<number>(classes).fill(0);
  for (let i = 0; i < labels.length; i++)
    sums[labels[i] as number] = (sums[labels[i] as number] ?? 0) + weight(i); // Checked.
  return sums;
}
