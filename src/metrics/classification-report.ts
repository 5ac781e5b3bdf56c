import { expectThat } from "../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import type { ConfusionMatrix } from "./confusion-matrix.js";

export interface ClassificationReportOptions {
  /**
   * What precision and recall are where their denominator is 0: scikit-learn's `zero_division`. F1 is 0 where both are; and where `accuracy`
   * has no example, it is 0. Default: 0.
   */
  readonly zeroDivision?: 0 | 1 | undefined;
}

const OPTIONS: KnownOptions<ClassificationReportOptions> = { zeroDivision: true };

/** Of one class, or averaged over classes. */
export interface ClassScores {
  /** Of the examples predicted to be of the class, the share that is: TP / (TP + FP), 0 to 1. */
  readonly precision: number;
  /** Of the examples of the class, the share that was found: TP / (TP + FN), 0 to 1. */
  readonly recall: number;
  /** The harmonic mean of precision and recall, 0 to 1. */
  readonly f1: number;
  /** How many examples of the class there are, or the sum of their weights; of an average, of all classes. */
  readonly support: number;
}

export interface ClassificationReport {
  /** [classes] */
  readonly perClass: readonly ClassScores[];
  /** The plain mean over all classes, those without an example included. */
  readonly macroAverage: ClassScores;
  /** The mean over classes, each weighted by its support. */
  readonly weightedAverage: ClassScores;
  /** The share of correct predictions, 0 to 1; 0 where there is no example. */
  readonly accuracy: number;
}

/**
 * Precision, recall, F1 and support of each class and their averages, equal to scikit-learn's
 * `precision_recall_fscore_support(labels, predictions, labels=np.arange(classes), zero_division=0)`; of a matrix of weights, with these as
 * its `sample_weight`.
 *
 * @throws InvalidArgumentError when `zeroDivision` is neither 0 nor 1.
 */
export function classificationReport(
  { classes, counts }: ConfusionMatrix<Uint32Array | Float64Array>,
  options: ClassificationReportOptions = {},
): ClassificationReport {
  requireKnownOptions("classificationReport", options, OPTIONS, "{ zeroDivision: 1 }");
  const { zeroDivision = 0 } = options;
  expectThat(zeroDivision === 0 || zeroDivision === 1, "0 or 1", "zeroDivision", zeroDivision);
  const count = (trueClass: number, predicted: number) => counts[trueClass * classes + predicted] ?? 0;
  const all = Array.from({ length: classes }, (_, i) => i);
  const perClass = all.map((c): ClassScores => {
    const correct = count(c, c);
    const support = sum(all.map((predicted) => count(c, predicted)));
    const precision = ratio(correct, sum(all.map((trueClass) => count(trueClass, c))), zeroDivision);
    const recall = ratio(correct, support, zeroDivision);
    return { precision, recall, f1: ratio(2 * precision * recall, precision + recall, 0), support };
  });
  const supports = perClass.map(({ support }) => support);
  return {
    perClass,
    macroAverage: average(perClass, new Array<number>(classes).fill(1), zeroDivision),
    weightedAverage: average(perClass, supports, zeroDivision),
    accuracy: ratio(sum(all.map((c) => count(c, c))), sum(supports), 0),
  };
}

function average(
  scores: readonly ClassScores[],
  weights: readonly number[],
  zeroDivision: number,
): ClassScores {
  const mean = (name: "precision" | "recall" | "f1") =>
    ratio(sum(scores.map((score, i) => score[name] * (weights[i] ?? 0))), sum(weights), zeroDivision);
  return {
    precision: mean("precision"),
    recall: mean("recall"),
    f1: mean("f1"),
    support: sum(scores.map(({ support }) => support)),
  };
}

function ratio(numerator: number, denominator: number, zeroDivision: number): number {
  return denominator === 0 ? zeroDivision : numerator / denominator;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
