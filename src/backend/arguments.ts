import { types } from "node:util";
import { InvalidArgumentError, LabelRangeError, ShapeError } from "../errors.js";
import type {
  Activation,
  ArgmaxRowsArguments,
  ColumnSumsArguments,
  DType,
  FloatArray,
  GatherRowsArguments,
  GemmArguments,
  ImageGradientArguments,
  ImageLinearArguments,
  OutputDeltaArguments,
  ScaledImages,
  SquaredErrorArguments,
} from "./backend.js";

// The arguments of each operation of `Backend`, checked before anything is written. A ShapeError says that an array is too
// short, too long or transferred elsewhere, a LabelRangeError that a label has no class, an InvalidArgumentError everything
// else. This runs in the minibatch loop, so nothing is allocated unless a check fails.

const largestSize = 2 ** 31 - 1;

export function checkGemm(args: GemmArguments): void {
  const { m, n, k, a, b, c, bias, activation } = args;
  requireBoolean("gemm", "transposeA", args.transposeA);
  requireBoolean("gemm", "transposeB", args.transposeB);
  requireSize("gemm", "m", m, 0);
  requireSize("gemm", "n", n, 0);
  requireSize("gemm", "k", k, 0);
  requireNumber("gemm", "alpha", args.alpha);
  requireNumber("gemm", "beta", args.beta);
  requireActivation("gemm", activation);
  const dtype = requireFloats("gemm", "c", c);
  requireSameType("gemm", "a", a, dtype);
  requireSameType("gemm", "b", b, dtype);
  requireLength("gemm", "c", c, m * n);
  requireLength("gemm", "a", a, m * k);
  requireLength("gemm", "b", b, k * n);
  requireDisjoint("gemm", "c", c, "a", a);
  requireDisjoint("gemm", "c", c, "b", b);
  if (bias !== null) {
    requireSameType("gemm", "bias", bias, dtype);
    requireLength("gemm", "bias", bias, n);
    requireDisjoint("gemm", "c", c, "bias", bias);
  }
}

export function checkSigmoid(x: FloatArray, out: FloatArray): void {
  const dtype = requireFloats("sigmoid", "x", x);
  requireSameType("sigmoid", "out", out, dtype);
  requireLength("sigmoid", "x", x, x.length);
  requireLength("sigmoid", "out", out, x.length);
  requireSameOrDisjoint("sigmoid", "out", out, "x", x);
}

export function checkSigmoidBackward(upstream: FloatArray, a: FloatArray, out: FloatArray): void {
  const dtype = requireFloats("sigmoidBackward", "upstream", upstream);
  requireSameType("sigmoidBackward", "a", a, dtype);
  requireSameType("sigmoidBackward", "out", out, dtype);
  requireLength("sigmoidBackward", "upstream", upstream, upstream.length);
  requireLength("sigmoidBackward", "a", a, upstream.length);
  requireLength("sigmoidBackward", "out", out, upstream.length);
  requireSameOrDisjoint("sigmoidBackward", "out", out, "upstream", upstream);
  requireSameOrDisjoint("sigmoidBackward", "out", out, "a", a);
}

export function checkSquaredError(args: SquaredErrorArguments): void {
  checkLossArguments("squaredError", args);
}

export function checkOutputDelta(args: OutputDeltaArguments): void {
  const { a, labels, totals, scale, delta } = args;
  const dtype = checkLossArguments("outputDelta", args);
  requireNumber("outputDelta", "scale", scale);
  requireSameType("outputDelta", "delta", delta, dtype);
  requireLength("outputDelta", "delta", delta, a.length);
  requireDisjoint("outputDelta", "delta", delta, "labels", labels);
  requireDisjoint("outputDelta", "delta", delta, "totals", totals);
  requireSameOrDisjoint("outputDelta", "delta", delta, "a", a);
}

function checkLossArguments(call: string, { a, labels, classes, totals }: SquaredErrorArguments): DType {
  requireSize(call, "classes", classes, 1);
  const dtype = requireFloats(call, "a", a);
  if (!types.isUint8Array(labels)) failType(call, "labels", "a Uint8Array", labels);
  if (!types.isFloat64Array(totals)) failType(call, "totals", "a Float64Array", totals);
  requireLength(call, "labels", labels, labels.length);
  requireLength(call, "a", a, labels.length * classes);
  requireLength(call, "totals", totals, 2);
  requireDisjoint(call, "totals", totals, "a", a);
  requireDisjoint(call, "totals", totals, "labels", labels);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    if (label >= classes) {
      throw new LabelRangeError(
        `${call}: expected labels from 0 to ${classes - 1} but received ${label} for example ${i}.`,
      );
    }
  }
  return dtype;
}

export function checkGatherRows(args: GatherRowsArguments): void {
  const { rows, width, out } = args;
  checkImages("gatherRows", args);
  requireFloats("gatherRows", "out", out);
  requireImageOutput("gatherRows", args, out, rows.length * width);
}

export function checkImageLinear(args: ImageLinearArguments): void {
  const { rows, width, units, weight, bias, activation, out } = args;
  checkImages("imageLinear", args);
  requireSize("imageLinear", "units", units, 0);
  requireActivation("imageLinear", activation);
  const dtype = requireFloats("imageLinear", "out", out);
  requireSameType("imageLinear", "weight", weight, dtype);
  requireLength("imageLinear", "weight", weight, units * width);
  requireImageOutput("imageLinear", args, out, rows.length * units);
  requireDisjoint("imageLinear", "out", out, "weight", weight);
  if (bias !== null) {
    requireSameType("imageLinear", "bias", bias, dtype);
    requireLength("imageLinear", "bias", bias, units);
    requireDisjoint("imageLinear", "out", out, "bias", bias);
  }
}

export function checkImageGradient(args: ImageGradientArguments): void {
  const { rows, width, units, delta, out } = args;
  checkImages("imageGradient", args);
  requireSize("imageGradient", "units", units, 0);
  const dtype = requireFloats("imageGradient", "out", out);
  requireSameType("imageGradient", "delta", delta, dtype);
  requireLength("imageGradient", "delta", delta, rows.length * units);
  requireImageOutput("imageGradient", args, out, units * width);
  requireDisjoint("imageGradient", "out", out, "delta", delta);
}

function checkImages(call: string, { images, rows, width, scale, offset }: ScaledImages): void {
  requireSize(call, "width", width, 1);
  requireNumber(call, "scale", scale);
  requireNumber(call, "offset", offset);
  if (!types.isUint8Array(images)) failType(call, "images", "a Uint8Array", images);
  if (!types.isInt32Array(rows)) failType(call, "rows", "an Int32Array", rows);
  requireLength(call, "images", images, images.length);
  requireLength(call, "rows", rows, rows.length);
  if (images.length % width !== 0) {
    throw new ShapeError(
      `${call}: expected images of ${width} bytes each but received ${images.length} bytes in all.`,
    );
  }
  const count = images.length / width;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (row < 0 || row >= count) {
      fail(call, `expected row numbers of ${count} images but received ${row} at position ${i}`);
    }
  }
}

function requireImageOutput(
  call: string,
  { images, rows }: ScaledImages,
  out: FloatArray,
  length: number,
): void {
  requireLength(call, "out", out, length);
  requireDisjoint(call, "out", out, "images", images);
  requireDisjoint(call, "out", out, "rows", rows);
}

export function checkColumnSums({ x, rows, columns, alpha, out }: ColumnSumsArguments): void {
  requireSize("columnSums", "rows", rows, 0);
  requireSize("columnSums", "columns", columns, 0);
  requireNumber("columnSums", "alpha", alpha);
  const dtype = requireFloats("columnSums", "x", x);
  requireSameType("columnSums", "out", out, dtype);
  requireLength("columnSums", "x", x, rows * columns);
  requireLength("columnSums", "out", out, columns);
  requireDisjoint("columnSums", "out", out, "x", x);
}

export function checkSgdUpdate(parameter: FloatArray, gradient: FloatArray, learningRate: number): void {
  requireNumber("sgdUpdate", "learningRate", learningRate);
  const dtype = requireFloats("sgdUpdate", "parameter", parameter);
  requireSameType("sgdUpdate", "gradient", gradient, dtype);
  requireLength("sgdUpdate", "parameter", parameter, parameter.length);
  requireLength("sgdUpdate", "gradient", gradient, parameter.length);
  requireDisjoint("sgdUpdate", "parameter", parameter, "gradient", gradient);
}

export function checkArgmaxRows({ x, rows, columns, out }: ArgmaxRowsArguments): void {
  requireSize("argmaxRows", "rows", rows, 0);
  requireSize("argmaxRows", "columns", columns, 1);
  requireFloats("argmaxRows", "x", x);
  if (!types.isInt32Array(out)) failType("argmaxRows", "out", "an Int32Array", out);
  requireLength("argmaxRows", "x", x, rows * columns);
  requireLength("argmaxRows", "out", out, rows);
  requireDisjoint("argmaxRows", "out", out, "x", x);
}

function requireActivation(call: string, activation: Activation): void {
  if (activation !== "identity" && activation !== "sigmoid") {
    fail(call, `expected "identity" or "sigmoid" for activation but received ${shown(activation)}`);
  }
}

function requireBoolean(call: string, name: string, value: boolean): void {
  if (typeof value !== "boolean") failType(call, name, "true or false", value);
}

function requireNumber(call: string, name: string, value: number): void {
  if (typeof value !== "number") failType(call, name, "a number", value);
}

function requireSize(call: string, name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least || value > largestSize) {
    failType(call, name, `a whole number from ${least} to ${largestSize}`, value);
  }
}

function requireFloats(call: string, name: string, value: FloatArray): DType {
  if (types.isFloat32Array(value)) return "float32";
  if (types.isFloat64Array(value)) return "float64";
  return failType(call, name, "a Float32Array or a Float64Array", value);
}

/** Inputs and outputs of one call have the same element type. */
function requireSameType(call: string, name: string, value: FloatArray, dtype: DType): void {
  if (dtype === "float32" && !types.isFloat32Array(value)) {
    failType(call, name, "a Float32Array, as its other arrays are,", value);
  }
  if (dtype === "float64" && !types.isFloat64Array(value)) {
    failType(call, name, "a Float64Array, as its other arrays are,", value);
  }
}

type NumberArray = FloatArray | Uint8Array | Int32Array;

function requireLength(call: string, name: string, array: NumberArray, length: number): void {
  if (array.length === length && length > 0) return;
  if (isDetached(array)) {
    throw new ShapeError(
      `${call}: expected memory behind ${name}, but its buffer was transferred, by postMessage for example.`,
    );
  }
  if (array.length !== length) {
    throw new ShapeError(`${call}: expected ${length} elements in ${name} but received ${array.length}.`);
  }
}

function isDetached(array: NumberArray): boolean {
  if (array.length > 0) return false;
  try {
    new Uint8Array(array.buffer); // Throws just then. Node 20 has no ArrayBuffer.prototype.detached.
    return false;
  } catch {
    return true;
  }
}

function requireDisjoint(
  call: string,
  outputName: string,
  output: NumberArray,
  name: string,
  input: NumberArray,
) {
  if (
    output.length > 0 &&
    input.length > 0 &&
    output.buffer === input.buffer &&
    output.byteOffset < input.byteOffset + input.byteLength &&
    input.byteOffset < output.byteOffset + output.byteLength
  ) {
    fail(call, `expected separate memory for ${outputName} but it overlaps with ${name}`);
  }
}

/** For element-wise operations, which may write exactly onto their input. */
function requireSameOrDisjoint(
  call: string,
  outputName: string,
  output: NumberArray,
  name: string,
  input: NumberArray,
) {
  if (output.buffer !== input.buffer || output.byteOffset !== input.byteOffset) {
    requireDisjoint(call, outputName, output, name, input);
  }
}

function failType(call: string, name: string, expected: string, received: unknown): never {
  fail(call, `expected ${expected} for ${name} but received ${shown(received)}`);
}

function fail(call: string, what: string): never {
  throw new InvalidArgumentError(`${call}: ${what}.`);
}

/** A value in a message: `NaN`, `"relu"`, `undefined`, `an instance of Uint8Array`. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  return `an instance of ${value.constructor?.name ?? "Object"}`;
}
