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

/** For what reads labels. */
export interface NoticeOption {
  /** Called with a sentence for the user about labels that leave classes without examples. Default: a warning of the process. */
  readonly onNotice?: ((sentence: string) => void) | undefined;
}

/**
 * How many classes there are: what was asked for, or the largest label plus 1. Where that counts classes that have no example, this is
 * said: it happens by itself when labels are no numbers of classes, and costs outputs that learn nothing.
 *
 * @param labels The class of each image, [n_images].
 * @param given 1 to 256.
 * @param options.source Where the labels come from, for the sentence.
 * @throws InvalidArgumentError when `given` is out of range.
 */
export function classCount(
  labels: Uint8Array,
  given: number | undefined,
  { source, onNotice = warn }: NoticeOption & { readonly source: string },
): number {
  if (given === undefined) {
    const isThere = new Uint8Array(256);
    labels.forEach((label) => {
      isThere[label] = 1;
    });
    const count = isThere.lastIndexOf(1) + 1;
    const empty = [...isThere.subarray(0, count).keys()].filter((label) => isThere[label] === 0);
    if (empty.length > 0) {
      const which = empty.length === 1 ? `class ${empty[0]} has` : `classes ${ranges(empty)} have`;
      onNotice(
        `The labels in ${source} go up to ${count - 1} and so make ${count} classes, but ${which} no examples; number the labels from 0 without gaps, or the network has outputs that learn nothing.`,
      );
    }
    return Math.max(count, 1);
  }
  if (!Number.isInteger(given) || given < 1 || given > 256) {
    throw new InvalidArgumentError(
      `Expected a whole number from 1 to 256 for classes but received ${given}.`,
    );
  }
  return given;
}

/** Numbers in words: `1-4, 6-9`. */
function ranges(numbers: readonly number[]): string {
  const starts = numbers.filter((number, i) => number !== (numbers[i - 1] ?? Number.NaN) + 1);
  const words = starts.map((start) => {
    let end = start;
    while (numbers.includes(end + 1)) end++;
    return end === start ? String(start) : `${start}-${end}`;
  });
  return words.length > 10 ? `${words.slice(0, 10).join(", ")} and others` : words.join(", ");
}

/** For programs, which see it on standard error, and can listen to `warning` of the process. */
function warn(sentence: string): void {
  process.emitWarning(sentence, { type: "MnistNativeWarning", code: "EMPTY_CLASSES" });
}

/**
 * The labels of some rows.
 *
 * @param rows Row numbers, [n_examples], each below n_images.
 * @param labels [n_images]
 * @returns [n_examples]
 */
export function labelsOf(rows: Int32Array, labels: Uint8Array): Uint8Array {
  // Every start of a training waits for this: by Uint8Array.from it takes five times as long.
  return new Uint8Array(rows.length).map((_, i) => labels[rows[i] as number] as number);
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
