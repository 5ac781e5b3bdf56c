import type { FloatArray } from "../backend/backend.js";
import { checkWeights, type Inputs } from "../data/dataset.js";
import type { Features } from "../data/features.js";
import { InvalidArgumentError, ShapeError } from "../errors.js";
import { expectThat, show } from "../system/expected.js";
import { isOptions } from "../system/known-options.js";
import { type Tensor, toArray } from "../tensor/tensor.js";

/** Numbers one row after the other, and how many rows and columns they make. A matrix of the tensor API is such an object. */
export interface ShapedNumbers {
  readonly data: ArrayLike<number>;
  /** [n_examples, n_features] */
  readonly shape: readonly number[];
}

/**
 * Examples as an estimator takes them, [n_examples, n_features]: a list of rows; numbers with a shape, which are not copied where they are
 * floats; or the `features` of a dataset, of which images stay bytes.
 */
export type Examples = readonly ArrayLike<number>[] | ShapedNumbers | Features;

/**
 * Examples as a network reads them.
 *
 * @param width How many numbers an example must have; `undefined` where any number will do.
 * @throws ShapeError when there is no example, when rows differ in length, or when they are not of `width` numbers.
 * @throws InvalidArgumentError when these are no examples, or a number of them is not finite.
 */
export function readExamples(X: unknown, width?: number): Inputs {
  const features = isFeatures(X) ? X : floatsOf(X);
  const count = features.width > 0 ? features.data.length / features.width : 0;
  if (count === 0 || !Number.isInteger(count)) {
    throw new ShapeError(
      `Expected X with at least one example, of at least one number each, but received ${features.data.length} numbers.`,
    );
  }
  if (width !== undefined && features.width !== width) {
    throw new ShapeError(
      `Expected ${width} numbers for each example of X, as in the examples that were learned from, but received ${features.width}.`,
    );
  }
  if (features.kind === "floats") checkFinite(features.data, features.width);
  return { features, rows: Int32Array.from({ length: count }, (_, row) => row) };
}

function isFeatures(X: unknown): X is Features {
  if (!isOptions(X) || !("kind" in X)) return false;
  const { kind, data, width } = X as {
    readonly kind: unknown;
    readonly data: unknown;
    readonly width: unknown;
  };
  const isData = kind === "bytes" ? data instanceof Uint8Array : isFloats(data);
  expectThat(
    isData && Number.isInteger(width),
    "the features of a dataset, of bytes or floats,",
    "X",
    kind === "bytes" || kind === "floats" ? data : kind,
  );
  return true;
}

function floatsOf(X: unknown): Features {
  if (Array.isArray(X)) return listed(X);
  if (isOptions(X) && "data" in X && "shape" in X) return shaped(X as ShapedNumbers);
  if (isNumbers(X)) {
    throw new ShapeError(
      `Expected a shape beside the ${X.length} numbers of X, as in { data: X, shape: [rows, columns] }.`,
    );
  }
  throw new InvalidArgumentError(
    `Expected rows of numbers, { data, shape } or the features of a dataset for X but received ${show(X)}.`,
  );
}

function listed(rows: readonly unknown[]): Features {
  const width = isList(rows[0]) ? rows[0].length : 0;
  const data = new Float64Array(rows.length * width);
  for (const [i, row] of rows.entries()) {
    if (!isList(row)) {
      throw new InvalidArgumentError(
        `Expected a list of rows of numbers for X, such as [[5.1, 3.5]], but row ${i} is ${show(row)}.`,
      );
    }
    if (row.length !== width) {
      throw new ShapeError(`Expected ${width} numbers in each row of X, but row ${i} has ${row.length}.`);
    }
    for (let j = 0; j < width; j++) data[i * width + j] = numberOf(row[j]);
  }
  return { kind: "floats", data, width };
}

/** Whether a value is a list, or numbers in a typed array. */
export function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || isNumbers(value);
}

function isNumbers(value: unknown): value is ArrayLike<number> {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function isFloats(value: unknown): value is FloatArray {
  return value instanceof Float32Array || value instanceof Float64Array;
}

function shaped(X: ShapedNumbers): Features {
  const { shape } = X;
  const data = "order" in X ? toArray(X as Tensor) : X.data;
  const isShape = Array.isArray(shape) && shape.length === 2 && shape.every(Number.isInteger);
  if (!isShape || !isList(data)) {
    throw new ShapeError(
      `Expected numbers with a shape of [examples, numbers of each] for X but received ${show(data)} with ${Array.isArray(shape) ? `[${shape.map(show).join(", ")}]` : show(shape)}.`,
    );
  }
  const [rows, width] = shape as [number, number];
  if (rows * width !== data.length) {
    throw new ShapeError(
      `Expected ${rows} x ${width} numbers for X, as its shape says, but received ${data.length}.`,
    );
  }
  return { kind: "floats", data: isFloats(data) ? data : Float64Array.from(data, numberOf), width };
}

/** What is no number is none that could be learned from: `Number` would make 0 of an empty text. */
function numberOf(value: unknown): number {
  return typeof value === "number" ? value : Number.NaN;
}

function checkFinite(data: FloatArray, width: number): void {
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    throw new InvalidArgumentError(
      `Expected finite numbers in X, but row ${Math.floor(i / width)}, column ${i % width} is ${data[i]}; fill in what is missing, or leave the row out.`,
    );
  }
}

/**
 * How much each example counts, or `undefined` where all count the same.
 *
 * @throws ShapeError or InvalidArgumentError when these are no weights of so many examples.
 */
export function readSampleWeight(
  sampleWeight: ArrayLike<number> | undefined,
  count: number,
): FloatArray | undefined {
  if (sampleWeight === undefined) return undefined;
  expectThat(isList(sampleWeight), "a list of numbers, one for each example,", "sampleWeight", sampleWeight);
  return checkWeights(sampleWeight, count);
}

/**
 * Checks that something can be learned of examples, or measured.
 *
 * @param what Which examples these are, after the word.
 * @throws InvalidArgumentError when all weigh 0.
 */
export function requireCounting(weights: FloatArray | undefined, rows: Int32Array, what: string): void {
  if (weights === undefined || rows.some((row) => (weights[row] as number) > 0)) return; // A row has a weight.
  throw new InvalidArgumentError(
    `Expected at least one of the ${rows.length} examples ${what} to count, but all of them weigh 0.`,
  );
}

/** @throws ShapeError unless there is a target for each example. */
export function requireTargets(targets: number, examples: number): void {
  if (targets !== examples) {
    throw new ShapeError(
      `Expected a target in y for each of ${examples} examples of X but received ${targets}.`,
    );
  }
}
