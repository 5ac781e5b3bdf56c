import { type DatasetOrStream, isStream } from "../data/stream.js";
import { type RegressionReport, regressionReport } from "../metrics/regression.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { predict } from "./predict.js";
import { trueValues } from "./true-values.js";

/** The values that a network predicted beside the true ones, in the order of the dataset. */
export interface PredictedValues {
  /** Of each example. */
  readonly width: number;
  /** [n_examples, width] */
  readonly targets: Float64Array;
  /** [n_examples, width] */
  readonly predictions: Float64Array;
  /** What each value is called, [width]. */
  readonly names?: readonly string[];
}

/**
 * The values that a network predicts for a dataset, beside the true ones.
 *
 * @returns `null` where there is no regression: where classes are learned, or labels that are right or wrong, or where the dataset is a
 *   stream.
 */
export async function predictValues(
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
): Promise<PredictedValues | null> {
  const { targets } = dataset;
  if (isStream(dataset) || targets.kind !== "values" || network.loss.hasAccuracy("values")) return null;
  const { activations } = await predict(network, dataset);
  const { width, names } = targets;
  return {
    width,
    targets: trueValues(dataset),
    predictions: Float64Array.from(activations),
    ...(names !== undefined && { names }),
  };
}

/** How good the predicted values are; each example counts by its weight, where the dataset has weights. `null` as {@link predictValues}. */
export async function scoreValues(
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
): Promise<RegressionReport | null> {
  const values = await predictValues(network, dataset);
  if (values === null || isStream(dataset)) return null;
  const { rows, weights } = dataset;
  return regressionReport(values.targets, values.predictions, {
    outputs: values.width,
    ...(weights !== undefined && { weights: Float64Array.from(rows, (row) => weights[row] as number) }),
  });
}
