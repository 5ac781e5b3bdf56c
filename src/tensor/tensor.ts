import type { Backend, DType, FloatArray } from "../backend/backend.js";
import { selectBackend } from "../backend/select.js";
import { InvalidArgumentError, ShapeError } from "../errors.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { allocate } from "../system/memory.js";

/** Numbers in rows of equal length, or a single row. Row-major, dense. */
export interface Tensor {
  /** [rows, columns], or [length]. */
  readonly shape: readonly number[];
  readonly data: FloatArray;
  readonly dtype: DType;
  readonly backend: Backend;
}

export interface TensorOptions {
  /** Default: `float32`. */
  readonly dtype?: DType | undefined;
  /** Default: the one that {@link selectBackend} chooses. */
  readonly backend?: Backend | undefined;
}

const OPTIONS: KnownOptions<TensorOptions> = {
  dtype: true,
  backend: true,
};

/**
 * A tensor of zeros.
 *
 * @throws ShapeError when the shape is not one or two whole numbers.
 */
export function zeros(shape: readonly number[], options: TensorOptions = {}): Tensor {
  checkOptions("zeros", options);
  const size = sizeOf(shape);
  const { dtype = "float32", backend = selectBackend() } = options;
  const data = allocate(() => (dtype === "float32" ? new Float32Array(size) : new Float64Array(size)));
  return view(shape, data, dtype, backend);
}

/**
 * A tensor over given numbers. A typed array of floats is used as it is, not copied, and decides the type.
 *
 * @throws ShapeError when there are not as many numbers as the shape has places.
 */
export function tensor(
  values: FloatArray | readonly number[],
  shape: readonly number[] = [values.length],
  options: TensorOptions = {},
): Tensor {
  checkOptions("tensor", options);
  const { backend = selectBackend() } = options;
  const isTyped = values instanceof Float32Array || values instanceof Float64Array;
  const data = isTyped
    ? values
    : options.dtype === "float64"
      ? Float64Array.from(values)
      : Float32Array.from(values);
  const dtype = data instanceof Float32Array ? "float32" : "float64";
  if (options.dtype !== undefined && options.dtype !== dtype) {
    throw new InvalidArgumentError(`Expected an array of ${options.dtype} but received one of ${dtype}.`);
  }
  if (sizeOf(shape) !== data.length) {
    throw new ShapeError(
      `Expected ${sizeOf(shape)} numbers for shape ${show(shape)} but received ${data.length}.`,
    );
  }
  return view(shape, data, dtype, backend);
}

/** A tensor or a network may stand for options, as it has a type and a backend. Where both are there, neither is misspelt. */
function checkOptions(call: string, options: TensorOptions): void {
  if (options?.dtype === undefined || options.backend === undefined) {
    requireKnownOptions(call, options, OPTIONS, '{ dtype: "float64" }');
  }
}

/** The first `count` rows of a matrix as a view of the same memory, or the first elements of a vector. */
export function firstRows(x: Tensor, count: number): Tensor {
  const [rows = 0, ...rest] = x.shape;
  if (!Number.isInteger(count) || count < 0 || count > rows) {
    throw new ShapeError(
      `Expected 0 to ${rows} rows of a tensor of shape ${show(x.shape)} but received ${count}.`,
    );
  }
  const shape = [count, ...rest];
  return view(shape, x.data.subarray(0, sizeOf(shape)), x.dtype, x.backend);
}

/** The shape of a matrix. Throws ShapeError for anything else. */
export function matrix(x: Tensor): readonly [rows: number, columns: number] {
  const [rows, columns] = x.shape;
  if (rows === undefined || columns === undefined || x.shape.length !== 2) {
    throw new ShapeError(
      `Expected a matrix, [rows, columns], but received a tensor of shape ${show(x.shape)}.`,
    );
  }
  return [rows, columns];
}

/** Throws ShapeError unless the tensor has this shape. */
export function requireShape(name: string, x: Tensor, shape: readonly number[]): void {
  if (x.shape.length !== shape.length || !shape.every((size, i) => x.shape[i] === size)) {
    throw new ShapeError(`Expected shape ${show(shape)} for ${name} but received ${show(x.shape)}.`);
  }
}

/** Every tensor is made here, with its properties in one order: then the loop that reads them is compiled for one layout. */
function view(shape: readonly number[], data: FloatArray, dtype: DType, backend: Backend): Tensor {
  return { shape, data, dtype, backend };
}

function sizeOf(shape: readonly number[]): number {
  if (
    shape.length < 1 ||
    shape.length > 2 ||
    !shape.every((size) => Number.isSafeInteger(size) && size >= 0)
  ) {
    throw new ShapeError(`Expected a shape of one or two whole numbers but received ${show(shape)}.`);
  }
  return shape.reduce((product, size) => product * size, 1);
}

/** A shape in a message: `[2, 3]`. */
export function show(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}
