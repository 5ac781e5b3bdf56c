import fc from "fast-check";
import { describe, it } from "vitest";
import type { Activation, Backend, DType, GemmArguments } from "../../../src/backend/backend.js";
import { floats, GuardedMemory, randomFloats } from "../../support/guarded-memory.js";
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
  const { m, n, k, withBias, ...scalars } = product;
  const memory = new GuardedMemory();
  // With beta = 0 the old content of C must not be read.
  const old = product.beta === 0 ? floats(dtype, m * n).fill(Number.NaN) : randomFloats(dtype, m * n, 3);
  const args: GemmArguments = {
    ...scalars,
    m,
    n,
    k,
    a: memory.input(randomFloats(dtype, m * k, 1)),
    b: memory.input(randomFloats(dtype, k * n, 2)),
    c: memory.output(old),
    bias: withBias ? memory.input(randomFloats(dtype, n, 4)) : null,
  };
  check(backend, args, memory, JSON.stringify(product));
}

function check(backend: Backend, args: GemmArguments, memory: GuardedMemory, context: string): void {
  const expected = referenceGemm(args);
  backend.gemm(args);
  expectClose(args.c, expected, context);
  memory.expectIntact(context);
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
      });
      fc.assert(
        fc.property(product, (options) => checkProduct(backend(), dtype, options)),
        { numRuns: 300 },
      );
    });

    it("reads neither A nor B where alpha is 0", () => {
      const memory = new GuardedMemory();
      const a = memory.input(floats(dtype, 9 * 17).fill(Number.NaN));
      const b = memory.input(floats(dtype, 17 * 33).fill(Number.POSITIVE_INFINITY));
      const c = memory.output(randomFloats(dtype, 9 * 33, 1));
      const args = { ...plain, m: 9, n: 33, k: 17, alpha: 0, a, b, beta: 2, c, bias: null };
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
            const sizes = { m, n, k, a: memory.input(a), b: memory.input(b), c, bias: null };
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
          b: memory.input(floats(dtype, n)),
          c: memory.output(floats(dtype, m * n)),
          bias: memory.input(floats(dtype, special)),
        };
        check(backend(), args, memory, `the sigmoid of ${special.join(", ")}`);
      }
    });
  });
}
