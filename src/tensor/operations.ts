import type { Activation, Backend, GemmArguments } from "../backend/backend.js";
import { InvalidArgumentError, ShapeError } from "../errors.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { type ImageRows, isImageRows, type LayerInput } from "./layer-input.js";
import { byRows, matrixOutput, OUTPUT_OPTION, type OutputOption } from "./output.js";
import {
  assign,
  matrix,
  requireMatrix,
  requireSameLayout,
  requireShape,
  requireVector,
  show,
  type Tensor,
  type TensorOptions,
  toArray,
  zeros,
  zerosByColumns,
} from "./tensor.js";

// What is computed with tensors: operations that check shapes and write to `out`. Without `out` an operation makes a new tensor; a
// loop passes one, and allocates nothing. Here alone it is decided whether a product reads numbers or the bytes of images.

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

const MATMUL_OPTIONS: KnownOptions<MatmulOptions> = {
  ...OUTPUT_OPTION,
  transposeA: true,
  transposeB: true,
  alpha: true,
  beta: true,
};

export interface LinearOptions extends OutputOption {
  /** Applied to the result while it is still in registers or in the first cache. Default: `identity`. */
  readonly activation?: Activation;
}

const LINEAR_OPTIONS: KnownOptions<LinearOptions> = { ...OUTPUT_OPTION, activation: true };

const NOTHING = new Float32Array(0);

/** The arguments of every product, written anew for each: an object of its own for each would be most of what a minibatch allocates. */
const product: { -readonly [Name in keyof GemmArguments]: GemmArguments[Name] } = {
  transposeA: false,
  transposeB: false,
  m: 0,
  n: 0,
  k: 0,
  alpha: 1,
  a: NOTHING,
  lda: 0,
  b: NOTHING,
  ldb: 0,
  beta: 0,
  c: NOTHING,
  ldc: 0,
  bias: null,
  activation: "identity",
};

/** Computes {@link product}, and keeps no array of it alive. */
function multiply(backend: Backend): void {
  try {
    backend.gemm(product);
  } finally {
    product.a = NOTHING;
    product.b = NOTHING;
    product.c = NOTHING;
    product.bias = null;
  }
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
  requireKnownOptions("matmul", options, MATMUL_OPTIONS, "{ transposeA: true }");
  const { transposeA = false, transposeB = false, alpha = 1, beta = 0 } = options;
  if (beta !== 0 && options.out === undefined) {
    throw new InvalidArgumentError(`Expected out for beta = ${beta}: there is no old content to add.`);
  }
  // No arrays for two sizes, as the training loop allocates next to nothing.
  const [rowsOfA, columnsOfA] = matrix(a);
  const [rowsOfB, columnsOfB] = matrix(b);
  const m = transposeA ? columnsOfA : rowsOfA;
  const k = transposeA ? rowsOfA : columnsOfA;
  const innerK = transposeB ? columnsOfB : rowsOfB;
  const n = transposeB ? rowsOfB : columnsOfB;
  if (k !== innerK) {
    throw new ShapeError(
      `Expected factors with one inner size but received ${show([m, k])} and ${show([innerK, n])}.`,
    );
  }
  const out = matrixOutput(a, m, n, options.out);
  // What lies column by column is the transpose of what lies row by row, and (A B)ᵀ = Bᵀ Aᵀ.
  const isTransposedA = transposeA !== (a.order === "columns");
  const isTransposedB = transposeB !== (b.order === "columns");
  const isByRows = out.order === "rows";
  product.transposeA = isByRows ? isTransposedA : !isTransposedB;
  product.transposeB = isByRows ? isTransposedB : !isTransposedA;
  product.m = isByRows ? m : n;
  product.n = isByRows ? n : m;
  product.k = k;
  product.alpha = alpha;
  product.a = isByRows ? a.data : b.data;
  product.lda = isByRows ? a.stride : b.stride;
  product.b = isByRows ? b.data : a.data;
  product.ldb = isByRows ? b.stride : a.stride;
  product.beta = beta;
  product.c = out.data;
  product.ldc = out.stride;
  product.bias = null;
  product.activation = "identity";
  multiply(a.backend);
  return out;
}

/**
 * One layer: activation(x weightᵀ + bias).
 *
 * @param x Numbers or images, [n_examples, n_inputs]
 * @param weight [n_outputs, n_inputs]
 * @param bias [n_outputs]
 * @returns [n_examples, n_outputs]
 * @throws ShapeError when the shapes do not fit together.
 */
export function linear(x: LayerInput, weight: Tensor, bias: Tensor, options: LinearOptions = {}): Tensor {
  requireKnownOptions("linear", options, LINEAR_OPTIONS, '{ activation: "sigmoid" }');
  const { activation = "identity" } = options;
  const [units, inputs] = matrix(weight);
  const [examples, k] = isImageRows(x) ? x.shape : matrix(x);
  if (k !== inputs) {
    throw new ShapeError(
      `Expected ${inputs} inputs in each row but received a tensor of shape ${show(x.shape)}.`,
    );
  }
  requireVector("the bias", bias, units);
  const out = matrixOutput(weight, examples, units, options.out);
  if (out.order !== "rows") throw new InvalidArgumentError("Expected out for linear to lie row by row.");
  if (isImageRows(x)) {
    const { images, rows, width, scale, offset, ink } = x; // Not spread: copying an object of unknown fields takes microseconds.
    const weightsByColumns = weight.order === "columns" ? weight : copyByColumns(weight);
    weight.backend.imageLinear({
      images,
      rows,
      width,
      scale,
      offset,
      ink,
      units,
      weight: weightsByColumns.data,
      ldw: weightsByColumns.stride,
      bias: bias.data,
      activation,
      out: out.data,
    });
    return out;
  }
  product.transposeA = x.order === "columns";
  product.transposeB = weight.order === "rows";
  product.m = examples;
  product.n = units;
  product.k = k;
  product.alpha = 1;
  product.a = x.data;
  product.lda = x.stride;
  product.b = weight.data;
  product.ldb = weight.stride;
  product.beta = 0;
  product.c = out.data;
  product.ldc = out.stride;
  product.bias = bias.data;
  product.activation = activation;
  multiply(weight.backend);
  return out;
}

/**
 * deltaᵀ x: the gradient of a layer's weights.
 *
 * @param delta [n_examples, n_outputs]
 * @param x Numbers or images, [n_examples, n_inputs]
 * @returns [n_outputs, n_inputs]
 * @throws ShapeError when the shapes do not fit together.
 */
export function weightGradient(delta: Tensor, x: LayerInput, options: OutputOption = {}): Tensor {
  requireKnownOptions("weightGradient", options, OUTPUT_OPTION, "{ out }");
  if (!isImageRows(x)) return matmul(delta, x, { transposeA: true, out: options.out });
  const { images, rows, width, scale, offset, ink } = x;
  const [, units] = matrix(delta);
  requireMatrix("delta", delta, rows.length, units);
  const result = options.out ?? zerosByColumns([units, width], delta);
  requireMatrix("the output", result, units, width);
  const out = result.order === "columns" ? result : zerosByColumns([units, width], delta);
  delta.backend.imageGradient({
    images,
    rows,
    width,
    scale,
    offset,
    ink,
    units,
    delta: byRows(delta).data,
    out: out.data,
    ldo: out.stride,
  });
  if (out !== result) assign(result, toArray(out));
  return result;
}

/**
 * One step of plain gradient descent for a layer: weight -= learningRate * deltaᵀ x, bias -= learningRate * (column sums of delta). The
 * bits are those of {@link weightGradient}, {@link columnSums} and {@link subtractScaled}, but no gradient is written.
 *
 * @param x Numbers or images, [n_examples, n_inputs]
 * @param delta [n_examples, n_outputs]
 * @param weight [n_outputs, n_inputs], a network's: column by column
 * @param bias [n_outputs]
 * @throws ShapeError when the shapes do not fit together.
 */
export function descend(
  weight: Tensor,
  bias: Tensor,
  delta: Tensor,
  x: LayerInput,
  learningRate: number,
): void {
  const [units, inputs] = matrix(weight);
  const [examples] = matrix(delta);
  requireMatrix("delta", delta, examples, units);
  requireVector("the bias", bias, units);
  if (weight.order !== "columns") throw new ShapeError("Expected weights that lie column by column.");
  if (isImageRows(x)) {
    const { images, rows, width, scale, offset, ink } = x;
    if (rows.length !== examples || width !== inputs) throw wrongInput(x, examples, inputs);
    weight.backend.imageDescent({
      images,
      rows,
      width,
      scale,
      offset,
      ink,
      units,
      delta: byRows(delta).data,
      learningRate,
      weight: weight.data,
      ldw: weight.stride,
      bias: bias.data,
    });
    return;
  }
  if (x.shape[0] !== examples || x.shape[1] !== inputs) throw wrongInput(x, examples, inputs);
  weight.backend.linearDescent({
    x: byRows(x).data,
    delta: byRows(delta).data,
    examples,
    inputs,
    units,
    learningRate,
    weight: weight.data,
    ldw: weight.stride,
    bias: bias.data,
  });
}

function wrongInput(x: LayerInput, examples: number, inputs: number): ShapeError {
  return new ShapeError(
    `Expected inputs of shape ${show([examples, inputs])} but received ${show(x.shape)}.`,
  );
}

function copyByColumns(x: Tensor): Tensor {
  const copy = zerosByColumns(x.shape, x);
  assign(copy, toArray(x));
  return copy;
}

const NUMBERS_OPTIONS: KnownOptions<OutputOption & TensorOptions> = {
  ...OUTPUT_OPTION,
  dtype: true,
  backend: true,
};

/**
 * Images as numbers, x[i, :] = images[rows[i], :] * scale + offset: for layers that do not read bytes.
 *
 * @returns [n_examples, n_inputs]
 */
export function imageNumbers(x: ImageRows, options: OutputOption & TensorOptions = {}): Tensor {
  requireKnownOptions("imageNumbers", options, NUMBERS_OPTIONS, "{ out }");
  const { images, rows, width, scale, offset } = x;
  const out = options.out ?? zeros(x.shape, options);
  requireShape("the output", out, x.shape);
  out.backend.gatherImages({ images, rows, width, scale, offset, out: out.data });
  return out;
}

/** The sum of each column: [rows, columns] → [columns]. */
export function columnSums(x: Tensor, options: OutputOption = {}): Tensor {
  requireKnownOptions("columnSums", options, OUTPUT_OPTION, "{ out }");
  const [rows, columns] = matrix(x);
  const result = options.out ?? zeros([columns], x);
  requireVector("the output", result, columns);
  x.backend.columnSums({ x: byRows(x).data, rows, columns, out: result.data });
  return result;
}

/** The column of the largest element of each row, [rows]; the first of equals (NumPy's `argmax(axis=1)`). */
export function argmax(x: Tensor, out?: Int32Array): Int32Array {
  const [rows, columns] = matrix(x);
  const result = out ?? new Int32Array(rows);
  x.backend.argmaxRows({ x: byRows(x).data, rows, columns, out: result });
  return result;
}

/** parameter -= learningRate * gradient, in place. */
export function subtractScaled(parameter: Tensor, gradient: Tensor, learningRate: number): void {
  requireShape("the gradient", gradient, parameter.shape);
  requireSameLayout("the gradient", gradient, parameter);
  parameter.backend.sgdUpdate(parameter.data, gradient.data, learningRate);
}
