// The products of the chapter's network and wider ones, squares, and the element-wise operations.
import { compare } from "./measure.mjs";

/**
 * A product C[m x n] = op(A) op(B), the dimension summed being k.
 *
 * @typedef {{ m: number, n: number, k: number, transposeA: boolean, transposeB: boolean, where: string }} Shape
 */

/** Those of the chapter's network, and of wider ones. @type {readonly Shape[]} */
export const SHAPES = [
  { m: 100, n: 50, k: 784, transposeA: false, transposeB: true, where: "forward, minibatch" },
  { m: 50, n: 784, k: 100, transposeA: true, transposeB: false, where: "weight gradient, minibatch" },
  { m: 100, n: 10, k: 50, transposeA: false, transposeB: true, where: "output layer" },
  { m: 5000, n: 50, k: 784, transposeA: false, transposeB: true, where: "evaluation" },
  { m: 256, n: 256, k: 784, transposeA: false, transposeB: true, where: "wider layers" },
  { m: 512, n: 512, k: 512, transposeA: false, transposeB: true, where: "" },
  { m: 1024, n: 1024, k: 1024, transposeA: false, transposeB: true, where: "" },
];

/** Squares: how the rate grows with the size. @type {readonly Shape[]} */
export const SQUARES = [32, 64, 128, 256, 512, 1024].map((size) => ({
  m: size,
  n: size,
  k: size,
  transposeA: false,
  transposeB: true,
  where: "",
}));

/** Each shape once. */
export const ALL_SHAPES = [
  ...SHAPES,
  ...SQUARES.filter((square) => !SHAPES.some((shape) => nameOf(shape) === nameOf(square))),
];

/** @param {Shape} shape */
export function nameOf({ m, n, k }) {
  return `${m} x ${n} x ${k}`;
}

/**
 * GFLOP/s of each backend at each shape. With `most`, the js backend leaves out products of more multiply-adds than that.
 *
 * @param {Record<string, import("mnist-native").Backend>} backends
 * @param {"float32" | "float64"} dtype
 * @param {readonly Shape[]} shapes
 */
export function benchmarkGemm(backends, dtype, shapes, { most = Number.POSITIVE_INFINITY, ...options }) {
  const FloatArray = dtype === "float32" ? Float32Array : Float64Array;
  return shapes.map((shape) => {
    const { m, n, k, transposeA, transposeB, where } = shape;
    const a = new FloatArray(m * k).map(Math.random);
    const b = new FloatArray(k * n).map(Math.random);
    const run = (backend) => {
      const c = new FloatArray(m * n);
      const args = {
        transposeA,
        transposeB,
        m,
        n,
        k,
        alpha: 1,
        a,
        lda: transposeA ? m : k,
        b,
        ldb: transposeB ? k : n,
        beta: 0,
        c,
        ldc: n,
        bias: null,
        activation: "identity",
      };
      return () => backend.gemm(args);
    };
    const candidates = Object.fromEntries(
      Object.entries(backends)
        .filter(([name]) => name !== "js" || m * n * k <= most)
        .map(([name, backend]) => [name, run(backend)]),
    );
    const times = compare(candidates, options);
    const flop = 2 * m * n * k;
    const gflops = Object.fromEntries(Object.entries(times).map(([name, time]) => [name, flop / time / 1e9]));
    return { shape: nameOf(shape), where, gflops };
  });
}

const ELEMENTS = 78_400;

/** GB/s of memory read and written, at the size of a minibatch of 100 images. */
export function benchmarkElementwise(backends, dtype, options) {
  const FloatArray = dtype === "float32" ? Float32Array : Float64Array;
  const bytes = FloatArray.BYTES_PER_ELEMENT;
  const x = new FloatArray(ELEMENTS).map(() => Math.random() * 4 - 2);
  const a = new FloatArray(ELEMENTS).map(Math.random);
  const out = new FloatArray(ELEMENTS);
  const kinds = [
    ["sigmoid", 2 * bytes, (b) => () => b.sigmoid(x, out)],
    ["sigmoidBackward", 3 * bytes, (b) => () => b.sigmoidBackward(x, a, out)],
    ["sgdUpdate", 3 * bytes, (b) => () => b.sgdUpdate(out, x, 1e-9)],
    [
      "columnSums 100 x 784",
      bytes,
      (b) => () => b.columnSums({ x, rows: 100, columns: 784, out: out.subarray(0, 784) }),
    ],
  ];
  return kinds.map(([name, bytesPerElement, make]) => {
    const times = compare(
      Object.fromEntries(Object.entries(backends).map(([key, b]) => [key, make(b)])),
      options,
    );
    const rate = (time) => (ELEMENTS * bytesPerElement) / time / 1e9;
    return {
      name,
      gigabytes: Object.fromEntries(Object.entries(times).map(([key, time]) => [key, rate(time)])),
    };
  });
}
