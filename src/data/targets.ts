import type { FloatArray } from "../backend/backend.js";
import { InvalidArgumentError, LabelRangeError, ShapeError } from "../errors.js";
import { expectThat } from "../system/expected.js";

/** Numbers of classes: bytes serve up to 256 of them. */
export type Labels = Uint8Array | Int32Array;

/** One class of several. */
export interface ClassFormat {
  readonly kind: "classes";
  readonly classes: number;
  /** A name for each class, where the classes have names. */
  readonly classNames?: readonly string[];
}

/** Real numbers, as a regression has them. */
export interface ValueFormat {
  readonly kind: "values";
  /** How many there are of each example: the outputs of a network for it. */
  readonly width: number;
  /** What each number of an example is called, [width], where they have names. */
  readonly names?: readonly string[];
}

/** What the targets of an example are, without the targets. */
export type TargetFormat = ClassFormat | ValueFormat;

/** The classes of all examples. */
export interface ClassTargets extends ClassFormat {
  /** The class of each example, [n_examples], below `classes`. */
  readonly labels: Labels;
}

/** The real numbers of all examples. */
export interface ValueTargets extends ValueFormat {
  /** [n_examples, width], finite numbers. */
  readonly data: FloatArray;
}

/** What is to be learned of all examples. */
export type Targets = ClassTargets | ValueTargets;

/** The most classes that a byte can name, and the most that labels may. */
export const BYTE_CLASSES = 256;
const MOST_CLASSES = 1_000_000;

/** How many examples have targets. */
export function targetCount(targets: Targets): number {
  return targets.kind === "classes" ? targets.labels.length : targets.data.length / targets.width;
}

/** labels[rows[i]] of each i, in a new array of the same kind. */
export function labelsOfRows(labels: Labels, rows: Int32Array): Labels {
  // Every start of a training waits for this: by Uint8Array.from it takes five times as long.
  const labelOf = (_: number, i: number) => labels[rows[i] as number] as number; // Each row is below labels.length.
  return labels instanceof Uint8Array
    ? new Uint8Array(rows.length).map(labelOf)
    : new Int32Array(rows.length).map(labelOf);
}

/** @throws InvalidArgumentError unless `labels` are an array of class numbers. */
export function expectLabels(name: string, labels: unknown): void {
  const areLabels = labels instanceof Uint8Array || labels instanceof Int32Array;
  expectThat(areLabels, "a Uint8Array or an Int32Array", name, labels);
}

/** How many outputs a network for these targets has: one for each class, or for each value. */
export function outputCount(targets: TargetFormat): number {
  return targets.kind === "classes" ? targets.classes : targets.width;
}

/**
 * The format of classes.
 *
 * @throws ShapeError when there is not one name for each class.
 */
export function classFormat(classes: number, classNames: readonly string[] | undefined): ClassFormat {
  if (classNames !== undefined && classNames.length !== classes) {
    throw new ShapeError(`Expected ${classes} class names but received ${classNames.length}.`);
  }
  return { kind: "classes", classes, ...(classNames && { classNames }) };
}

/** For what reads labels. */
export interface NoticeOption {
  /** Called with a sentence for the user about what is odd: classes without examples, or columns. Default: a warning of the process. */
  readonly onNotice?: ((sentence: string) => void) | undefined;
}

/**
 * How many classes there are: what was asked for, or the largest label plus 1. Where that counts classes that have no example, this is
 * said: it happens by itself when labels are no numbers of classes, and costs outputs that learn nothing.
 *
 * @param labels The class of each example, [n_examples].
 * @param given 1 to 256 for bytes, and to 1,000,000 for other labels.
 * @param options.source Where the labels come from, for the sentence.
 * @throws InvalidArgumentError when `given` is out of range.
 */
export function classCount(
  labels: Labels,
  given: number | undefined,
  { source, onNotice = warnOfClasses }: NoticeOption & { readonly source: string },
): number {
  const most = labels instanceof Uint8Array ? BYTE_CLASSES : MOST_CLASSES;
  if (given === undefined) {
    checkLabels(labels, most, source);
    const isThere = new Uint8Array(most);
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
  if (!Number.isInteger(given) || given < 1 || given > most) {
    throw new InvalidArgumentError(
      `Expected a whole number from 1 to ${most} for classes but received ${given}.`,
    );
  }
  return given;
}

function warnOfClasses(sentence: string): void {
  warn(sentence, "EMPTY_CLASSES");
}

/** Numbers in words: `1-4, 6-9`. */
function ranges(numbers: readonly number[]): string {
  const isStart = (i: number) => numbers[i] !== (numbers[i - 1] ?? Number.NaN) + 1;
  const starts = [...numbers.keys()].filter(isStart);
  const words = starts.map((first, k) => {
    const last = (starts[k + 1] ?? numbers.length) - 1;
    return first === last ? String(numbers[first]) : `${numbers[first]}-${numbers[last]}`;
  });
  return words.length > 10 ? `${words.slice(0, 10).join(", ")} and others` : words.join(", ");
}

/** For programs, which see it on standard error, and can listen to `warning` of the process. */
export function warn(sentence: string, code: "EMPTY_CLASSES" | "SMALL_CLASSES" | "TABLE_COLUMNS"): void {
  process.emitWarning(sentence, { type: "MnistNativeWarning", code });
}

/**
 * Checks that every label is the number of a class.
 *
 * @param source Where the labels come from, for the message: a file's path, for example.
 * @throws LabelRangeError naming the first row whose label is not below `classes`, or negative.
 */
export function checkLabels(labels: Labels, classes: number, source: string): void {
  const row = labels.findIndex((label) => label < 0 || label >= classes);
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
export function oneHot(labels: Labels, classes: number): Float64Array {
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
