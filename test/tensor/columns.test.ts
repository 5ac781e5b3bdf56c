import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Backend, DType } from "../../src/backend/backend.js";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { ShapeError } from "../../src/errors.js";
import { sigmoid, sigmoidBackward } from "../../src/tensor/activations.js";
import { imageRows } from "../../src/tensor/layer-input.js";
import {
  argmax,
  columnSums,
  descend,
  linear,
  matmul,
  subtractScaled,
  weightGradient,
} from "../../src/tensor/operations.js";
import {
  assign,
  firstRows,
  type MemoryOrder,
  type Tensor,
  tensor,
  toArray,
  zeros,
  zerosByColumns,
} from "../../src/tensor/tensor.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { dtypes, randomFloats, randomIntegers, sameBytes } from "../support/guarded-memory.js";

const orders: readonly MemoryOrder[] = ["rows", "columns"];
const anySize = fc.integer({ min: 0, max: 40 });
const anyOrder = fc.constantFrom(...orders);
const anySeed = fc.nat();

type Options = { readonly dtype: DType; readonly backend: Backend };

/** The same numbers in either order. */
function random(
  shape: readonly [number, number],
  seed: number,
  order: MemoryOrder,
  options: Options,
): Tensor {
  const numbers = randomFloats(options.dtype, shape[0] * shape[1], seed);
  if (order === "rows") return tensor(numbers, shape, options);
  const x = zerosByColumns(shape, options);
  assign(x, numbers);
  return x;
}

/** What lies between the columns is 0, as a network's parameters need it. */
function expectPadding(x: Tensor): void {
  const [rows = 0] = x.shape;
  const wrong = x.data.findIndex((value, e) => e % x.stride >= rows && value !== 0);
  expect(wrong, "the place of a number between columns").toBe(-1);
}

const near = (x: Tensor, y: Tensor) => {
  expect(x.shape).toEqual(y.shape);
  const [actual, expected] = [toArray(x), toArray(y)];
  const tolerance = x.dtype === "float32" ? 1e-4 : 1e-12;
  for (const [e, value] of expected.entries()) {
    expect(Math.abs((actual[e] as number) - value)).toBeLessThanOrEqual(tolerance);
  }
};

describe("a matrix that lies column by column", () => {
  describeOnEveryBackend((create) => {
    describe.each(dtypes)("%s", (dtype) => {
      const options = () => ({ dtype, backend: create() });

      it("gives back what was assigned, one row after the other, whatever its shape", () => {
        fc.assert(
          fc.property(anySize, anySize, anySeed, (rows, columns, seed) => {
            const numbers = randomFloats(dtype, rows * columns, seed);
            const x = zerosByColumns([rows, columns], options());
            expect(x).toMatchObject({ shape: [rows, columns], dtype, order: "columns" });
            expect(toArray(x).every((value) => value === 0)).toBe(true);
            assign(x, numbers);
            expect(sameBytes(toArray(x), numbers)).toBe(true);
            for (let i = 0; i < rows; i++) {
              for (let j = 0; j < columns; j++) {
                expect(x.data[j * x.stride + i]).toBe(numbers[i * columns + j]);
              }
            }
            expectPadding(x);
          }),
          { numRuns: 60 },
        );
      });

      it("has whole lines of 64 bytes for columns", () => {
        for (const rows of [1, 7, 8, 9, 15, 16, 17, 50]) {
          const { stride, data } = zerosByColumns([rows, 3], options());
          const bytes = stride * data.BYTES_PER_ELEMENT;
          expect(bytes % 64).toBe(0);
          expect(bytes - rows * data.BYTES_PER_ELEMENT).toBeLessThan(64);
          expect(data.length).toBe(3 * stride);
        }
      });

      it("firstRows is a view of it", () => {
        const anyCase = fc.tuple(anySize, anySize, fc.nat(40));
        fc.assert(
          fc.property(anyCase, ([rows, columns, some]) => {
            const count = Math.min(rows, some);
            const x = random([rows, columns], 1, "columns", options());
            const view = firstRows(x, count);
            expect(view.shape).toEqual([count, columns]);
            expect(sameBytes(toArray(view), toArray(x).slice(0, count * columns))).toBe(true);
            assign(view, toArray(view).fill(5));
            const expected = randomFloats(dtype, rows * columns, 1).fill(5, 0, count * columns);
            expect(sameBytes(toArray(x), expected)).toBe(true);
            expectPadding(x);
          }),
          { numRuns: 40 },
        );
        expect(() => firstRows(random([3, 2], 1, "columns", options()), 4)).toThrow(ShapeError);
      });

      it("is multiplied as one that lies row by row, transposed or not, into either", () => {
        const anyCase = fc.record({
          ...{ m: anySize, k: anySize, n: anySize, transposeA: fc.boolean(), transposeB: fc.boolean() },
          ...{ a: anyOrder, b: anyOrder, out: anyOrder, beta: fc.constantFrom(0, 0.5) },
        });
        fc.assert(
          fc.property(anyCase, ({ m, k, n, transposeA, transposeB, beta, ...order }) => {
            const use = options();
            const product = (orderA: MemoryOrder, orderB: MemoryOrder, orderOut: MemoryOrder) => {
              const a = random(transposeA ? [k, m] : [m, k], 1, orderA, use);
              const b = random(transposeB ? [n, k] : [k, n], 2, orderB, use);
              const out = random([m, n], 3, orderOut, use);
              expect(matmul(a, b, { transposeA, transposeB, alpha: 0.7, beta, out })).toBe(out);
              return out;
            };
            const actual = product(order.a, order.b, order.out);
            near(actual, product("rows", "rows", "rows"));
            if (order.out === "columns") expectPadding(actual);
          }),
          { numRuns: 150 },
        );
      });

      it("linear, weightGradient and columnSums do with it what they do with rows", () => {
        const anyCase = fc.record({
          examples: anySize,
          inputs: anySize,
          units: anySize,
          x: anyOrder,
          delta: anyOrder,
        });
        fc.assert(
          fc.property(anyCase, ({ examples, inputs, units, x: orderX, delta: orderDelta }) => {
            const use = options();
            const [x, xByRows] = [orderX, "rows" as const].map((order) =>
              random([examples, inputs], 1, order, use),
            );
            const [weight, weightByRows] = [...orders]
              .reverse()
              .map((order) => random([units, inputs], 2, order, use));
            const [delta, deltaByRows] = [orderDelta, "rows" as const].map((order) =>
              random([examples, units], 3, order, use),
            );
            const bias = tensor(randomFloats(dtype, units, 4), [units], use);
            const activation = "sigmoid";
            near(
              linear(x as Tensor, weight as Tensor, bias, { activation }),
              linear(xByRows as Tensor, weightByRows as Tensor, bias, { activation }),
            );
            const wanted = weightGradient(deltaByRows as Tensor, xByRows as Tensor);
            near(weightGradient(delta as Tensor, x as Tensor), wanted);
            const out = zerosByColumns([units, inputs], use);
            near(weightGradient(delta as Tensor, x as Tensor, { out }), wanted);
            expectPadding(out);
            near(columnSums(delta as Tensor), columnSums(deltaByRows as Tensor));
            if (units > 0) expect(argmax(delta as Tensor)).toEqual(argmax(deltaByRows as Tensor));
          }),
          { numRuns: 60 },
        );
      });

      it("images are multiplied with weights, and their gradient written, in either order", () => {
        const use = options();
        const next = randomIntegers(1);
        const images = Uint8Array.from({ length: 7 * 20 }, () => (next() % 4 === 0 ? next() % 256 : 0));
        const x = imageRows({
          images,
          rows: Int32Array.of(6, 0, 3, 3),
          width: 20,
          scale: 2 / 255,
          offset: -1,
        });
        const bias = tensor(randomFloats(dtype, 5, 4), [5], use);
        const delta = random([4, 5], 3, "rows", use);
        const [byRows, byColumns] = orders.map((order) => random([5, 20], 2, order, use)) as [Tensor, Tensor];
        expect(sameBytes(linear(x, byRows, bias).data, linear(x, byColumns, bias).data)).toBe(true);
        for (const out of [byRows, byColumns]) expect(weightGradient(delta, x, { out })).toBe(out);
        expect(sameBytes(toArray(byRows), toArray(byColumns))).toBe(true);
        expect(sameBytes(toArray(weightGradient(delta, x)), toArray(byRows))).toBe(true);
      });

      it("deltas may lie in either order, as many as fill whole lines included", () => {
        const use = options();
        const images = Uint8Array.from({ length: 16 * 20 }, (_, i) => (i % 3 === 0 ? i % 256 : 0));
        const rows = Int32Array.from({ length: 16 }, (_, i) => 15 - i);
        const inputs = [
          imageRows({ images, rows, width: 20, scale: 2 / 255, offset: -1 }),
          random([16, 20], 1, "rows", use),
        ];
        for (const x of inputs) {
          const results = orders.map((order) => {
            const delta = random([16, 8], 3, order, use);
            const [weight, bias] = [random([8, 20], 2, "columns", use), zeros([8], use)];
            descend(weight, bias, delta, x, 0.5);
            return { gradient: weightGradient(delta, x), weight, bias };
          });
          const [byRows, byColumns] = results as [(typeof results)[number], (typeof results)[number]];
          near(byColumns.gradient, byRows.gradient);
          near(byColumns.weight, byRows.weight);
          near(byColumns.bias, byRows.bias);
        }
      });

      it("element-wise operations keep its order, and refuse another", () => {
        const use = options();
        const [a, b] = [1, 2].map((seed) => random([13, 9], seed, "columns", use)) as [Tensor, Tensor];
        const [aByRows, bByRows] = [1, 2].map((seed) => random([13, 9], seed, "rows", use)) as [
          Tensor,
          Tensor,
        ];
        for (const [result, wanted] of [
          [sigmoid(a), sigmoid(aByRows)],
          [sigmoidBackward(a, b), sigmoidBackward(aByRows, bByRows)],
        ] as const) {
          expect(result.order).toBe("columns");
          near(result, wanted);
          expectPadding(result);
        }
        const whole = random([13, 9], 3, "columns", use);
        sigmoid(firstRows(a, 12), { out: firstRows(whole, 12) });
        const behind = randomFloats(dtype, 13 * 9, 3).slice(12 * 9);
        expect(sameBytes(toArray(whole).slice(12 * 9), behind), "the row behind the view").toBe(true);
        const refusals = [
          () => sigmoid(a, { out: aByRows }),
          () => sigmoidBackward(a, bByRows),
          () => sigmoidBackward(a, b, { out: bByRows }),
          () => subtractScaled(a, bByRows, 1),
        ];
        for (const refused of refusals) {
          expect(refused).toThrow(ShapeError);
          expect(refused).toThrow(
            /in the same order in memory as its companion, by columns, but received it by rows\.$/,
          );
        }
        subtractScaled(a, b, 0.5);
        subtractScaled(aByRows, bByRows, 0.5);
        expect(sameBytes(toArray(a), toArray(aByRows))).toBe(true);
        expectPadding(a);
      });

      it("descend refuses what does not fit, and leaves everything as it was", () => {
        const use = options();
        const weight = random([5, 20], 2, "columns", use);
        const bias = zeros([5], use);
        const [delta, x] = [random([4, 5], 3, "rows", use), random([4, 20], 1, "rows", use)];
        const images = imageRows({
          images: new Uint8Array(60),
          rows: Int32Array.of(0, 1, 2),
          width: 20,
          scale: 1,
          offset: 0,
        });
        const before = toArray(weight);
        const wrong: readonly (readonly [call: () => void, message: string])[] = [
          [() => descend(random([5, 20], 2, "rows", use), bias, delta, x, 1), "lie column by column"],
          [() => descend(weight, zeros([4], use), delta, x, 1), "Expected shape [5] for the bias"],
          [() => descend(weight, bias, zeros([4, 6], use), x, 1), "for delta but received [4, 6]"],
          [() => descend(weight, bias, zeros([3, 5], use), x, 1), "Expected inputs of shape [3, 20]"],
          [() => descend(weight, bias, delta, zeros([4, 19], use), 1), "but received [4, 19]"],
          [
            () => descend(weight, bias, delta, images, 1),
            "Expected inputs of shape [4, 20] but received [3, 20]",
          ],
        ];
        for (const [call, message] of wrong) {
          expect(call).toThrow(ShapeError);
          expect(call).toThrow(message);
        }
        expect(sameBytes(toArray(weight), before)).toBe(true);
        expect(bias.data.every((value) => value === 0)).toBe(true);
      });
    });
  });

  const js = { backend: createJavaScriptBackend() };

  it.each([[[3]], [[]], [[1, 2, 3]], [[-1, 2]], [[1.5, 2]]])("cannot have the shape %j", (shape) => {
    expect(() => zerosByColumns(shape, js)).toThrow(ShapeError);
  });

  it("takes as many numbers as it has places, and no other count", () => {
    for (const x of [zerosByColumns([2, 3], js), zeros([2, 3], js)]) {
      for (const count of [0, 5, 7]) {
        expect(() => assign(x, new Float32Array(count))).toThrow(ShapeError);
        expect(() => assign(x, new Float32Array(count))).toThrow(
          `Expected 6 numbers for shape [2, 3] but received ${count}.`,
        );
      }
      expect(() => assign(x, [1, 2, 3, 4, 5, 6])).not.toThrow();
      expect([...toArray(x)]).toEqual([1, 2, 3, 4, 5, 6]);
    }
  });

  it("toArray is a copy", () => {
    for (const x of [zerosByColumns([2, 3], js), zeros([2, 3], js)]) {
      toArray(x).fill(7);
      expect([...toArray(x)]).toEqual([0, 0, 0, 0, 0, 0]);
    }
  });
});
