import type { FloatArray, ImageGradientArguments, ImageLinearArguments, ScaledImages } from "../backend.js";
import { gemm } from "./gemm.js";
import { gatherImages } from "./rows.js";
import { createScratch } from "./scratch.js";

// How many scaled pixels are written out at a time, in memory that is kept for the next call.
const CHUNK = 2 ** 17;
/** Rows of the widest images that are multiplied at once: two strips of the product's tiles, so that none is empty, and weights are read once for six. */
const LEAST_ROWS = 6;
const reserve = createScratch();

/** out = activation(x weight + bias), with the weights by inputs */
export function imageLinear(args: ImageLinearArguments): void {
  const { width, units, weight, ldw, bias, activation, out } = args;
  forChunks(args, { like: out, least: LEAST_ROWS }, (x, first, count) => {
    gemm({
      transposeA: false,
      transposeB: false,
      m: count,
      n: units,
      k: width,
      alpha: 1,
      a: x,
      lda: width,
      b: weight,
      ldb: ldw,
      beta: 0,
      c: out.subarray(first * units, (first + count) * units),
      ldc: units,
      bias,
      activation,
    });
  });
}

/** out = xᵀ delta */
export function imageGradient(args: ImageGradientArguments): void {
  const { rows, width, units, delta, out, ldo } = args;
  if (rows.length === 0) out.fill(0);
  // Where the sum over rows is cut decides about its last bits.
  forChunks(args, { like: out, least: 1 }, (x, first, count) => {
    gemm({
      transposeA: true,
      transposeB: false,
      m: width,
      n: units,
      k: count,
      alpha: 1,
      a: x,
      lda: width,
      b: delta.subarray(first * units, (first + count) * units),
      ldb: units,
      beta: first === 0 ? 0 : 1,
      c: out,
      ldc: ldo,
      bias: null,
      activation: "identity",
    });
  });
}

/** Calls `body` with some rows of x, [count, width], that begin with row `first`. */
function forChunks(
  { images, rows, width, scale, offset }: ScaledImages,
  { like, least }: { readonly like: FloatArray; readonly least: number },
  body: (x: FloatArray, first: number, count: number) => void,
): void {
  const most = Math.min(rows.length, Math.max(least, Math.floor(CHUNK / width)));
  const scratch = reserve(like, most * width);
  for (let first = 0; first < rows.length; first += most) {
    const count = Math.min(most, rows.length - first);
    const x = scratch.subarray(0, count * width);
    gatherImages({ images, rows: rows.subarray(first, first + count), width, scale, offset, out: x });
    body(x, first, count);
  }
}
