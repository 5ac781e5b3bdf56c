import type { FloatArray } from "../backend/backend.js";
import { InvalidArgumentError, LabelRangeError, ShapeError } from "../errors.js";
import { expectThat, show } from "../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { checkWeights, type Dataset, requireOwnMemory } from "./dataset.js";
import type { FloatFeatures } from "./features.js";
import {
  BYTE_CLASSES,
  type ClassTargets,
  checkLabels,
  classCount,
  classFormat,
  type Labels,
  type NoticeOption,
  type Targets,
  type ValueTargets,
} from "./targets.js";

/** Numbers in rows: one after the other in a typed array, which is used as it is, or a list of each row. */
type Rows = FloatArray | readonly (readonly number[])[];

interface CommonOptions extends NoticeOption {
  /** [n_examples, width], finite numbers of any sign and scale. Lists become float64. */
  readonly features: Rows;
  /** Numbers of each example. Needed for a typed array, unless `featureNames` or `labels` tell. */
  readonly width?: number;
  readonly featureNames?: readonly string[];
  /** How much each example counts, [n_examples], 0 or more, and not all 0. Default: all the same. */
  readonly weights?: ArrayLike<number> | undefined;
}

/** Rows of numbers that belong to classes, for {@link createTable}. */
export interface ClassTableOptions extends CommonOptions {
  /** The class of each example, [n_examples]: whole numbers from 0. */
  readonly labels: ArrayLike<number>;
  /** How many classes the labels tell apart, 1 to 1,000,000. Default: the number of names, or the largest label plus 1. */
  readonly classes?: number | undefined;
  readonly classNames?: readonly string[] | undefined;
}

/** Rows of numbers with values to be learned, for {@link createTable}. */
export interface ValueTableOptions extends CommonOptions {
  /** What each output should be, [n_examples, n_outputs]; a list of numbers is one for each example. */
  readonly values: Rows | readonly number[];
  readonly valueNames?: readonly string[] | undefined;
}

type AllOptions = Partial<ClassTableOptions & ValueTableOptions>;

const OPTIONS: KnownOptions<AllOptions> = {
  features: true,
  width: true,
  labels: true,
  values: true,
  classes: true,
  classNames: true,
  featureNames: true,
  valueNames: true,
  weights: true,
  onNotice: true,
};

/**
 * A dataset of rows of numbers, to tell classes apart or to learn values:
 *
 * ```ts
 * const flowers = createTable({ features: [[5.1, 3.5], [6.2, 2.9]], labels: [0, 1] });
 * const houses = createTable({ features, width: 8, values: prices });
 * ```
 *
 * @throws ShapeError when the sizes of features, targets, names and weights do not fit together.
 * @throws LabelRangeError when a label is not the number of a class.
 * @throws InvalidArgumentError when a feature or a value is not a finite number; its message gives row and column. Also when weights are
 *   negative, not finite or all 0, or `classes` is out of range.
 */
export function createTable(options: ClassTableOptions): Dataset<FloatFeatures, ClassTargets>;
export function createTable(options: ValueTableOptions): Dataset<FloatFeatures, ValueTargets>;
export function createTable(options: AllOptions): Dataset<FloatFeatures, Targets> {
  requireKnownOptions("createTable", options, OPTIONS, "{ features: [[5.1, 3.5]], labels: [0] }");
  const { labels, values, weights, featureNames } = options;
  if ((labels === undefined) === (values === undefined)) {
    throw new InvalidArgumentError("Expected either labels or values for createTable, one of the two.");
  }
  const width = options.width ?? featureNames?.length ?? widthByLabels(options);
  const features = asMatrix("features", options.features, width, featureNames);
  const count = features.data.length / features.width;
  const targets = labels === undefined ? valueTargets(options, count) : classTargets(options, labels);
  const targetRows = targets.kind === "classes" ? targets.labels.length : targets.data.length / targets.width;
  if (targetRows !== count) {
    throw new ShapeError(
      `Expected ${labels === undefined ? "values" : "a label"} for each of ${count} rows of features but received ${targetRows}.`,
    );
  }
  return {
    features: { kind: "floats", ...features },
    targets,
    rows: Int32Array.from({ length: count }, (_, row) => row),
    ...(weights !== undefined && { weights: checkWeights(weights, count) }),
  };
}

function widthByLabels({ features, labels }: AllOptions): number | undefined {
  return isTyped(features) && labels !== undefined && labels.length > 0
    ? features.length / labels.length
    : undefined;
}

function valueTargets({ values, valueNames }: AllOptions, count: number): ValueTargets {
  const isList = Array.isArray(values) && (values.length === 0 || typeof values[0] === "number");
  const rows = isList ? Float64Array.from(values as readonly number[]) : (values as Rows);
  const width = valueNames?.length ?? (isTyped(rows) && count > 0 ? rows.length / count : undefined);
  return {
    kind: "values",
    ...asMatrix("values", rows, width ?? (isTyped(rows) ? 1 : undefined), valueNames),
  };
}

function classTargets(options: AllOptions, given: ArrayLike<number>): ClassTargets {
  const { classNames } = options;
  const wanted = options.classes ?? classNames?.length;
  const labels = asLabels(given, wanted ?? 0);
  const classes = classCount(labels, wanted, { ...options, source: "the labels" });
  checkLabels(labels, classes, "the labels");
  return { ...classFormat(classes, classNames), labels };
}

/** Bytes where they serve: a network's kernels read them fastest. A typed array of bytes is used as it is. */
function asLabels(given: ArrayLike<number>, classes: number): Labels {
  if (given instanceof Uint8Array && classes <= BYTE_CLASSES) {
    requireOwnMemory("labels", given);
    return given;
  }
  let largest = 0;
  for (let row = 0; row < given.length; row++) {
    const label = given[row] as number; // row is below the length.
    if (!Number.isInteger(label) || label < 0 || label > 2 ** 31 - 1) {
      throw new LabelRangeError(
        `Expected whole numbers from 0 as labels, but row ${row} has ${show(label)}.`,
      );
    }
    largest = Math.max(largest, label);
  }
  return Math.max(largest + 1, classes) <= BYTE_CLASSES ? Uint8Array.from(given) : Int32Array.from(given);
}

interface Matrix {
  readonly data: FloatArray;
  readonly width: number;
  readonly names?: readonly string[];
}

function asMatrix(
  what: string,
  rows: unknown,
  width: number | undefined,
  names: readonly string[] | undefined,
): Matrix {
  const columns = width ?? (Array.isArray(rows) ? rowLength(rows[0]) : undefined);
  if (columns === undefined || !Number.isInteger(columns) || columns < 1) {
    throw new ShapeError(
      `Expected rows of a whole number of ${what} but received ${columns ?? "no width"}; give width, the numbers of a row.`,
    );
  }
  if (names !== undefined && names.length !== columns) {
    throw new ShapeError(`Expected ${columns} names of ${what} but received ${names.length}.`);
  }
  const data = isTyped(rows) ? rows : flatten(what, rows, columns);
  if (data.length % columns !== 0) {
    throw new ShapeError(
      `Expected rows of ${columns} ${what} but received ${data.length} numbers, which make no whole number of rows.`,
    );
  }
  checkFinite(what, data, columns, names);
  return { data, width: columns, ...(names && { names }) };
}

function isTyped(rows: unknown): rows is FloatArray {
  return rows instanceof Float32Array || rows instanceof Float64Array;
}

function rowLength(row: unknown): number | undefined {
  return Array.isArray(row) ? row.length : undefined;
}

function flatten(what: string, rows: unknown, width: number): Float64Array {
  expectThat(Array.isArray(rows), "a Float32Array, a Float64Array or a list of rows", what, rows);
  const data = new Float64Array((rows as readonly unknown[]).length * width);
  for (const [i, row] of (rows as readonly (readonly number[])[]).entries()) {
    if (rowLength(row) !== width) {
      throw new ShapeError(
        `Expected ${width} ${what} in each row, but row ${i} is ${Array.isArray(row) ? `of ${row.length}` : show(row)}.`,
      );
    }
    for (let j = 0; j < width; j++) data[i * width + j] = asNumber(row[j]);
  }
  return data;
}

/** What is no number is none that could be learned from: `Number` would make 0 of an empty text. */
function asNumber(value: unknown): number {
  return typeof value === "number" ? value : Number.NaN;
}

function checkFinite(
  what: string,
  data: FloatArray,
  width: number,
  names: readonly string[] | undefined,
): void {
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  if (wrong === -1) return;
  const column = wrong % width;
  const name = names === undefined ? column : `${column}, ${names[column]},`;
  throw new InvalidArgumentError(
    `Expected finite numbers as ${what}, but row ${Math.floor(wrong / width)}, column ${name} is ${data[wrong]}.`,
  );
}
