import { types } from "node:util";
import { LabelRangeError } from "../../errors.js";
import type { DType, FloatArray } from "../float-array.js";
import {
  fail,
  failType,
  type NumberArray,
  requireDisjoint,
  requireFloats,
  requireLength,
  requireNumber,
  requirePositive,
  requireSameOrDisjoint,
  requireSameType,
  requireShare,
  requireSize,
  requireUnshared,
  shown,
} from "../requirements.js";

/**
 * What an output should have been, and what it costs, for a row of activations a and of what they should be, y:
 *
 * - `squaredError`: the sum of (a - y)²
 * - `absoluteError`: the sum of |a - y|
 * - `huber`: the sum of e² / 2 for errors e = a - y up to the threshold d, and of d (|e| - d / 2) for larger ones (Huber, 1964)
 * - `binaryCrossEntropy`: the sum of max(z, 0) - z y + log(1 + exp(-|z|)), which is -y log(a) - (1 - y) log(1 - a)
 * - `crossEntropy`: the sum of y (m + log(sum of exp(z - m)) - z), where m is the largest z of the row: -y log(a)
 */
export type LossKind = "squaredError" | "absoluteError" | "huber" | "binaryCrossEntropy" | "crossEntropy";

/** The activation that gave a from z. */
export type LossOutput = "identity" | "sigmoid" | "softmax";

/** What can be combined, in the order of `LossKind` of native/kernels/kernels.h. */
const LOSSES: readonly (readonly [kind: LossKind, output: LossOutput])[] = [
  ["squaredError", "identity"],
  ["squaredError", "sigmoid"],
  ["absoluteError", "identity"],
  ["huber", "identity"],
  ["binaryCrossEntropy", "sigmoid"],
  ["crossEntropy", "softmax"],
];

export interface LossOperations {
  /**
   * The weighted sums of a loss over rows, and its gradient with respect to z.
   *
   * With `labels` and several outputs, y is 1 for the output of the row's class and 0 for the others; with one output there are two
   * classes, and y is the class. A row is correct where the first of its largest outputs, or else its first NaN, is that of its class;
   * with one output, where a >= 0.5 says the class; with `values` of a binary cross-entropy, where each output is on the same side of
   * 0.5 as its value. With `values` of other losses no row is.
   */
  loss(args: LossArguments): void;
}

/** Every property is always there. */
export interface LossArguments {
  readonly kind: LossKind;
  /** `identity` for errors, or `sigmoid` for the squared error; `sigmoid` for `binaryCrossEntropy`; `softmax` for `crossEntropy`. */
  readonly output: LossOutput;
  readonly rows: number;
  /** At least 1; for `crossEntropy` at least 2. */
  readonly outputs: number;
  /** Activations, [rows, outputs]. */
  readonly a: FloatArray;
  /** What they are activations of, [rows, outputs], for both cross-entropies, which are finite as long as z is; else `null`. */
  readonly z: FloatArray | null;
  /** Class of each row, [rows]; or `null`, and then there are `values`. */
  readonly labels: Uint8Array | Int32Array | null;
  /** y, [rows, outputs]; or `null`, and then there are `labels`, as for `crossEntropy` always. */
  readonly values: FloatArray | null;
  /** How much each row counts, [rows]: finite and at least 0; `null` for 1 each. */
  readonly weights: FloatArray | null;
  /** s, from 0 to below 1: y becomes (1 - s) y + s / outputs for `crossEntropy`, and (1 - s) y + s / 2 for `binaryCrossEntropy`. Else 0. */
  readonly smoothing: number;
  /** Positive, and read for `huber` alone. */
  readonly threshold: number;
  /** Multiplies the gradient, not the sums. */
  readonly scale: number;
  /** [3], the sum of weight * loss, the sum of the weights of correct rows, and the sum of all weights. All three are added to. */
  readonly totals: Float64Array;
  /** [rows, outputs], the output: scale * weight * d(loss of the row)/dz. May be `a`; `null` where it is of no interest. */
  readonly delta: FloatArray | null;
}

/** The number by which the addon knows a loss and an activation; it refuses `undefined`. */
export function lossNumber(kind: LossKind, output: LossOutput): number | undefined {
  for (let number = 0; number < LOSSES.length; number++) {
    if (LOSSES[number]?.[0] === kind && LOSSES[number]?.[1] === output) return number;
  }
  return undefined;
}

/** How many classes labels can name. */
function classesOf(outputs: number): number {
  return outputs === 1 ? 2 : outputs;
}

function checkLoss(args: LossArguments): void {
  const { kind, output, rows, outputs, a, z, labels, values, weights, smoothing, totals, delta } = args;
  if (lossNumber(kind, output) === undefined) {
    fail(
      "loss",
      `expected a loss and the activation of its outputs (${LOSSES.map((pair) => pair.join(" of ")).join(", ")}) but received ${shown(kind)} of ${shown(output)}`,
    );
  }
  const isOfClasses = kind === "crossEntropy";
  const isFromZ = isOfClasses || kind === "binaryCrossEntropy";
  requireSize("loss", "rows", rows, 0);
  requireSize("loss", "outputs", outputs, isOfClasses ? 2 : 1);
  requireShare("loss", "smoothing", smoothing);
  if (!isFromZ && smoothing !== 0) failType("loss", "smoothing", `0 with ${kind}`, smoothing);
  requirePositive("loss", "threshold", args.threshold);
  requireNumber("loss", "scale", args.scale);
  if ((z !== null) !== isFromZ) failType("loss", "z", isFromZ ? "an array" : `null with ${kind}`, z);
  if ((labels === null) === (values === null)) {
    fail("loss", "expected either labels or values, and null for the other, but received neither or both");
  }
  if (isOfClasses && values !== null) failType("loss", "values", "null with crossEntropy", values);

  const dtype = requireFloats("loss", "a", a);
  requireLength("loss", "a", a, rows * outputs);
  if (!types.isFloat64Array(totals)) failType("loss", "totals", "a Float64Array", totals);
  requireLength("loss", "totals", totals, 3);
  requireDisjoint("loss", "totals", totals, "a", a);
  requireFloatInput("z", z, rows * outputs, dtype, args);
  requireFloatInput("values", values, rows * outputs, dtype, args);
  requireFloatInput("weights", weights, rows, dtype, args);
  if (labels !== null) requireLabels(labels, args);
  if (weights !== null) requireWeights(weights);
  if (delta !== null) {
    requireSameType("loss", "delta", delta, dtype);
    requireLength("loss", "delta", delta, rows * outputs);
    requireDisjoint("loss", "delta", delta, "totals", totals);
    requireSameOrDisjoint("loss", "delta", delta, "a", a);
  }
}

function requireFloatInput(
  name: string,
  array: FloatArray | null,
  length: number,
  dtype: DType,
  args: LossArguments,
): void {
  if (array === null) return;
  requireSameType("loss", name, array, dtype);
  requireLength("loss", name, array, length);
  requireApart(name, array, args);
}

function requireApart(name: string, input: NumberArray, { totals, delta }: LossArguments): void {
  requireDisjoint("loss", "totals", totals, name, input);
  if (delta !== null && ArrayBuffer.isView(delta)) requireDisjoint("loss", "delta", delta, name, input);
}

function requireLabels(labels: Uint8Array | Int32Array, args: LossArguments): void {
  if (!types.isUint8Array(labels) && !types.isInt32Array(labels)) {
    failType("loss", "labels", "a Uint8Array or an Int32Array", labels);
  }
  requireUnshared("loss", "labels", labels);
  requireLength("loss", "labels", labels, args.rows);
  requireApart("labels", labels, args);
  const classes = classesOf(args.outputs);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    if (label < 0 || label >= classes) {
      throw new LabelRangeError(
        `loss: expected labels from 0 to ${classes - 1} but received ${label} for example ${i}.`,
      );
    }
  }
}

function requireWeights(weights: FloatArray): void {
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i] as number;
    if (!(weight >= 0 && Number.isFinite(weight))) {
      fail("loss", `expected finite weights of at least 0 but received ${weight} for example ${i}`);
    }
  }
}

export const lossChecks: LossOperations = { loss: checkLoss };
