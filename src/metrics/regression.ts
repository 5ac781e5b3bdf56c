import { InvalidArgumentError, ShapeError } from "../errors.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { type WeightsOption, weightOf } from "./weights.js";

export interface RegressionOptions extends WeightsOption {
  /** How many values each example has, an integer of at least 1. Default: 1. */
  readonly outputs?: number;
}

const OPTIONS: KnownOptions<RegressionOptions> = { weights: true, outputs: true };

/** How far predicted values are from the true ones. */
export interface RegressionScores {
  /** The mean of |prediction - target|, 0 or more, in the unit of the target. */
  readonly meanAbsoluteError: number;
  /** The square root of the mean of (prediction - target)², 0 or more, in the unit of the target. */
  readonly rootMeanSquaredError: number;
  /**
   * The coefficient of determination, 1 - Σ (prediction - target)² / Σ (target - mean)²: 1 for perfect predictions, 0 for those no better
   * than the mean, and negative for worse ones. Of targets that are all the same it is 1 where every prediction is right, else 0; of a single
   * example NaN.
   */
  readonly r2: number;
}

export interface RegressionReport extends RegressionScores {
  /** [outputs]; of each score above, its plain mean over the outputs. */
  readonly perOutput: readonly RegressionScores[];
}

/**
 * All scores of predicted values, for each output and on average, equal to scikit-learn's `mean_absolute_error`,
 * `mean_squared_error(squared=False)` and `r2_score`.
 *
 * @param targets The true values, [n_examples, outputs].
 * @param predictions [n_examples, outputs]
 * @throws ShapeError when targets, predictions and weights are not of as many examples, or there is none.
 * @throws InvalidArgumentError for a wrong number of outputs, or weights that are no weights.
 */
export function regressionReport(
  targets: ArrayLike<number>,
  predictions: ArrayLike<number>,
  options: RegressionOptions = {},
): RegressionReport {
  requireKnownOptions("regressionReport", options, OPTIONS, "{ outputs: 2 }");
  const { outputs = 1, weights } = options;
  if (!Number.isInteger(outputs) || outputs < 1) {
    throw new InvalidArgumentError(`Expected at least one output, a whole number, but received ${outputs}.`);
  }
  const examples = targets.length / outputs;
  if (predictions.length !== targets.length || !Number.isInteger(examples)) {
    throw new ShapeError(
      `Expected ${outputs} predicted values and as many true ones for each example but received ${predictions.length} and ${targets.length} in all.`,
    );
  }
  if (examples === 0) {
    throw new ShapeError("Expected at least one example to score predictions but received none.");
  }
  const weight = weightOf(weights, examples);
  const perOutput = Array.from({ length: outputs }, (_, output): RegressionScores => {
    const sum = (term: (target: number, prediction: number) => number) => {
      let total = 0;
      for (let i = 0; i < examples; i++) {
        const at = i * outputs + output;
        total += weight(i) * term(targets[at] as number, predictions[at] as number); // i is below examples.
      }
      return total;
    };
    const totalWeight = sum(() => 1);
    const mean = sum((y) => y) / totalWeight;
    const squares = sum((y, a) => (a - y) ** 2);
    const deviations = sum((y) => (y - mean) ** 2);
    return {
      meanAbsoluteError: sum((y, a) => Math.abs(a - y)) / totalWeight,
      rootMeanSquaredError: Math.sqrt(squares / totalWeight),
      r2: examples < 2 ? Number.NaN : determination(squares, deviations),
    };
  });
  const average = (name: keyof RegressionScores) =>
    perOutput.reduce((total, scores) => total + scores[name], 0) / outputs;
  return {
    meanAbsoluteError: average("meanAbsoluteError"),
    rootMeanSquaredError: average("rootMeanSquaredError"),
    r2: average("r2"),
    perOutput,
  };
}

/**
 * scikit-learn's `mean_squared_error`; of several outputs, their mean. Takes and throws what {@link regressionReport} does.
 */
export function meanSquaredErrorOfValues(
  targets: ArrayLike<number>,
  predictions: ArrayLike<number>,
  options: RegressionOptions = {},
): number {
  requireKnownOptions("meanSquaredError", options, OPTIONS, "{ outputs: 2 }");
  const { perOutput } = regressionReport(targets, predictions, options);
  const total = perOutput.reduce((sum, { rootMeanSquaredError: root }) => sum + root * root, 0);
  return total / perOutput.length;
}

/** As scikit-learn's `force_finite=True`. */
function determination(squares: number, deviations: number): number {
  if (deviations !== 0) return 1 - squares / deviations;
  return squares === 0 ? 1 : squares > 0 ? 0 : Number.NaN;
}

/** scikit-learn's `mean_absolute_error`; of several outputs, their mean. Takes and throws what {@link regressionReport} does. */
export function meanAbsoluteError(
  targets: ArrayLike<number>,
  predictions: ArrayLike<number>,
  options: RegressionOptions = {},
): number {
  requireKnownOptions("meanAbsoluteError", options, OPTIONS, "{ outputs: 2 }");
  return regressionReport(targets, predictions, options).meanAbsoluteError;
}

/**
 * scikit-learn's `mean_squared_error(squared=False)`; of several outputs, the mean of their roots. Takes and throws what
 * {@link regressionReport} does.
 */
export function rootMeanSquaredError(
  targets: ArrayLike<number>,
  predictions: ArrayLike<number>,
  options: RegressionOptions = {},
): number {
  requireKnownOptions("rootMeanSquaredError", options, OPTIONS, "{ outputs: 2 }");
  return regressionReport(targets, predictions, options).rootMeanSquaredError;
}

/** scikit-learn's `r2_score`; of several outputs, their mean. Takes and throws what {@link regressionReport} does. */
export function r2Score(
  targets: ArrayLike<number>,
  predictions: ArrayLike<number>,
  options: RegressionOptions = {},
): number {
  requireKnownOptions("r2Score", options, OPTIONS, "{ outputs: 2 }");
  return regressionReport(targets, predictions, options).r2;
}
