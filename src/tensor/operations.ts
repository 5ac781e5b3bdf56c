import type { Activation } from "../backend/backend.js";
import { InvalidArgumentError, ShapeError } from "../errors.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { isImageRows, type LayerInput } from "./layer-input.js";
import {
  assign,
  matrix,
  requireShape,
  show,
  type Tensor,
  tensor,
  toArray,
  zeros,
  zerosByColumns,
} from "./tensor.js";

// What is computed with tensors: operations that check shapes and write to `out`. Without `out` an operation makes a new tensor; a
// loop passes one, and allocates nothing. Here alone it is decided whether a product reads numbers or the bytes of images.

export interface OutputOption {
  /** Where the result goes; a new tensor if left out. Must have the shape and type of the result. */
  readonly out?: Tensor | undefined;
}

const OUTPUT_OPTION: KnownOptions<OutputOption> = { out: true };

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
  /** Applied to the result while it is still in registers. Default: `identity`. */
  readonly activation?: Activation;
}

const LINEAR_OPTIONS: KnownOptions<LinearOptions> = { ...OUTPUT_OPTION, activation: true };

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
  const [m, k] = orient(a, transposeA);
  const [innerK, n] = orient(b, transposeB);
  if (k !== innerK) {
    throw new ShapeError(
      `Expected factors with one inner size but received ${show([m, k])} and ${show([innerK, n])}.`,
    );
  }
  const out = output(a, [m, n], options.out);
  // What lies column by column is the transpose of what lies row by row, and (A B)ᵀ = Bᵀ Aᵀ.
  const isTransposedA = transposeA !== (a.order === "columns");
  const isTransposedB = transposeB !== (b.order === "columns");
  const isByRows = out.order === "rows";
  a.backend.gemm({
    transposeA: isByRows ? isTransposedA : !isTransposedB,
    transposeB: isByRows ? isTransposedB : !isTransposedA,
    m: isByRows ? m : n,
    n: isByRows ? n : m,
    k,
    alpha,
    a: isByRows ? a.data : b.data,
    lda: isByRows ? a.stride : b.stride,
    b: isByRows ? b.data : a.data,
    ldb: isByRows ? b.stride : a.stride,
    beta,
    c: out.data,
    ldc: out.stride,
    bias: null,
    activation: "identity",
  });
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
  requireShape("the bias", bias, [units]);
  const out = output(weight, [examples, units], options.out);
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
  weight.backend.gemm({
    transposeA: x.order === "columns",
    transposeB: weight.order === "rows",
    m: examples,
    n: units,
    k,
    alpha: 1,
    a: x.data,
    lda: x.stride,
    b: weight.data,
    ldb: weight.stride,
    beta: 0,
    c: out.data,
    ldc: out.stride,
    bias: bias.data,
    activation,
  });
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
  requireShape("delta", delta, [rows.length, units]);
  const result = options.out ?? zerosByColumns([units, width], delta);
  requireShape("the output", result, [units, width]);
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
  requireShape("delta", delta, [examples, units]);
  requireShape("the bias", bias, [units]);
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

/** The tensor itself, or a copy that lies row by row. */
function byRows(x: Tensor): Tensor {
  return x.order === "rows" ? x : tensor(toArray(x), x.shape, { backend: x.backend });
}

function copyByColumns(x: Tensor): Tensor {
  const copy = zerosByColumns(x.shape, x);
  assign(copy, toArray(x));
  return copy;
}

/** 1 / (1 + exp(-x)), element by element. `out` may be `x`. */
export function sigmoid(x: Tensor, options: OutputOption = {}): Tensor {
  requireKnownOptions("sigmoid", options, OUTPUT_OPTION, "{ out }");
  const result = elementwiseOutput(x, options.out);
  if (x.order === "rows") {
    x.backend.sigmoid(x.data, result.data);
  } else {
    const numbers = toArray(x); // What lies between columns must stay as it is.
    x.backend.sigmoid(numbers, numbers);
    assign(result, numbers);
  }
  return result;
}

/**
 * upstream * a * (1 - a), element by element: the chain rule through a = sigmoid(z). `out` may be `upstream` or `a`.
 *
 * @throws ShapeError when `a` has another shape.
 */
export function sigmoidBackward(upstream: Tensor, a: Tensor, options: OutputOption = {}): Tensor {
  requireKnownOptions("sigmoidBackward", options, OUTPUT_OPTION, "{ out }");
  requireShape("the activations", a, upstream.shape);
  requireSameOrder("the activations", a, upstream);
  const result = elementwiseOutput(upstream, options.out);
  if (upstream.order === "rows") {
    upstream.backend.sigmoidBackward(upstream.data, a.data, result.data);
  } else {
    const numbers = toArray(upstream);
    upstream.backend.sigmoidBackward(numbers, toArray(a), numbers);
    assign(result, numbers);
  }
  return result;
}

/** The sum of each column: [rows, columns] → [columns]. */
export function columnSums(x: Tensor, options: OutputOption = {}): Tensor {
  requireKnownOptions("columnSums", options, OUTPUT_OPTION, "{ out }");
  const [rows, columns] = matrix(x);
  const result = output(x, [columns], options.out);
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
  requireSameOrder("the gradient", gradient, parameter);
  parameter.backend.sgdUpdate(parameter.data, gradient.data, learningRate);
}

/** The tensor for a result of this shape: `out` after a check, or a new one of the kind of `like`. */
export function output(like: Tensor, shape: readonly number[], out: Tensor | undefined): Tensor {
  if (out === undefined) return zeros(shape, like);
  requireShape("the output", out, shape);
  return out;
}

/** As {@link output} for what is computed element by element, wherever an element lies. */
function elementwiseOutput(like: Tensor, out: Tensor | undefined): Tensor {
  if (out === undefined)
    return like.order === "rows" ? zeros(like.shape, like) : zerosByColumns(like.shape, like);
  requireShape("the output", out, like.shape);
  requireSameOrder("the output", out, like);
  return out;
}

function requireSameOrder(name: string, x: Tensor, like: Tensor): void {
  if (x.order !== like.order || x.stride !== like.stride) {
    throw new ShapeError(
      `Expected ${name} in the same order in memory as its companion, by ${like.order}, but received it by ${x.order}.`,
    );
  }
}

function orient(x: Tensor, transpose: boolean): readonly [number, number] {
  const [rows, columns] = matrix(x);
  return transpose ? [columns, rows] : [rows, columns];
}
