import { InvalidArgumentError } from "../errors.js";
import { expectThat } from "../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import {
  type ClassificationReportOptions,
  type ClassScores,
  classificationReport,
} from "./classification-report.js";
import { type ConfusionMatrix, confusionMatrix } from "./confusion-matrix.js";
import { denseConfusion } from "./dense-confusion.js";
import type { WeightsOption } from "./weights.js";

/** How the scores of classes become one number. */
export type ScoreAverage = "binary" | "micro" | "macro" | "weighted";

export interface ClassScoreOptions extends WeightsOption, ClassificationReportOptions {
  /**
   * `"binary"`: the score of class 1, where there are classes 0 and 1 alone. `"micro"`: of all examples together, which is the accuracy.
   * `"macro"`: the plain mean over the classes. `"weighted"`: the mean in which each class counts by its examples. Default: `"binary"`.
   */
  readonly average?: ScoreAverage | undefined;
  /** How many classes there are, an integer of at least 1. Default: those that occur, in labels or predictions; of others nothing is known. */
  readonly classes?: number | undefined;
}

const OPTIONS: KnownOptions<ClassScoreOptions> = {
  weights: true,
  zeroDivision: true,
  average: true,
  classes: true,
};
const AVERAGES: readonly unknown[] = ["binary", "micro", "macro", "weighted"] satisfies ScoreAverage[];
const EXAMPLE = '{ average: "macro" }';

/**
 * Of the examples that were predicted to be of a class, the share that is: scikit-learn's `precision_score`.
 *
 * @param labels The true class of each example, [n_examples], whole numbers of 0 or more.
 * @param predictions The predicted class of each example, [n_examples].
 * @returns 0 to 1
 * @throws ShapeError when there are not as many predictions, and weights, as labels, or none.
 * @throws LabelRangeError when one is no such number, or not below `classes`.
 * @throws InvalidArgumentError for options out of range, weights that are no weights, and where `"binary"` meets other classes than 0 and 1.
 */
export function precisionScore(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  options: ClassScoreOptions = {},
): number {
  requireKnownOptions("precisionScore", options, OPTIONS, EXAMPLE);
  return scoresOf(labels, predictions, options).precision;
}

/** Of the examples of a class, the share that was found: scikit-learn's `recall_score`. Takes and throws what {@link precisionScore} does. */
export function recallScore(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  options: ClassScoreOptions = {},
): number {
  requireKnownOptions("recallScore", options, OPTIONS, EXAMPLE);
  return scoresOf(labels, predictions, options).recall;
}

/**
 * The harmonic mean of precision and recall, and the average of those of the classes: scikit-learn's `f1_score`. Takes and throws what
 * {@link precisionScore} does.
 */
export function f1Score(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  options: ClassScoreOptions = {},
): number {
  requireKnownOptions("f1Score", options, OPTIONS, EXAMPLE);
  return scoresOf(labels, predictions, options).f1;
}

function scoresOf(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  { average = "binary", classes, weights, zeroDivision }: ClassScoreOptions,
): Omit<ClassScores, "support"> {
  expectThat(AVERAGES.includes(average), '"binary", "micro", "macro" or "weighted"', "average", average);
  const report = classificationReport(matrixOf(labels, predictions, { average, classes, weights }), {
    zeroDivision,
  });
  switch (average) {
    case "binary":
      return report.perClass[1] as ClassScores; // Of two.
    case "micro":
      return { precision: report.accuracy, recall: report.accuracy, f1: report.accuracy };
    case "macro":
      return report.macroAverage;
    case "weighted":
      return report.weightedAverage;
  }
}

function matrixOf(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  { average, classes, weights }: ClassScoreOptions,
): ConfusionMatrix<Uint32Array | Float64Array> {
  const dense = denseConfusion(labels, predictions, weights);
  if (average !== "binary") {
    return classes === undefined ? dense.matrix : confusionMatrix(labels, predictions, classes, { weights });
  }
  const count = Math.max((dense.occurring.at(-1) ?? 0) + 1, classes ?? 2);
  if (count > 2) {
    throw new InvalidArgumentError(
      `Expected classes 0 and 1 alone for the average "binary" but received ${count} classes; take "micro", "macro" or "weighted".`,
    );
  }
  return confusionMatrix(labels, predictions, 2, { weights });
}
