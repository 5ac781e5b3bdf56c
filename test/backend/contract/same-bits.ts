import type { Backend, DType, FloatArray } from "../../../src/backend/backend.js";
import { floats, randomFloats, randomIntegers } from "../../support/guarded-memory.js";

export interface Result {
  readonly name: string;
  /** The bytes of everything that the operation writes. */
  compute(backend: Backend): Buffer[];
}

// Small, the chapter's, and large enough to be split among threads in every direction.
const products: readonly (readonly [m: number, n: number, k: number])[] = [
  [1, 1, 1],
  [7, 5, 3],
  [100, 50, 784],
  [100, 10, 50],
  [784, 50, 100],
  [50, 784, 100],
  [1, 1000, 784],
  [2000, 3, 300],
  [3, 2000, 300],
  [263, 2051, 33],
  [131, 129, 1031],
  [512, 512, 512],
];
const shapes: readonly (readonly [rows: number, columns: number])[] = [
  [1, 1],
  [100, 10],
  [257, 7],
  [1000, 784],
  [60_000, 10],
  [3, 50_001],
];
const lengths = [1, 39_200, 100_003, 1_000_001];

/** Results of every operation, to be computed by two backends. */
export function results(dtype: DType): Result[] {
  return [
    ...products.flatMap(([m, n, k]) => [false, true].map((transposed) => gemm(dtype, m, n, k, transposed))),
    ...lengths.map((length) => elementwise(dtype, length)),
    ...shapes.map(([rows, columns]) => alongRows(dtype, rows, columns)),
  ];
}

function gemm(dtype: DType, m: number, n: number, k: number, transposed: boolean): Result {
  return {
    name: `gemm of ${m} x ${n} x ${k}${transposed ? ", transposed" : ""}`,
    compute(backend) {
      const c = randomFloats(dtype, m * n, 4);
      const options = { alpha: 0.7, beta: 0.3, activation: "sigmoid" } as const;
      backend.gemm({
        ...{ transposeA: transposed, transposeB: transposed, m, n, k, ...options, c },
        ...{ lda: transposed ? m : k, ldb: transposed ? k : n, ldc: n },
        a: randomFloats(dtype, m * k, 1),
        b: randomFloats(dtype, k * n, 2),
        bias: randomFloats(dtype, n, 3),
      });
      return [bytes(c)];
    },
  };
}

function elementwise(dtype: DType, length: number): Result {
  return {
    name: `element-wise operations on ${length} elements`,
    compute(backend) {
      const x = randomFloats(dtype, length, 1).map((value) => 20 * value);
      const upstream = randomFloats(dtype, length, 2);
      const activations = floats(dtype, length);
      const gradient = floats(dtype, length);
      const parameter = randomFloats(dtype, length, 3);
      backend.sigmoid(x, activations);
      backend.sigmoidBackward(upstream, activations, gradient);
      backend.sgdUpdate(parameter, gradient, 0.1);
      return [activations, gradient, parameter].map(bytes);
    },
  };
}

function alongRows(dtype: DType, rows: number, columns: number): Result {
  return {
    name: `operations along the rows of ${rows} x ${columns}`,
    compute(backend) {
      const x = randomFloats(dtype, rows * columns, 1);
      const next = randomIntegers(rows);
      const labels = Uint8Array.from({ length: rows }, () => next() % Math.min(columns, 256));
      const order = Int32Array.from({ length: rows }, () => next() % rows);
      const images = Uint8Array.from({ length: rows * columns }, next);
      const totals = new Float64Array(2);
      const delta = floats(dtype, x.length);
      const sums = floats(dtype, columns);
      const winners = new Int32Array(rows);
      backend.outputDelta({ a: x, labels, classes: columns, totals, scale: 0.01, delta });
      backend.squaredError({ a: x, labels, classes: columns, totals });
      backend.columnSums({ x, rows, columns, out: sums });
      backend.argmaxRows({ x, rows, columns, out: winners });
      const scaled = { images, rows: order, width: columns, scale: 2 / 255, offset: -1, units: 3, ink: null };
      const lines = 16;
      const weight = randomFloats(dtype, lines * columns, 2);
      const activations = floats(dtype, 3 * rows);
      const gradient = floats(dtype, lines * columns);
      const layer = { weight, ldw: lines, bias: null, activation: "sigmoid" } as const;
      backend.imageLinear({ ...scaled, ...layer, out: activations });
      backend.imageGradient({ ...scaled, delta: activations, out: gradient, ldo: lines });
      const [descended, bias] = [weight.slice(), randomFloats(dtype, 3, 3)];
      const step = { delta: activations, learningRate: 0.01, weight: descended, ldw: lines, bias };
      backend.imageDescent({ ...scaled, ...step });
      backend.linearDescent({ ...step, x, examples: rows, inputs: columns, units: 3 });
      return [delta, totals, sums, winners, activations, gradient, descended, bias].map(bytes);
    },
  };
}

function bytes(array: FloatArray | Int32Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}
