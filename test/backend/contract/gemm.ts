import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Activation, Backend, DType, FloatArray, GemmArguments } from "../../../src/backend/backend.js";
import { floats, GuardedMemory, randomFloats, sameBytes } from "../../support/guarded-memory.js";
import { expectClose, referenceGemm } from "../../support/reference.js";

interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly alpha: number;
  readonly beta: number;
  readonly withBias: boolean;
  readonly activation: Activation;
  /** How many elements stand behind each stored row of A, B and C. Default: none. */
  readonly padding?: readonly [a: number, b: number, c: number];
}

const transposes = [
  { transposeA: false, transposeB: false },
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: false },
  { transposeA: true, transposeB: true },
] as const;

const plain = {
  ...transposes[0],
  alpha: 1,
  beta: 0,
  withBias: false,
  activation: "identity",
} as const;

// Around the tiles, vectors and blocks that implementations cut their operands into.
const edges = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 15, 16, 17, 23, 31, 32, 33, 50, 63, 64, 65, 97, 100];
const deepEdges = [...edges, 127, 128, 129, 263, 264, 265, 527, 528, 529, 784, 1023, 1024, 1025];

const largeProducts: readonly (readonly [m: number, n: number, k: number])[] = [
  // The chapter's network, 784-50-10, in minibatches of 100: forward, backward, weight gradients of either layout.
  [100, 50, 784],
  [100, 10, 50],
  [100, 50, 10],
  [784, 50, 100],
  [50, 784, 100],
  // Either side of the sizes from which operands are copied, and of blocks of rows, of columns and of the sum.
  [127, 128, 129],
  [128, 127, 265],
  [129, 129, 263],
  [125, 131, 264],
  [263, 17, 265],
  [3, 2047, 5],
  [2, 2049, 3],
  [1, 4099, 1],
  [7, 119, 1024],
  [5, 237, 1025],
  [1, 1, 5003],
  [0, 0, 0],
  [0, 5, 7],
  [5, 0, 7],
];

/** Runs one product with numbers from -1 to 1 and compares it with the reference. */
function checkProduct(backend: Backend, dtype: DType, product: Product): void {
  const { m, n, k, withBias, padding = [0, 0, 0], ...scalars } = product;
  const lda = (product.transposeA ? m : k) + padding[0];
  const ldb = (product.transposeB ? k : n) + padding[1];
  const ldc = n + padding[2];
  const memory = new GuardedMemory();
  // With beta = 0 the old content of C must not be read.
  const old = product.beta === 0 ? floats(dtype, m * n).fill(Number.NaN) : randomFloats(dtype, m * n, 3);
  const args: GemmArguments = {
    ...scalars,
    m,
    n,
    k,
    a: memory.input(withPadding(randomFloats(dtype, m * k, 1), product.transposeA ? k : m, padding[0])),
    lda,
    b: memory.input(withPadding(randomFloats(dtype, k * n, 2), product.transposeB ? n : k, padding[1])),
    ldb,
    c: memory.output(withPadding(old, m, padding[2])),
    ldc,
    bias: withBias ? memory.input(randomFloats(dtype, n, 4)) : null,
  };
  check(backend, args, memory, JSON.stringify(product));
}

function check(backend: Backend, args: GemmArguments, memory: GuardedMemory, context: string): void {
  const { m, n, c, ldc } = args;
  const expected = referenceGemm(args);
  const written = c.slice();
  backend.gemm(args);
  const result = floats(c instanceof Float32Array ? "float32" : "float64", m * n);
  for (let i = 0; i < m; i++) {
    const row = c.subarray(i * ldc, i * ldc + n);
    result.set(row, i * n);
    written.set(row, i * ldc);
  }
  expectClose(result, expected, context);
  if (!sameBytes(c, written)) expect.fail(`${context} wrote between the rows of C.`);
  memory.expectIntact(context);
}

/** A dense matrix of so many rows with NaN behind each of them. */
function withPadding(values: FloatArray, rows: number, padding: number): FloatArray {
  if (padding === 0) return values;
  const length = rows === 0 ? 0 : values.length / rows;
  const padded = floats(values instanceof Float32Array ? "float32" : "float64", rows * (length + padding));
  padded.fill(Number.NaN);
  for (let i = 0; i < rows; i++) {
    padded.set(values.subarray(i * length, (i + 1) * length), i * (length + padding));
  }
  return padded;
}

export function describeGemm(backend: () => Backend, dtype: DType): void {
  describe("gemm", () => {
    it.each(transposes)("multiplies matrices of every small size: %o", (transposed) => {
      for (const m of edges.filter((size) => size <= 17)) {
        for (const n of edges.filter((size) => size <= 17 || size === 33)) {
          for (const k of [0, 1, 2, 3, 7]) {
            checkProduct(backend(), dtype, { ...plain, ...transposed, m, n, k });
          }
        }
      }
    });

    it.each(largeProducts)("multiplies [%i, k] by [k, %i] with k = %i, transposed or not", (m, n, k) => {
      for (const transposed of transposes) {
        checkProduct(backend(), dtype, { ...plain, ...transposed, m, n, k });
        const rest = { alpha: -0.3, beta: 0.7, withBias: true, activation: "sigmoid" } as const;
        checkProduct(backend(), dtype, { ...transposed, m, n, k, ...rest });
      }
    });

    it("computes activation(alpha op(A) op(B) + beta C + bias) for all sizes and options", () => {
      const distance = fc.constantFrom(0, 0, 1, 6, 14, 16);
      const product = fc.record({
        m: fc.constantFrom(...edges),
        n: fc.constantFrom(...edges),
        k: fc.constantFrom(...deepEdges),
        transposeA: fc.boolean(),
        transposeB: fc.boolean(),
        alpha: fc.constantFrom(0, 1, -1, 0.1, 2.5),
        beta: fc.constantFrom(0, 1, -1, 0.1, 2.5),
        withBias: fc.boolean(),
        activation: fc.constantFrom<Activation>("identity", "sigmoid"),
        padding: fc.tuple(distance, distance, distance),
      });
      fc.assert(
        fc.property(product, (options) => checkProduct(backend(), dtype, options)),
        { numRuns: 300 },
      );
    });

    it("keeps what stands between rows that lie apart, and out of the result", () => {
      for (const [m, n, k] of [
        [1, 10, 50],
        [10, 50, 10],
        [100, 50, 784],
        [131, 30, 530],
      ] as const) {
        for (const transposed of transposes) {
          for (const distance of [1, 2, 6, 14, 64]) {
            const padding = [distance + 1, distance, distance + 2] as const;
            checkProduct(backend(), dtype, { ...plain, ...transposed, m, n, k, padding });
            const rest = { alpha: -0.3, beta: 0.7, withBias: true, activation: "sigmoid", padding } as const;
            checkProduct(backend(), dtype, { ...transposed, m, n, k, ...rest });
          }
        }
      }
    });

    it("reads neither A nor B where alpha is 0", () => {
      const memory = new GuardedMemory();
      const a = memory.input(floats(dtype, 9 * 17).fill(Number.NaN));
      const b = memory.input(floats(dtype, 17 * 33).fill(Number.POSITIVE_INFINITY));
      const c = memory.output(randomFloats(dtype, 9 * 33, 1));
      const args = {
        ...plain,
        m: 9,
        n: 33,
        k: 17,
        alpha: 0,
        a,
        lda: 17,
        b,
        ldb: 33,
        beta: 2,
        c,
        ldc: 33,
        bias: null,
      };
      check(backend(), args, memory, "alpha = 0");
    });

    it.each([Number.NaN, Number.POSITIVE_INFINITY])(
      "carries %s to the elements it belongs to, and no others",
      (special) => {
        for (const [m, n, k] of [
          [7, 11, 5],
          [23, 50, 100],
          [129, 131, 13],
        ] as const) {
          for (const transposed of transposes) {
            const memory = new GuardedMemory();
            const a = randomFloats(dtype, m * k, 1).map(Math.abs);
            const b = randomFloats(dtype, k * n, 2).map(Math.abs);
            a[a.length >> 1] = special;
            b[b.length >> 2] = special;
            const c = memory.output(floats(dtype, m * n));
            const { transposeA, transposeB } = transposed;
            const [lda, ldb] = [transposeA ? m : k, transposeB ? k : n];
            const arrays = { a: memory.input(a), lda, b: memory.input(b), ldb, c, ldc: n };
            const sizes = { m, n, k, ...arrays, bias: null };
            check(
              backend(),
              { ...plain, ...transposed, ...sizes },
              memory,
              `${special} in ${m} x ${n} x ${k}`,
            );
          }
        }
      },
    );

    it("applies the sigmoid to NaN, infinities and large numbers", () => {
      const special = [
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        100,
        -100,
        -0,
        0,
        1e30,
        -1e30,
      ];
      const n = special.length;
      for (const m of [1, 2, 7, 40]) {
        const memory = new GuardedMemory();
        const args: GemmArguments = {
          ...plain,
          activation: "sigmoid",
          m,
          n,
          k: 1,
          a: memory.input(floats(dtype, m).fill(1)),
          lda: 1,
          b: memory.input(floats(dtype, n)),
          ldb: n,
          c: memory.output(floats(dtype, m * n)),
          ldc: n,
          bias: memory.input(floats(dtype, special)),
        };
        check(backend(), args, memory, `the sigmoid of ${special.join(", ")}`);
      }
    });
  });
}
