// The products of the chapter's network and wider ones, and the element-wise operations.
import { compare } from "./measure.mjs";

/** m, n, k, transposeA, transposeB, where it occurs */
const SHAPES = [
  [100, 50, 784, false, true, "forward, minibatch"],
  [50, 784, 100, true, false, "weight gradient, minibatch"],
  [100, 10, 50, false, true, "output layer"],
  [5000, 50, 784, false, true, "evaluation"],
  [256, 256, 784, false, true, "wider layers"],
  [512, 512, 512, false, true, ""],
  [1024, 1024, 1024, false, true, ""],
];

/** GFLOP/s of each backend at each shape. @param {Record<string, import("mnist-native").Backend>} backends */
export function benchmarkGemm(backends, dtype, options) {
  const FloatArray = dtype === "float32" ? Float32Array : Float64Array;
  return SHAPES.map(([m, n, k, transposeA, transposeB, where]) => {
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
        b,
        beta: 0,
        c,
        bias: null,
        activation: "identity",
      };
      return () => backend.gemm(args);
    };
    const candidates = Object.entries(backends)
      // A thousand cubed takes the TypeScript backend most of a second.
      .filter(([name]) => name !== "js" || m * n * k < 1e9)
      .map(([name, backend]) => [name, run(backend)]);
    const times = compare(Object.fromEntries(candidates), options);
    const flop = 2 * m * n * k;
    const gflops = Object.fromEntries(Object.entries(times).map(([name, time]) => [name, flop / time / 1e9]));
    return { shape: `${m} x ${n} x ${k}`, where, gflops };
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
  const images = new Uint8Array(10_000 * 784).map(() => Math.random() * 256);
  const rows = Int32Array.from({ length: 100 }, () => Math.floor(Math.random() * 10_000));
  const kinds = [
    ["sigmoid", 2 * bytes, (b) => () => b.sigmoid(x, out)],
    ["sigmoidBackward", 3 * bytes, (b) => () => b.sigmoidBackward(x, a, out)],
    ["sgdUpdate", 3 * bytes, (b) => () => b.sgdUpdate(out, x, 1e-9)],
    [
      "columnSums 100 x 784",
      bytes,
      (b) => () => b.columnSums({ x, rows: 100, columns: 784, alpha: 1, out: out.subarray(0, 784) }),
    ],
    [
      "gatherRows 100 x 784",
      1 + bytes,
      (b) => () => b.gatherRows({ images, rows, width: 784, scale: 2 / 255, offset: -1, out }),
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
