import type { FloatArray } from "../backend/backend.js";
import { InvalidArgumentError, LabelRangeError, ShapeError } from "../errors.js";
import { requireKnownOptions } from "../system/known-options.js";
import { meanSquaredErrorOfValues, type RegressionOptions } from "./regression.js";
import { WEIGHTS_OPTION, type WeightsOption, weightOf } from "./weights.js";

/**
 * The mean, over examples and output units, of the squared difference between activation and one-hot label, as
 * scikit-learn's `mean_squared_error` of the two matrices.
 *
 * The chapter's printed listing sums the errors of the minibatches and divides by one minibatch too few, which its published errata
 * correct. Here the mean is a mean, however the examples were cut into minibatches.
 *
 * @param activations Activations of the output layer, [n_examples, classes].
 * @param labels The class of each example, [n_examples], each below `classes`.
 * @param classes How many classes there are, an integer of at least 1.
 * @returns 0 or more; at most 1 for activations from 0 to 1. NaN where an activation is NaN.
 * @throws ShapeError when there are not `classes` activations for each label, or no example.
 * @throws LabelRangeError when a label is not below `classes`.
 * @throws InvalidArgumentError when `classes` is not such an integer, or for weights that are no weights.
 */
export function meanSquaredError(
  activations: FloatArray,
  labels: Uint8Array | Int32Array,
  classes: number,
  options?: WeightsOption,
): number;
/**
 * The mean of (prediction - target)² of values that are learned, as scikit-learn's `mean_squared_error`; of several outputs, their mean.
 * Takes and throws what {@link regressionReport} does.
 */
export function meanSquaredError(
  targets: ArrayLike<number>,
  predictions: ArrayLike<number>,
  options?: RegressionOptions,
): number;
export function meanSquaredError(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  classesOrOptions?: number | RegressionOptions,
  options: WeightsOption = {},
): number {
  return typeof classesOrOptions === "number"
    ? ofClasses(first, second, classesOrOptions, options)
    : meanSquaredErrorOfValues(first, second, classesOrOptions);
}

function ofClasses(
  activations: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  options: WeightsOption,
): number {
  requireKnownOptions("meanSquaredError", options, WEIGHTS_OPTION, "{ weights }");
  if (!Number.isInteger(classes) || classes < 1) {
    throw new InvalidArgumentError(`Expected at least one class, a whole number, but received ${classes}.`);
  }
  if (activations.length !== labels.length * classes) {
    throw new ShapeError(
      `Expected ${labels.length} x ${classes} activations, a row for each label, but received ${activations.length}.`,
    );
  }
  if (labels.length === 0) {
    throw new ShapeError("Expected at least one example to compute a mean squared error but received none.");
  }
  const weight = weightOf(options.weights, labels.length);
  let [sum, total] = [0, 0];
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] as number; // row is below the length.
    if (label >= classes) {
      throw new LabelRangeError(
        `Expected labels from 0 to ${classes - 1} but received ${label} at position ${row}.`,
      );
    }
    for (let j = 0; j < classes; j++) {
      const error = (activations[row * classes + j] as number) - (j === label ? 1 : 0);
      sum += weight(row) * error * error;
    }
    total += weight(row);
  }
  return sum / (total * classes);
}
