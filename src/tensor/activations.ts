import type { Activation } from "../backend/backend.js";
import { requireActivation } from "../backend/requirements.js";
import { InvalidArgumentError } from "../errors.js";
import { requireKnownOptions } from "../system/known-options.js";
import { elementwiseOutput, OUTPUT_OPTION, type OutputOption } from "./output.js";
import { assign, matrix, requireSameLayout, requireShape, type Tensor, toArray } from "./tensor.js";

// What is computed element by element with tensors, and along their rows: activations, their derivatives, softmax, sums.

type NonlinearActivation = Exclude<Activation, "identity">;

/**
 * What the derivative of an activation is written with, and so what has to be kept for the way back: its value a, its input z, or
 * nothing.
 */
export const activationSaves: Readonly<Record<Activation, "output" | "input" | "nothing">> = {
  identity: "nothing",
  sigmoid: "output",
  tanh: "output",
  relu: "output",
  leakyRelu: "output",
  elu: "output",
  gelu: "input",
  silu: "input",
};

const BACKWARD = {
  sigmoid: "sigmoidBackward",
  tanh: "tanhBackward",
  relu: "reluBackward",
  leakyRelu: "leakyReluBackward",
  elu: "eluBackward",
  gelu: "geluBackward",
  silu: "siluBackward",
} as const satisfies Readonly<Record<NonlinearActivation, string>>;

/**
 * An activation, element by element; `ELEMENTWISE` of src/backend/backend.ts has the formulas. `out` may be `x`. The identity of `x` is
 * `x` itself, or copied to `out`.
 *
 * @throws InvalidArgumentError when there is no such activation.
 * @throws ShapeError when `out` has another shape.
 */
export function activate(x: Tensor, activation: Activation, options: OutputOption = {}): Tensor {
  requireKnownOptions("activate", options, OUTPUT_OPTION, "{ out }");
  requireActivation("activate", activation);
  return activation === "identity" ? copied(x, options.out) : unary(activation, x, options.out);
}

/**
 * The chain rule through a = activation(z), element by element: upstream * activation'(z). `out` may be `upstream` or `saved`. For the
 * identity it is `upstream` itself, or copied to `out`.
 *
 * @param saved a or z, as {@link activationSaves} says; not looked at for the identity.
 * @throws InvalidArgumentError when there is no such activation.
 * @throws ShapeError when `saved` or `out` has another shape.
 */
export function activationBackward(
  upstream: Tensor,
  saved: Tensor,
  activation: Activation,
  options: OutputOption = {},
): Tensor {
  requireKnownOptions("activationBackward", options, OUTPUT_OPTION, "{ out }");
  requireActivation("activationBackward", activation);
  if (activation === "identity") return copied(upstream, options.out);
  const name = activationSaves[activation] === "output" ? "the activations" : "the inputs of the activation";
  return binary(BACKWARD[activation], upstream, saved, name, options.out);
}

/** 1 / (1 + exp(-x)), element by element. `out` may be `x`. */
export function sigmoid(x: Tensor, options: OutputOption = {}): Tensor {
  requireKnownOptions("sigmoid", options, OUTPUT_OPTION, "{ out }");
  return unary("sigmoid", x, options.out);
}

/**
 * upstream * a * (1 - a), element by element: the chain rule through a = sigmoid(z). `out` may be `upstream` or `a`.
 *
 * @throws ShapeError when `a` has another shape.
 */
export function sigmoidBackward(upstream: Tensor, a: Tensor, options: OutputOption = {}): Tensor {
  requireKnownOptions("sigmoidBackward", options, OUTPUT_OPTION, "{ out }");
  return binary("sigmoidBackward", upstream, a, "the activations", options.out);
}

/**
 * a + b, element by element. `out` may be `a` or `b`.
 *
 * @throws ShapeError when `b` has another shape.
 */
export function addTo(a: Tensor, b: Tensor, options: OutputOption = {}): Tensor {
  requireKnownOptions("addTo", options, OUTPUT_OPTION, "{ out }");
  return binary("add", a, b, "the second term", options.out);
}

/**
 * exp(x[i, j]) / (sum over j of exp(x[i, j])): probabilities from logits, row by row. Logits may be as large as they like. A row with a
 * NaN, with Infinity, or of nothing but -Infinity becomes NaN. `out` may be `x`.
 *
 * @param x [n_examples, n_classes]
 * @returns The same shape.
 */
export function softmaxRows(x: Tensor, options: OutputOption = {}): Tensor {
  requireKnownOptions("softmaxRows", options, OUTPUT_OPTION, "{ out }");
  const [rows, columns] = matrix(x);
  const result = elementwiseOutput(x, options.out);
  if (x.order === "rows") {
    x.backend.softmax({ x: x.data, rows, columns, out: result.data });
  } else {
    const numbers = toArray(x);
    x.backend.softmax({ x: numbers, rows, columns, out: numbers });
    assign(result, numbers);
  }
  return result;
}

function unary(name: NonlinearActivation, x: Tensor, out: Tensor | undefined): Tensor {
  const result = elementwiseOutput(x, out);
  if (x.order === "rows") {
    x.backend[name](x.data, result.data);
  } else {
    const numbers = toArray(x); // What lies between columns must stay as it is.
    x.backend[name](numbers, numbers);
    assign(result, numbers);
  }
  return result;
}

function binary(
  name: (typeof BACKWARD)[NonlinearActivation] | "add",
  a: Tensor,
  b: Tensor,
  nameOfB: string,
  out: Tensor | undefined,
): Tensor {
  requireShape(nameOfB, b, a.shape);
  requireSameLayout(nameOfB, b, a);
  const result = elementwiseOutput(a, out);
  if (a.order === "rows") {
    a.backend[name](a.data, b.data, result.data);
  } else {
    const numbers = toArray(a);
    a.backend[name](numbers, toArray(b), numbers);
    assign(result, numbers);
  }
  return result;
}

function copied(x: Tensor, out: Tensor | undefined): Tensor {
  if (out === undefined || out === x) return x;
  const result = elementwiseOutput(x, out);
  if (result.dtype !== x.dtype) {
    throw new InvalidArgumentError(`Expected ${x.dtype} for the output but received ${result.dtype}.`);
  }
  if (x.order === "rows") result.data.set(x.data);
  else assign(result, toArray(x));
  return result;
}
