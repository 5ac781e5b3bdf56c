import { types } from "node:util";
import { LabelRangeError, ShapeError } from "../errors.js";
import {
  type ArgmaxRowsArguments,
  type BackendName,
  type ColumnSumsArguments,
  type DType,
  ELEMENTWISE,
  type ElementwiseName,
  type ElementwiseOperations,
  type FloatArray,
  type GemmArguments,
  type ImageDescentArguments,
  type ImageGradientArguments,
  type ImageLinearArguments,
  type LinearDescentArguments,
  type Operations,
  type OutputDeltaArguments,
  type ScaledImages,
  type SquaredErrorArguments,
} from "./backend.js";
import { lineLength } from "./cache-line.js";
import { isInkOf } from "./ink-lists.js";
import {
  fail,
  failType,
  requireActivation,
  requireBoolean,
  requireDisjoint,
  requireFloats,
  requireLength,
  requireNumber,
  requireSameOrDisjoint,
  requireSameType,
  requireSize,
  requireUnshared,
} from "./requirements.js";

// The arguments of each operation of a backend, checked before anything is written.

function checkElementwise(call: ElementwiseName): (...arrays: readonly FloatArray[]) => void {
  const names: readonly string[] = [...ELEMENTWISE[call], "out"];
  return (...arrays) => {
    const [first, out] = [arrays[0], arrays[names.length - 1]] as [FloatArray, FloatArray];
    const dtype = requireFloats(call, names[0] as string, first);
    for (const [i, name] of names.entries()) requireSameType(call, name, arrays[i] as FloatArray, dtype);
    for (const [i, name] of names.entries()) requireLength(call, name, arrays[i] as FloatArray, first.length);
    for (const [i, name] of names.slice(0, -1).entries()) {
      requireSameOrDisjoint(call, "out", out, name, arrays[i] as FloatArray);
    }
  };
}

function checkGemm(args: GemmArguments): void {
  const { transposeA, transposeB, m, n, k, a, lda, b, ldb, c, ldc, bias, activation } = args;
  requireBoolean("gemm", "transposeA", transposeA);
  requireBoolean("gemm", "transposeB", transposeB);
  requireSize("gemm", "m", m, 0);
  requireSize("gemm", "n", n, 0);
  requireSize("gemm", "k", k, 0);
  requireSize("gemm", "lda", lda, transposeA ? m : k);
  requireSize("gemm", "ldb", ldb, transposeB ? k : n);
  requireSize("gemm", "ldc", ldc, n);
  requireNumber("gemm", "alpha", args.alpha);
  requireNumber("gemm", "beta", args.beta);
  requireActivation("gemm", activation);
  const dtype = requireFloats("gemm", "c", c);
  requireSameType("gemm", "a", a, dtype);
  requireSameType("gemm", "b", b, dtype);
  requireLength("gemm", "c", c, m * ldc);
  requireLength("gemm", "a", a, (transposeA ? k : m) * lda);
  requireLength("gemm", "b", b, (transposeB ? n : k) * ldb);
  requireDisjoint("gemm", "c", c, "a", a);
  requireDisjoint("gemm", "c", c, "b", b);
  if (bias !== null) {
    requireSameType("gemm", "bias", bias, dtype);
    requireLength("gemm", "bias", bias, n);
    requireDisjoint("gemm", "c", c, "bias", bias);
  }
}

function checkOutputDelta(args: OutputDeltaArguments): void {
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
  requireUnshared(call, "labels", labels);
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

function checkImageLinear(args: ImageLinearArguments, backend: BackendName): void {
  const { rows, width, units, weight, ldw, bias, activation, out } = args;
  checkImages("imageLinear", args, backend);
  requireSize("imageLinear", "units", units, 0);
  requireActivation("imageLinear", activation);
  const dtype = requireFloats("imageLinear", "out", out);
  requireSameType("imageLinear", "weight", weight, dtype);
  requireLines("imageLinear", "ldw", ldw, units, dtype);
  requireLength("imageLinear", "weight", weight, width * ldw);
  requireImageOutput("imageLinear", args, out, rows.length * units);
  requireDisjoint("imageLinear", "out", out, "weight", weight);
  if (bias !== null) {
    requireSameType("imageLinear", "bias", bias, dtype);
    requireLength("imageLinear", "bias", bias, units);
    requireDisjoint("imageLinear", "out", out, "bias", bias);
  }
}

function checkImageGradient(args: ImageGradientArguments, backend: BackendName): void {
  const { rows, width, units, delta, out, ldo } = args;
  checkImages("imageGradient", args, backend);
  requireSize("imageGradient", "units", units, 0);
  const dtype = requireFloats("imageGradient", "out", out);
  requireSameType("imageGradient", "delta", delta, dtype);
  requireLength("imageGradient", "delta", delta, rows.length * units);
  requireLines("imageGradient", "ldo", ldo, units, dtype);
  requireImageOutput("imageGradient", args, out, width * ldo);
  requireDisjoint("imageGradient", "out", out, "delta", delta);
}

function checkImageDescent(args: ImageDescentArguments, backend: BackendName): void {
  const { rows, width, delta, weight, bias } = args;
  checkImages("imageDescent", args, backend);
  checkDescent("imageDescent", args, rows.length, width);
  for (const [name, output] of [
    ["weight", weight],
    ["bias", bias],
  ] as const) {
    requireDisjoint("imageDescent", name, output, "images", args.images);
    requireDisjoint("imageDescent", name, output, "rows", rows);
    requireDisjoint("imageDescent", name, output, "delta", delta);
  }
}

function checkLinearDescent(args: LinearDescentArguments): void {
  const { x, delta, examples, inputs, weight, bias } = args;
  requireSize("linearDescent", "examples", examples, 0);
  requireSize("linearDescent", "inputs", inputs, 0);
  const dtype = checkDescent("linearDescent", args, examples, inputs);
  requireSameType("linearDescent", "x", x, dtype);
  requireLength("linearDescent", "x", x, examples * inputs);
  requireDisjoint("linearDescent", "weight", weight, "x", x);
  requireDisjoint("linearDescent", "weight", weight, "delta", delta);
  requireDisjoint("linearDescent", "bias", bias, "x", x);
  requireDisjoint("linearDescent", "bias", bias, "delta", delta);
}

function checkDescent(
  call: string,
  args: ImageDescentArguments | LinearDescentArguments,
  examples: number,
  inputs: number,
): DType {
  const { units, delta, learningRate, weight, ldw, bias } = args;
  requireSize(call, "units", units, 0);
  requireNumber(call, "learningRate", learningRate);
  const dtype = requireFloats(call, "weight", weight);
  requireSameType(call, "delta", delta, dtype);
  requireSameType(call, "bias", bias, dtype);
  requireLines(call, "ldw", ldw, units, dtype);
  requireLength(call, "weight", weight, inputs * ldw);
  requireLength(call, "delta", delta, examples * units);
  requireLength(call, "bias", bias, units);
  requireDisjoint(call, "weight", weight, "bias", bias);
  return dtype;
}

/** A leading dimension of at least `least` elements in whole lines of 64 bytes. */
function requireLines(call: string, name: string, value: number, least: number, dtype: DType): void {
  requireSize(call, name, value, least);
  const line = lineLength(dtype);
  if (value % line !== 0) failType(call, name, `a multiple of ${line}`, value);
}

function checkImages(
  call: string,
  { images, rows, width, scale, offset, ink }: ScaledImages,
  backend: BackendName,
): void {
  requireSize(call, "width", width, 1);
  requireNumber(call, "scale", scale);
  requireNumber(call, "offset", offset);
  if (!types.isUint8Array(images)) failType(call, "images", "a Uint8Array", images);
  if (!types.isInt32Array(rows)) failType(call, "rows", "an Int32Array", rows);
  requireUnshared(call, "rows", rows);
  requireLength(call, "images", images, images.length);
  requireLength(call, "rows", rows, rows.length);
  requireWholeImages(call, images, width);
  if (ink !== null && !isInkOf(ink, images, width, backend)) {
    fail(
      call,
      "expected for ink what listInk of this backend returned for these images, or null, but received something else",
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

function requireWholeImages(call: string, images: Uint8Array, width: number): void {
  if (images.length % width !== 0) {
    throw new ShapeError(
      `${call}: expected images of ${width} bytes each but received ${images.length} bytes in all.`,
    );
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

function checkColumnSums({ x, rows, columns, out }: ColumnSumsArguments): void {
  requireSize("columnSums", "rows", rows, 0);
  requireSize("columnSums", "columns", columns, 0);
  const dtype = requireFloats("columnSums", "x", x);
  requireSameType("columnSums", "out", out, dtype);
  requireLength("columnSums", "x", x, rows * columns);
  requireLength("columnSums", "out", out, columns);
  requireDisjoint("columnSums", "out", out, "x", x);
}

function checkSgdUpdate(parameter: FloatArray, gradient: FloatArray, learningRate: number): void {
  requireNumber("sgdUpdate", "learningRate", learningRate);
  const dtype = requireFloats("sgdUpdate", "parameter", parameter);
  requireSameType("sgdUpdate", "gradient", gradient, dtype);
  requireLength("sgdUpdate", "parameter", parameter, parameter.length);
  requireLength("sgdUpdate", "gradient", gradient, parameter.length);
  requireDisjoint("sgdUpdate", "parameter", parameter, "gradient", gradient);
}

function checkArgmaxRows({ x, rows, columns, out }: ArgmaxRowsArguments): void {
  requireSize("argmaxRows", "rows", rows, 0);
  requireSize("argmaxRows", "columns", columns, 1);
  requireFloats("argmaxRows", "x", x);
  if (!types.isInt32Array(out)) failType("argmaxRows", "out", "an Int32Array", out);
  requireLength("argmaxRows", "x", x, rows * columns);
  requireLength("argmaxRows", "out", out, rows);
  requireDisjoint("argmaxRows", "out", out, "x", x);
}

/** What `listInk` of a backend is given. */
export function checkListInk(images: Uint8Array, width: number): void {
  requireSize("listInk", "width", width, 1);
  if (!types.isUint8Array(images)) failType("listInk", "images", "a Uint8Array", images);
  requireLength("listInk", "images", images, images.length);
  requireWholeImages("listInk", images, width);
}

/** For every operation of a backend the function that checks its arguments; one for each, or this does not compile. */
export function argumentChecks(backend: BackendName): Operations {
  return {
    ...(Object.fromEntries(
      Object.keys(ELEMENTWISE).map((name) => [name, checkElementwise(name as ElementwiseName)]),
    ) as unknown as ElementwiseOperations),
    gemm: checkGemm,
    outputDelta: checkOutputDelta,
    squaredError: (args) => {
      checkLossArguments("squaredError", args);
    },
    imageLinear: (args) => checkImageLinear(args, backend),
    imageGradient: (args) => checkImageGradient(args, backend),
    linearDescent: checkLinearDescent,
    imageDescent: (args) => checkImageDescent(args, backend),
    columnSums: checkColumnSums,
    sgdUpdate: checkSgdUpdate,
    argmaxRows: checkArgmaxRows,
  };
}
