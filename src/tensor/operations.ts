import type { Activation } from "../backend/backend.js";
import { InvalidArgumentError, ShapeError } from "../errors.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { isImageRows, type LayerInput } from "./layer-input.js";
import { matrix, requireShape, show, type Tensor, zeros } from "./tensor.js";

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
  a.backend.gemm({
    transposeA,
    transposeB,
    m,
    n,
    k,
    alpha,
    a: a.data,
    lda: transposeA ? m : k,
    b: b.data,
    ldb: transposeB ? k : n,
    beta,
    c: out.data,
    ldc: n,
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
  if (isImageRows(x)) {
    const { images, rows, width, scale, offset } = x; // Not spread: copying an object of unknown fields takes microseconds.
    weight.backend.imageLinear({
      images,
      rows,
      width,
      scale,
      offset,
      units,
      weight: weight.data,
      bias: bias.data,
      activation,
      out: out.data,
    });
    return out;
  }
  weight.backend.gemm({
    transposeA: false,
    transposeB: true,
    m: examples,
    n: units,
    k,
    alpha: 1,
    a: x.data,
    lda: k,
    b: weight.data,
    ldb: k,
    beta: 0,
    c: out.data,
    ldc: units,
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
  const { images, rows, width, scale, offset } = x;
  const [, units] = matrix(delta);
  requireShape("delta", delta, [rows.length, units]);
  const out = output(delta, [units, width], options.out);
  delta.backend.imageGradient({
    images,
    rows,
    width,
    scale,
    offset,
    units,
    delta: delta.data,
    out: out.data,
  });
  return out;
}

/** 1 / (1 + exp(-x)), element by element. `out` may be `x`. */
export function sigmoid(x: Tensor, options: OutputOption = {}): Tensor {
  requireKnownOptions("sigmoid", options, OUTPUT_OPTION, "{ out }");
  const result = output(x, x.shape, options.out);
  x.backend.sigmoid(x.data, result.data);
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
  const result = output(upstream, upstream.shape, options.out);
  upstream.backend.sigmoidBackward(upstream.data, a.data, result.data);
  return result;
}

/** The sum of each column: [rows, columns] → [columns]. */
export function columnSums(x: Tensor, options: OutputOption = {}): Tensor {
  requireKnownOptions("columnSums", options, OUTPUT_OPTION, "{ out }");
  const [rows, columns] = matrix(x);
  const result = output(x, [columns], options.out);
  x.backend.columnSums({ x: x.data, rows, columns, out: result.data });
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

/** The tensor for a result of this shape: `out` after a check, or a new one of the kind of `like`. */
export function output(like: Tensor, shape: readonly number[], out: Tensor | undefined): Tensor {
  if (out === undefined) return zeros(shape, like);
  requireShape("the output", out, shape);
  return out;
}

function orient(x: Tensor, transpose: boolean): readonly [number, number] {
  const [rows, columns] = matrix(x);
  return transpose ? [columns, rows] : [rows, columns];
}
