import type { DatasetOrStream } from "../data/stream.js";
import { type ClassificationReport, classificationReport } from "../metrics/classification-report.js";
import { denseConfusion } from "../metrics/dense-confusion.js";
import type { ScoredExamples } from "../metrics/metric.js";
import { type RegressionReport, regressionReport } from "../metrics/regression.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { createEvaluator, type Evaluation } from "./evaluate.js";
import { createScorer } from "./scorer.js";

/** A report on the classes that occur, in the labels or in what was predicted, as scikit-learn's `classification_report` has it. */
export interface OccurringReport extends ClassificationReport {
  /** The class of each entry of `perClass`, in rising order. */
  readonly classes: readonly number[];
}

export interface EvaluationReport {
  readonly evaluation: Evaluation;
  /** `null` where values are learned. */
  readonly classes: OccurringReport | null;
  /** `null` where classes are learned, or labels of which an example may have several. */
  readonly values: RegressionReport | null;
}

/**
 * All that there is to say of a network on a dataset, in a single pass. Each example counts by its weight, where there are weights.
 *
 * @param metrics More figures, by name.
 * @throws What `evaluate` does.
 */
export async function evaluateAll(
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
  metrics: readonly string[] = [],
): Promise<EvaluationReport> {
  const scorer = createScorer(metrics, network, dataset);
  const evaluation = await createEvaluator(network, dataset, undefined, null, scorer)();
  return {
    evaluation,
    classes: classesOf(scorer.examples),
    values: network.loss.hasAccuracy(dataset.targets.kind) ? null : valuesOf(scorer.examples),
  };
}

function classesOf({ labels, predictions, weights }: ScoredExamples): OccurringReport | null {
  if (labels === undefined || predictions === undefined) return null;
  const { occurring, matrix } = denseConfusion(labels, predictions, weights);
  return { classes: occurring, ...classificationReport(matrix) };
}

function valuesOf({ values, outputs, width, weights }: ScoredExamples): RegressionReport | null {
  return values === undefined ? null : regressionReport(values, outputs, { outputs: width, weights });
}
