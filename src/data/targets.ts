import { InvalidArgumentError, LabelRangeError, ShapeError } from "../errors.js";

/** What the targets of an example are, without the targets. */
export interface TargetFormat {
  /** One class of several. */
  readonly kind: "classes";
  readonly classes: number;
  /** A name for each class, where the classes have names. */
  readonly classNames?: readonly string[];
}

/** What is to be learned of all examples. */
export interface Targets extends TargetFormat {
  /** The class of each example, [n_examples], below `classes`. */
  readonly labels: Uint8Array;
}

/**
 * The format of classes.
 *
 * @throws ShapeError when there is not one name for each class.
 */
export function classFormat(classes: number, classNames: readonly string[] | undefined): TargetFormat {
  if (classNames !== undefined && classNames.length !== classes) {
    throw new ShapeError(`Expected ${classes} class names but received ${classNames.length}.`);
  }
  return { kind: "classes", classes, ...(classNames && { classNames }) };
}

/**
 * How many classes there are: what was asked for, or the largest label plus 1.
 *
 * @param labels The class of each image, [n_images].
 * @param given 1 to 256.
 * @throws InvalidArgumentError when `given` is out of range.
 */
export function classCount(labels: Uint8Array, given?: number): number {
  if (given === undefined) {
    return labels.reduce((largest, label) => Math.max(largest, label), 0) + 1;
  }
  if (!Number.isInteger(given) || given < 1 || given > 256) {
    throw new InvalidArgumentError(
      `Expected a whole number from 1 to 256 for classes but received ${given}.`,
    );
  }
  return given;
}

/**
 * Checks that every label is the number of a class.
 *
 * @param source Where the labels come from, for the message: a file's path, for example.
 * @throws LabelRangeError naming the first row whose label is not below `classes`.
 */
export function checkLabels(labels: Uint8Array, classes: number, source: string): void {
  const row = labels.findIndex((label) => label >= classes);
  if (row !== -1) {
    throw new LabelRangeError(
      `Expected labels from 0 to ${classes - 1} in ${source}, but row ${row} has the label ${labels[row]}.`,
    );
  }
}

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
