import type { FloatArray } from "../backend/backend.js";
import type { ClassTargets, Targets, ValueTargets } from "../data/targets.js";
import { InvalidArgumentError, LabelRangeError, ShapeError } from "../errors.js";
import { show } from "../system/expected.js";
import { isList } from "./inputs.js";

/** What a class may be called. */
export type Label = number | string | boolean;

/** Which classes there are, and what a network's outputs say of them. */
export interface Labelling {
  /**
   * `binary`: one output, the probability of the second class; `multiclass`: an output for each class; `multilabel`: an output for each
   * of several labels, of which an example may have any number.
   */
  readonly kind: "binary" | "multiclass" | "multilabel";
  /** Ascending: numbers by size, texts by their letters' codes, `false` before `true`. Of several labels their numbers from 0. */
  readonly classes: readonly Label[];
}

export function outputsOf({ kind, classes }: Labelling): number {
  return kind === "binary" ? 1 : classes.length;
}

/** A list of labels, or for each example a row of zeros and ones. A column of labels is a list of them. */
type Given = readonly Label[] | readonly (readonly number[])[];

/**
 * The classes that occur.
 *
 * @throws InvalidArgumentError when these are no labels, or all are the same.
 */
export function learnLabelling(y: unknown): Labelling {
  const given = readLabels(y);
  if (isRows(given)) return { kind: "multilabel", classes: Array.from((given[0] ?? []).keys()) };
  return labellingOf(given);
}

/**
 * Named classes.
 *
 * @throws InvalidArgumentError when there are fewer than two, or they are of different types.
 */
export function labellingOf(labels: readonly Label[]): Labelling {
  const types = new Set(labels.map((label) => typeof label));
  if (types.size > 1) {
    throw new InvalidArgumentError(
      `Expected labels that are all numbers, all texts or all booleans but received ${[...types].join("s and ")}s.`,
    );
  }
  const classes = [...new Set(labels)].sort((a, b) => (a < b ? -1 : 1));
  if (classes.length < 2) {
    throw new InvalidArgumentError(
      `Expected labels of at least two classes but received ${classes.length === 0 ? "none" : `${show(classes[0])} alone`}.`,
    );
  }
  return { kind: classes.length === 2 ? "binary" : "multiclass", classes };
}

/** For a partial fit, whose labels need not have all classes. */
export function labellingFor(y: unknown, classes: readonly Label[]): Labelling {
  const given = readLabels(y);
  return isRows(given) ? learnLabelling(given) : labellingOf(readLabels(classes) as readonly Label[]);
}

/**
 * Labels as targets of a network.
 *
 * @throws LabelRangeError when a label is none of the classes.
 * @throws ShapeError when rows of zeros and ones have not one for each label.
 */
export function encodeLabels(y: unknown, labelling: Labelling): Targets {
  const given = readLabels(y);
  const { kind, classes } = labelling;
  if (kind === "multilabel" || isRows(given)) return encodeRows(given, labelling);
  const numbers = new Map(classes.map((label, number) => [label, number]));
  const labels = Int32Array.from(given, (label, row) => {
    const number = numbers.get(label);
    if (number === undefined) {
      throw new LabelRangeError(
        `Expected one of the classes ${listOf(classes)} in y, but row ${row} is ${show(label)}.`,
      );
    }
    return number;
  });
  const targets: ClassTargets = {
    kind: "classes",
    classes: classes.length,
    labels: classes.length <= 256 ? Uint8Array.from(labels) : labels,
  };
  return targets;
}

function encodeRows(given: Given, { kind, classes }: Labelling): ValueTargets {
  const width = classes.length;
  if (kind !== "multilabel" || !isRows(given)) {
    const [expected, received] =
      kind === "multilabel" ? [`rows of ${width} zeros and ones`, "labels"] : ["labels", "rows"];
    throw new InvalidArgumentError(`Expected ${expected} in y, as before, but received ${received}.`);
  }
  const data = new Float64Array(given.length * width);
  for (const [i, row] of given.entries()) {
    if (row.length !== width) {
      throw new ShapeError(
        `Expected ${width} zeros and ones in each row of y, but row ${i} has ${row.length}.`,
      );
    }
    data.set(row, i * width);
  }
  return { kind: "values", data, width };
}

/** The class of each example by the outputs for it, [n_examples, n_outputs]; of several labels a row of zeros and ones. */
export function decodeOutputs(outputs: FloatArray, labelling: Labelling): (Label | number[])[] {
  const { kind, classes } = labelling;
  if (kind === "multilabel") {
    const width = classes.length;
    return Array.from({ length: outputs.length / width }, (_, i) =>
      Array.from(outputs.subarray(i * width, (i + 1) * width), (p) => (p > 0.5 ? 1 : 0)),
    );
  }
  return Array.from(chosenClasses(outputs, labelling), (number) => classes[number] as Label); // It is one of them.
}

/** The number of the class of each example. As in scikit-learn, the second of two only above one half, and the first of equal ones. */
export function chosenClasses(outputs: FloatArray, labelling: Labelling): Int32Array {
  const width = outputsOf(labelling);
  if (width === 1) return Int32Array.from(outputs, (p) => (p > 0.5 ? 1 : 0));
  return Int32Array.from({ length: outputs.length / width }, (_, i) => {
    let best = 0;
    for (let j = 1; j < width; j++) {
      if ((outputs[i * width + j] as number) > (outputs[i * width + best] as number)) best = j;
    }
    return best;
  });
}

/**
 * The share of examples that are told right, where each counts by its weight; of several labels all must be right.
 *
 * @param outputs [n_rows, n_outputs]
 * @param rows Of `targets` and `weights`.
 */
export function shareRight(
  outputs: FloatArray,
  targets: Targets,
  { labelling, rows, weights }: { labelling: Labelling; rows: Int32Array; weights: FloatArray | undefined },
): number {
  const chosen = targets.kind === "classes" ? chosenClasses(outputs, labelling) : undefined;
  let [right, total] = [0, 0];
  for (const [i, row] of rows.entries()) {
    const isRight =
      targets.kind === "classes"
        ? chosen?.[i] === targets.labels[row]
        : areAllRight(outputs, targets, i, row);
    const weight = weights?.[row] ?? 1;
    total += weight;
    if (isRight) right += weight;
  }
  return right / total;
}

function areAllRight(outputs: FloatArray, { data, width }: ValueTargets, i: number, row: number): boolean {
  for (let j = 0; j < width; j++) {
    if ((outputs[i * width + j] as number) > 0.5 !== (data[row * width + j] as number) > 0.5) return false;
  }
  return true;
}

/** Labels as they were given, checked: whole numbers, texts or booleans, or rows of zeros and ones. */
function readLabels(y: unknown): Given {
  if (!isList(y)) {
    throw new InvalidArgumentError(
      `Expected a list of labels, one for each example, for y but received ${show(y)}.`,
    );
  }
  const list = Array.from(y);
  if (!isList(list[0])) {
    for (const [row, label] of list.entries()) checkLabel(label, row);
    return list as readonly Label[];
  }
  const rows = list.map((row, i) => rowOf(row, i));
  if (rows[0]?.length === 0) {
    throw new InvalidArgumentError("Expected at least one label in each row of y, but row 0 has none.");
  }
  if (rows.every((row) => row.length === 1)) {
    return readLabels(rows.map(([label]) => label));
  }
  for (const [i, row] of rows.entries()) {
    const wrong = row.find((value) => value !== 0 && value !== 1);
    if (wrong !== undefined) {
      throw new InvalidArgumentError(
        `Expected rows of zeros and ones in y, one for each label that an example may have, but row ${i} has ${show(wrong)}.`,
      );
    }
  }
  return rows as readonly (readonly number[])[];
}

function rowOf(row: unknown, i: number): readonly unknown[] {
  if (isList(row)) return Array.from(row);
  throw new InvalidArgumentError(
    `Expected y to be of labels alone, or of rows alone, but row ${i} is ${show(row)}.`,
  );
}

function checkLabel(label: unknown, row: number): void {
  if (typeof label === "string" || typeof label === "boolean" || Number.isSafeInteger(label)) return;
  throw new InvalidArgumentError(
    `Expected whole numbers, texts or booleans as labels in y, but row ${row} is ${show(label)}${typeof label === "number" && Number.isFinite(label) ? "; real numbers are learned by a regressor" : ""}.`,
  );
}

function isRows(given: Given): given is readonly (readonly number[])[] {
  return Array.isArray(given[0]);
}

function listOf(classes: readonly Label[]): string {
  const shown = classes.slice(0, 10).map(show).join(", ");
  return classes.length > 10 ? `${shown} and others` : shown;
}
