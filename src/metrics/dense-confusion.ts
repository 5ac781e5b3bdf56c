import { LabelRangeError, ShapeError } from "../errors.js";
import { type ConfusionMatrix, confusionMatrix } from "./confusion-matrix.js";
import type { WeightsOption } from "./weights.js";

/** Of an array: larger keys would be no elements, and not in rising order. */
const LARGEST_INDEX = 2 ** 32 - 1;

/** A confusion matrix of the classes that occur, in labels or in predictions, and of no others. */
export interface DenseConfusion {
  /** The classes that occur, in rising order. */
  readonly occurring: readonly number[];
  readonly matrix: ConfusionMatrix<Uint32Array | Float64Array>;
  /** The sum of each row: how many examples of the class there are, or the sum of their weights. */
  readonly support: readonly number[];
  /** The sum of each column. */
  readonly predicted: readonly number[];
}

/**
 * Counts true against predicted classes where nobody says how many classes there are, as scikit-learn does without `labels`.
 *
 * @throws ShapeError when there are not as many predictions, and weights, as labels, or none.
 * @throws LabelRangeError when one is no whole number of 0 or more.
 */
export function denseConfusion(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  weights?: WeightsOption["weights"],
): DenseConfusion {
  if (labels.length === 0) {
    throw new ShapeError("Expected at least one example to score predictions but received none.");
  }
  // An array by class, in which V8 stores few far apart as a table: quicker than a Map where there are many examples.
  const places: number[] = [];
  mark(places, labels, "label");
  mark(places, predictions, "prediction");
  const occurring = Object.keys(places).map(Number);
  for (const [place, c] of occurring.entries()) places[c] = place;
  const dense = (classes: ArrayLike<number>) =>
    new Int32Array(classes.length).map((_, i) => places[classes[i] as number] as number); // Each of them occurs.
  const matrix = confusionMatrix(dense(labels), dense(predictions), occurring.length, { weights });
  const { classes, counts } = matrix;
  const sums = (at: (c: number, other: number) => number) =>
    occurring.map((_, c) => occurring.reduce((total, __, other) => total + (counts[at(c, other)] ?? 0), 0));
  return {
    occurring,
    matrix,
    support: sums((row, column) => row * classes + column),
    predicted: sums((column, row) => row * classes + column),
  };
}

/** Makes an entry for each class that occurs. */
function mark(places: number[], classes: ArrayLike<number>, what: string): void {
  for (let i = 0; i < classes.length; i++) {
    const c = classes[i] as number; // i is below the length.
    if (places[c] !== undefined) continue;
    if (!(Number.isInteger(c) && c >= 0 && c < LARGEST_INDEX)) {
      throw new LabelRangeError(
        `Expected classes that are whole numbers of 0 or more, but the ${what} at position ${i} is ${c}.`,
      );
    }
    places[c] = 0;
  }
}
