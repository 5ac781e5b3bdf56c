import { types } from "node:util";
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
  type ScaledImages,
} from "./backend.js";
import { isInkOf } from "./ink-lists.js";
import { dropoutChecks } from "./operations/dropout.js";
import { lossChecks } from "./operations/losses.js";
import { normalizationChecks } from "./operations/normalization.js";
import { rowChecks } from "./operations/rows.js";
import { softmaxChecks } from "./operations/softmax.js";
import { updateChecks } from "./operations/updates.js";
import {
  fail,
  failType,
  requireActivation,
  requireBoolean,
  requireDisjoint,
  requireFloats,
  requireLength,
  requireLines,
  requireNumber,
  requireRowNumbers,
  requireSameOrDisjoint,
  requireSameType,
  requireSize,
  requireUnshared,
  requireWholeRows,
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
  requireWholeRows(call, "images", images, width, "images");
  if (ink !== null && !isInkOf(ink, images, width, backend)) {
    fail(
      call,
      "expected for ink what listInk of this backend returned for these images, or null, but received something else",
    );
  }
  requireRowNumbers(call, rows, images.length / width, "images");
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
  requireWholeRows("listInk", "images", images, width, "images");
}

/** For every operation of a backend the function that checks its arguments; one for each, or this does not compile. */
export function argumentChecks(backend: BackendName): Operations {
  return {
    ...(Object.fromEntries(
      Object.keys(ELEMENTWISE).map((name) => [name, checkElementwise(name as ElementwiseName)]),
    ) as unknown as ElementwiseOperations),
    gemm: checkGemm,
    ...lossChecks,
    ...dropoutChecks,
    ...normalizationChecks,
    ...rowChecks,
    imageLinear: (args) => checkImageLinear(args, backend),
    imageGradient: (args) => checkImageGradient(args, backend),
    linearDescent: checkLinearDescent,
    imageDescent: (args) => checkImageDescent(args, backend),
    columnSums: checkColumnSums,
    ...softmaxChecks,
    sgdUpdate: checkSgdUpdate,
    argmaxRows: checkArgmaxRows,
    ...updateChecks,
  };
}
