import { InvalidArgumentError, LabelRangeError, ShapeError } from "../errors.js";
import { requireKnownOptions } from "../system/known-options.js";
import { WEIGHTS_OPTION, type WeightsOption, weightOf } from "./weights.js";

/** How often each class was taken for each class. */
export interface ConfusionMatrix<Counts extends Uint32Array | Float64Array = Uint32Array> {
  readonly classes: number;
  /**
   * [classes, classes]; the entry `t * classes + p` counts the examples of class t that were predicted to be p; with weights, it is the sum of
   * theirs.
   */
  readonly counts: Counts;
}

/**
 * Counts true against predicted classes, as scikit-learn's
 * `confusion_matrix(labels, predictions, labels=np.arange(classes))` does: rows are true classes, columns predicted ones.
 *
 * @param labels The true class of each example, [n_examples].
 * @param predictions The predicted class of each example, [n_examples].
 * @param classes How many classes there are, an integer of at least 1. Classes that never occur have rows and columns of 0.
 * @throws ShapeError when there are not as many predictions, or weights, as labels.
 * @throws LabelRangeError when a label or a prediction is not an integer from 0 to `classes` - 1.
 * @throws InvalidArgumentError when `classes` is not such an integer, or for weights that are no weights.
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
  options?: { readonly weights?: undefined },
): ConfusionMatrix;
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
  options: WeightsOption,
): ConfusionMatrix<Uint32Array | Float64Array>;
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
  options: WeightsOption = {},
): ConfusionMatrix<Uint32Array | Float64Array> {
  requireKnownOptions("confusionMatrix", options, WEIGHTS_OPTION, "{ weights }");
  if (!Number.isInteger(classes) || classes < 1) {
    throw new InvalidArgumentError(`Expected at least one class, a whole number, but received ${classes}.`);
  }
  if (labels.length !== predictions.length) {
    throw new ShapeError(
      `Expected one prediction for each label but received ${labels.length} labels and ${predictions.length} predictions.`,
    );
  }
  const weight = weightOf(options.weights, labels.length);
  const size = classes * classes;
  const counts = options.weights === undefined ? new Uint32Array(size) : new Float64Array(size);
  for (let i = 0; i < labels.length; i++) {
    const cell =
      classOf(labels[i], classes, "label", i) * classes + classOf(predictions[i], classes, "prediction", i);
    counts[cell] = (counts[cell] ?? 0) + weight(i);
  }
  return { classes, counts };
}

function classOf(value: number | undefined, classes: number, what: string, position: number): number {
  if (value === undefined || !Number.isInteger(value) || value < 0 || value >= classes) {
    throw new LabelRangeError(
      `Expected classes from 0 to ${classes - 1}, but the ${what} at position ${position} is ${value}.`,
    );
  }
  return value;
}
