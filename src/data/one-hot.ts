import { InvalidArgumentError } from "../errors.js";
import { checkLabels } from "./dataset.js";

/**
 * Labels as rows of an identity matrix: 1 in the column of the class, 0 elsewhere.
 *
 * @param labels The class of each example, [n_examples].
 * @param classes How many classes there are, an integer of at least 1.
 * @returns [n_examples, classes]
 * @throws LabelRangeError when a label is not below `classes`.
 * @throws InvalidArgumentError when `classes` is not such an integer.
 */
export function oneHot(labels: Uint8Array, classes: number): Float64Array {
  if (!Number.isInteger(classes) || classes < 1) {
    throw new InvalidArgumentError(`Expected at least one class, a whole number, but received ${classes}.`);
  }
  checkLabels(labels, classes, "the labels");
  const encoded = new Float64Array(labels.length * classes);
  for (const [row, label] of labels.entries()) {
    encoded[row * classes + label] = 1;
  }
  return encoded;
}
