import type { Activation } from "../activation.js";
import type { FloatArray, GemmArguments } from "../backend.js";
import { elu, gelu, leakyRelu, relu, sigmoid, silu, tanh } from "./activations.js";

// The result is computed in tiles of 3 x 2, whose sums stay in processor registers while the sum over k runs through
// them. V8 makes all products of a step before it adds any: six sums, six products and the operands are what its fifteen
// registers hold. Of twelve shapes from 2 x 2 to 7 x 1, every other one was a tenth to a third slower, but for 2 x 3.
const tileRows = 3;
const tileColumns = 2;

// The sum over k is cut where a strip of A, 3 x 1024 doubles, would leave the first cache, and columns are cut where a
// block of B would leave the second: 118 columns of 1024 rows, or all 50 columns of the chapter's 784 rows.
const depthLimit = 1024;
const columnLimit = 2048;

// One array for all working memory, and a constant of the module: V8 compiles its address and length into the loops,
// which makes the bounds checks cheap. It holds the sums of three rows, a strip of A, and a block of B.
const scratch = new Float64Array(128 * 1024);
const sumsStart = 0;
const aStart = sumsStart + tileRows * columnLimit;
const bStart = aStart + tileRows * depthLimit;

/** Applied in the last pass: the sigmoid where the loop names it, so that V8 compiles it into the loop, and the others by a call. */
const others: Readonly<Record<Activation, ((x: number) => number) | null>> = {
  ...{ identity: null, sigmoid: null },
  ...{ tanh, relu, leakyRelu, elu, gelu, silu },
};

/**
 * `gemm` of the {@link Backend} interface, laid out as by Goto and van de Geijn ("Anatomy of High-Performance Matrix
 * Multiplication", 2008): operands are copied ("packed") in the order in which the tiles read them, which also turns
 * both element types and all transposes into one case. Sums are kept in double.
 */
export function gemm(args: GemmArguments): void {
  const { transposeA, transposeB, m, n, a, lda, b, ldb, beta } = args;
  const k = args.alpha === 0 ? 0 : args.k; // As in BLAS, alpha = 0 does not read A and B.
  const rowStride = transposeA ? 1 : lda;
  const kStrideA = transposeA ? lda : 1;
  const columnStride = transposeB ? ldb : 1;
  const kStrideB = transposeB ? 1 : ldb;
  const blockColumns = fittingColumns(Math.min(k, depthLimit));

  for (let column = 0; column < n; column += blockColumns) {
    const columns = Math.min(blockColumns, n - column);
    let k0 = 0;
    do {
      const depth = Math.min(depthLimit, k - k0);
      for (let j = 0; j < columns; j += tileColumns) {
        const start = (column + j) * columnStride + k0 * kStrideB;
        pack(b, start, columnStride, columns - j, kStrideB, depth, bStart + j * depth, tileColumns);
      }
      for (let row = 0; row < m; row += tileRows) {
        pack(a, row * rowStride + k0 * kStrideA, rowStride, m - row, kStrideA, depth, aStart, tileRows);
        for (let j = 0; j < columns; j += tileColumns) {
          multiplyTile(bStart + j * depth, depth, sumsStart + j);
        }
        storeRows(args, row, column, columns, k0 === 0 ? beta : 1, k0 + depth === k);
      }
      k0 += depth;
    } while (k0 < k); // With k = 0 there is one empty block: what is left is activation(beta * C + bias).
  }
}

/** How many columns of B have room in the scratch array: a whole number of tiles. */
function fittingColumns(depth: number): number {
  const columns = Math.min(columnLimit, Math.floor((scratch.length - bStart) / Math.max(1, depth)));
  return columns - (columns % tileColumns);
}

/**
 * Copies a strip: rows of op(A) or columns of op(B), `lanes` of which are left. scratch[target + p * width + lane] becomes element p
 * of number `lane`. Zeros stand in for those missing to `width`, so that there is one size of tile.
 */
function pack(
  source: FloatArray,
  start: number,
  laneStride: number,
  lanes: number,
  kStride: number,
  depth: number,
  target: number,
  width: number,
): void {
  for (let lane = 0; lane < width; lane++) {
    let to = target + lane;
    let from = start + lane * laneStride;
    if (lane < lanes) {
      for (let p = 0; p < depth; p++, to += width, from += kStride) {
        scratch[to] = source[from] as number;
      }
    } else {
      for (let p = 0; p < depth; p++, to += width) {
        scratch[to] = 0;
      }
    }
  }
}

/** The sums over p of a strip of A times a strip of B; those of row i go to scratch[sums + i * columnLimit]. */
function multiplyTile(strip: number, depth: number, sums: number): void {
  let s00 = 0;
  let s01 = 0;
  let s10 = 0;
  let s11 = 0;
  let s20 = 0;
  let s21 = 0;
  // `| 0` saves V8 the checks for integer overflow.
  let ia = aStart | 0;
  let ib = strip | 0;
  const end = (aStart + tileRows * depth) | 0;
  while (ia < end) {
    const b0 = scratch[ib] as number;
    const b1 = scratch[(ib + 1) | 0] as number;
    const a0 = scratch[ia] as number;
    s00 += a0 * b0;
    s01 += a0 * b1;
    const a1 = scratch[(ia + 1) | 0] as number;
    s10 += a1 * b0;
    s11 += a1 * b1;
    const a2 = scratch[(ia + 2) | 0] as number;
    s20 += a2 * b0;
    s21 += a2 * b1;
    ia = (ia + tileRows) | 0;
    ib = (ib + tileColumns) | 0;
  }
  scratch[sums] = s00;
  scratch[sums + 1] = s01;
  scratch[sums + columnLimit] = s10;
  scratch[sums + columnLimit + 1] = s11;
  scratch[sums + 2 * columnLimit] = s20;
  scratch[sums + 2 * columnLimit + 1] = s21;
}

/** C = activation(alpha * sums + beta * C + bias) for up to three rows: the last pass. */
function storeRows(
  args: GemmArguments,
  row: number,
  column: number,
  columns: number,
  beta: number,
  last: boolean,
): void {
  const { m, alpha, c, ldc } = args;
  const bias = last ? args.bias : null;
  const isSigmoid = last && args.activation === "sigmoid";
  const other = last ? others[args.activation] : null;
  const rows = Math.min(tileRows, m - row);
  for (let i = 0; i < rows; i++) {
    const sums = sumsStart + i * columnLimit;
    const start = (row + i) * ldc + column;
    for (let j = 0; j < columns; j++) {
      let value = alpha * (scratch[sums + j] as number);
      if (bias !== null) {
        value += bias[column + j] as number;
      }
      if (beta !== 0) {
        value += beta * (c[start + j] as number); // With beta = 0, C may hold NaN.
      }
      c[start + j] = isSigmoid ? sigmoid(value) : other === null ? value : other(value);
    }
  }
}
