import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Backend, DType, FloatArray } from "../../../src/backend/backend.js";
import {
  floats,
  GuardedMemory,
  randomFloats,
  randomIntegers,
  sameBytes,
} from "../../support/guarded-memory.js";
import {
  expectClose,
  referenceArgmax,
  referenceColumnSums,
  referenceOutputDelta,
  referenceTotals,
} from "../../support/reference.js";

const shapes: readonly (readonly [rows: number, columns: number])[] = [
  ...[0, 1, 2, 3, 5, 7, 8, 9].flatMap((rows) =>
    [1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 33].map((n) => [rows, n] as const),
  ),
  ...([
    [100, 50],
    [100, 10],
    [255, 10],
    [256, 10],
    [257, 10],
    [511, 3],
    [513, 1],
  ] as const),
  ...([
    [3, 263],
    [2, 784],
    [5, 2053],
    [5000, 10],
    [40_009, 2],
    [700, 97],
  ] as const),
];

function bytes(length: number, below: number): Uint8Array {
  const next = randomIntegers(length + below);
  return Uint8Array.from({ length }, () => next() % below);
}

export function describeRows(backend: () => Backend, dtype: DType): void {
  describe("outputDelta and squaredError", () => {
    const checkLoss = (activations: FloatArray, classLabels: Uint8Array, classes: number) => {
      const context = `the loss of ${classLabels.length} examples in ${classes} classes`;
      const memory = new GuardedMemory();
      const a = memory.input(activations);
      const labels = memory.input(classLabels);
      const delta = memory.output(activations.map(() => Number.NaN));
      const totals = memory.output(new Float64Array(2));
      const args = { a, labels, classes, totals, scale: 0.37, delta };
      const expected = referenceTotals(args);
      backend().outputDelta(args);
      expectClose(delta, referenceOutputDelta(args), context);
      expectClose(totals, expected, context);

      const alone = memory.output(new Float64Array(2));
      backend().squaredError({ a, labels, classes, totals: alone });
      expect([...alone]).toEqual([...totals]);

      const onto = memory.output(activations);
      const again = memory.output(new Float64Array(2));
      backend().outputDelta({ ...args, a: onto, delta: onto, totals: again });
      expect(sameBytes(onto, delta), `${context}, delta written onto a`).toBe(true);
      expect([...again], "totals with delta written onto a").toEqual([...totals]);
      memory.expectIntact(context);
    };

    it("are right for every shape, and in place", () => {
      for (const [rows, classes] of shapes) {
        const a = randomFloats(dtype, rows * classes, rows).map((x) => (x + 1) / 2);
        checkLoss(a, bytes(rows, Math.min(classes, 256)), classes);
      }
    });

    it("add to the totals", () => {
      const totals = Float64Array.of(100, 7);
      const args = { a: floats(dtype, [0.5, 0.25]), labels: Uint8Array.of(0), classes: 2, totals };
      backend().squaredError(args);
      expect([...totals]).toEqual([100 + 0.25 + 0.0625, 8]);
      backend().outputDelta({ ...args, scale: 2, delta: floats(dtype, 2) });
      expect([...totals]).toEqual([100 + 2 * (0.25 + 0.0625), 9]);
    });

    it("count a row whose first NaN is at its label, as argmax finds it", () => {
      const { NaN: nan } = Number;
      checkLoss(floats(dtype, [0.1, nan, 0.9, 0.1, nan, 0.9, nan, nan, 1]), Uint8Array.of(1, 2, 0), 3);
    });

    it("count the first of equals", () => {
      checkLoss(floats(dtype, [0.5, 0.5, 0.5, 0.5]), Uint8Array.of(0, 1), 2);
    });

    it("sum in double", () => {
      const rows = 20_000;
      const totals = new Float64Array(2);
      const a = floats(dtype, rows).fill(0.5);
      a[0] = 4096; // In float32, adding 0.25 to the square of 4095 would change nothing.
      backend().squaredError({ a, labels: new Uint8Array(rows), classes: 1, totals });
      expect([...totals]).toEqual([4095 ** 2 + (rows - 1) / 4, rows]);
    });
  });

  describe("columnSums", () => {
    const check = (rows: number, columns: number) => {
      const memory = new GuardedMemory();
      const x = memory.input(randomFloats(dtype, rows * columns, rows));
      const out = memory.output(floats(dtype, columns).fill(Number.NaN));
      backend().columnSums({ x, rows, columns, out });
      const expected = referenceColumnSums({ x, rows, columns, out });
      expectClose(out, expected, `columnSums of ${rows} x ${columns}`);
      memory.expectIntact("columnSums");
    };

    it("sums every shape, and nothing to 0", () => {
      for (const [rows, columns] of shapes) check(rows, columns);
      check(5, 0);
    });

    it("sums in double, from the first row to the last", () => {
      const x = floats(dtype, 2002).fill(0.5);
      x[0] = 2 ** 24;
      x[2001] = -(2 ** 24);
      const out = floats(dtype, 1);
      backend().columnSums({ x, rows: 2002, columns: 1, out });
      expect(out[0]).toBe(1000);
    });

    it("keeps NaN and infinities in their columns", () => {
      const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
      const x = floats(dtype, [nan, 1, infinity, infinity, 2, 3, -infinity, infinity]);
      const out = floats(dtype, 4);
      backend().columnSums({ x, rows: 2, columns: 4, out });
      expect([...out]).toEqual([nan, 4, nan, infinity]);
    });
  });

  describe("argmaxRows", () => {
    const check = (x: FloatArray, rows: number, columns: number) => {
      const memory = new GuardedMemory();
      const out = memory.output(new Int32Array(rows).fill(-1));
      backend().argmaxRows({ x: memory.input(x), rows, columns, out });
      expect(out).toEqual(referenceArgmax({ x, rows, columns }));
      memory.expectIntact("argmaxRows");
    };

    it("finds the largest of every shape", () => {
      for (const [rows, columns] of shapes) check(randomFloats(dtype, rows * columns, rows), rows, columns);
    });

    it("finds the first of equals, and the first NaN before any number", () => {
      const values = fc.constantFrom(
        0,
        -0,
        1,
        -1,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
      );
      const rows = fc.array(fc.array(values, { minLength: 6, maxLength: 6 }), { maxLength: 20 });
      fc.assert(fc.property(rows, (x) => check(floats(dtype, x.flat()), x.length, 6)));
    });
  });
}
