import type { Activation, Backend, DType, FloatArray } from "../backend/backend.js";
import { selectBackend } from "../backend/select.js";
import { InvalidArgumentError, ShapeError } from "../errors.js";

// A thin layer over the backend: a shape, a typed array, and operations that check shapes and write to `out`. Without `out`
// an operation makes a new tensor; a loop passes one, and allocates nothing.

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

export interface OutputOption {
  /** Where the result goes; a new tensor if left out. Must have the shape and type of the result. */
  readonly out?: Tensor | undefined;
}

export interface MatmulOptions extends OutputOption {
  /** Multiply with the transpose of `a`. Default: `false`. */
  readonly transposeA?: boolean;
  /** Multiply with the transpose of `b`. Default: `false`. */
  readonly transposeB?: boolean;
  /** Default: 1. */
  readonly alpha?: number;
  /** The share of `out`'s old content in the result. Default: 0, and then the old content is not read. */
  readonly beta?: number;
}

export interface LinearOptions extends OutputOption {
  /** Applied to the result while it is still in registers. Default: `identity`. */
  readonly activation?: Activation;
}

/**
 * A tensor of zeros.
 *
 * @throws ShapeError when the shape is not one or two whole numbers.
 */
export function zeros(shape: readonly number[], options: TensorOptions = {}): Tensor {
  const size = sizeOf(shape);
  const { dtype = "float32", backend = selectBackend() } = options;
  const data = dtype === "float32" ? new Float32Array(size) : new Float64Array(size);
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

/**
 * alpha * op(a) op(b) + beta * out, where op transposes or not.
 *
 * @param a [m, k], or [k, m] to be transposed.
 * @param b [k, n], or [n, k] to be transposed.
 * @returns [m, n]
 * @throws ShapeError when the shapes do not fit together.
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false, alpha = 1, beta = 0 } = options;
  if (beta !== 0 && options.out === undefined) {
    throw new InvalidArgumentError(`Expected out for beta = ${beta}: there is no old content to add.`);
  }
  const [m, k] = orient(a, transposeA);
  const [innerK, n] = orient(b, transposeB);
  if (k !== innerK) {
    throw new ShapeError(
      `Expected factors with one inner size but received ${show([m, k])} and ${show([innerK, n])}.`,
    );
  }
  const out = output(a, [m, n], options.out);
  a.backend.gemm({
    transposeA,
    transposeB,
    m,
    n,
    k,
    alpha,
    a: a.data,
    b: b.data,
    beta,
    c: out.data,
    bias: null,
    activation: "identity",
  });
  return out;
}

/**
 * One layer: activation(x weightᵀ + bias).
 *
 * @param x [n_examples, n_inputs]
 * @param weight [n_outputs, n_inputs]
 * @param bias [n_outputs]
 * @returns [n_examples, n_outputs]
 * @throws ShapeError when the shapes do not fit together.
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor, options: LinearOptions = {}): Tensor {
  const { activation = "identity" } = options;
  const [m, k] = matrix(x);
  const [n, inputs] = matrix(weight);
  if (k !== inputs) {
    throw new ShapeError(
      `Expected ${inputs} inputs in each row but received a tensor of shape ${show(x.shape)}.`,
    );
  }
  requireShape("the bias", bias, [n]);
  const out = output(x, [m, n], options.out);
  x.backend.gemm({
    transposeA: false,
    transposeB: true,
    m,
    n,
    k,
    alpha: 1,
    a: x.data,
    b: weight.data,
    beta: 0,
    c: out.data,
    bias: bias.data,
    activation,
  });
  return out;
}

/** 1 / (1 + exp(-x)), element by element. `out` may be `x`. */
export function sigmoid(x: Tensor, { out }: OutputOption = {}): Tensor {
  const result = output(x, x.shape, out);
  x.backend.sigmoid(x.data, result.data);
  return result;
}

/**
 * upstream * a * (1 - a), element by element: the chain rule through a = sigmoid(z). `out` may be `upstream` or `a`.
 *
 * @throws ShapeError when `a` has another shape.
 */
export function sigmoidBackward(upstream: Tensor, a: Tensor, { out }: OutputOption = {}): Tensor {
  requireShape("the activations", a, upstream.shape);
  const result = output(upstream, upstream.shape, out);
  upstream.backend.sigmoidBackward(upstream.data, a.data, result.data);
  return result;
}

/** The sum of each column: [rows, columns] → [columns]. */
export function columnSums(x: Tensor, { out }: OutputOption = {}): Tensor {
  const [rows, columns] = matrix(x);
  const result = output(x, [columns], out);
  x.backend.columnSums({ x: x.data, rows, columns, alpha: 1, out: result.data });
  return result;
}

/** The column of the largest element of each row, [rows]; the first of equals (NumPy's `argmax(axis=1)`). */
export function argmax(x: Tensor, out?: Int32Array): Int32Array {
  const [rows, columns] = matrix(x);
  const result = out ?? new Int32Array(rows);
  x.backend.argmaxRows({ x: x.data, rows, columns, out: result });
  return result;
}

/** parameter -= learningRate * gradient, in place. */
export function subtractScaled(parameter: Tensor, gradient: Tensor, learningRate: number): void {
  requireShape("the gradient", gradient, parameter.shape);
  parameter.backend.sgdUpdate(parameter.data, gradient.data, learningRate);
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

/** The tensor for a result of this shape: `out` after a check, or a new one of the kind of `like`. */
export function output(like: Tensor, shape: readonly number[], out: Tensor | undefined): Tensor {
  if (out === undefined) return zeros(shape, like);
  requireShape("the output", out, shape);
  return out;
}

/** Every tensor is made here, with its properties in one order: then the loop that reads them is compiled for one layout. */
function view(shape: readonly number[], data: FloatArray, dtype: DType, backend: Backend): Tensor {
  return { shape, data, dtype, backend };
}

function orient(x: Tensor, transpose: boolean): readonly [number, number] {
  const [rows, columns] = matrix(x);
  return transpose ? [columns, rows] : [rows, columns];
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

function show(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}
