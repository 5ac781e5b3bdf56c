import type { Dataset } from "../data/dataset.js";
import { type MeanAndDeviation, meanAndDeviation } from "../metrics/mean-and-deviation.js";
import type { RegressionReport } from "../metrics/regression.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { type EvaluateOptions, type Evaluation, evaluate } from "../training/evaluate.js";
import { scoreValues } from "../training/score-values.js";

/**
 * Figures by their names: `loss` and `accuracy`; of values `loss`, `r2`, `meanAbsoluteError` and `rootMeanSquaredError`; and the metrics
 * that were asked for.
 */
export type FoldScores = Readonly<Record<string, number>>;

/** A figure over all folds. */
export interface ScoreSummary extends MeanAndDeviation {
  /** Of each fold. */
  readonly values: readonly number[];
}

/** How well a network does on the examples that its fold held out. */
export async function scoreFold(
  network: MultilayerPerceptron,
  test: Dataset,
  options: Pick<EvaluateOptions, "signal" | "metrics"> = {},
): Promise<FoldScores> {
  return namedScores(await evaluate(network, test, options), await scoreValues(network, test));
}

/** What came out of an evaluation, by names: an accuracy where there is one. */
export function namedScores(evaluation: Evaluation, ofValues: RegressionReport | null): FoldScores {
  const { loss, accuracy, metrics } = evaluation;
  if (!Number.isNaN(accuracy)) return { loss, accuracy, ...metrics };
  if (ofValues === null) return { loss, ...metrics };
  const { r2, meanAbsoluteError, rootMeanSquaredError } = ofValues;
  return { loss, r2, meanAbsoluteError, rootMeanSquaredError, ...metrics };
}

/** Each figure that the folds have, over all of them. */
export function summarizeScores(folds: readonly FoldScores[]): Readonly<Record<string, ScoreSummary>> {
  const names = Object.keys(folds[0] ?? {});
  return Object.fromEntries(
    names.map((name) => {
      const values = folds.map((scores) => scores[name] ?? Number.NaN);
      return [name, { ...meanAndDeviation(values), values }];
    }),
  );
}
