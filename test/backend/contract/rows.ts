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
import { expectClose, expected, referenceArgmax, referenceColumnSums } from "../../support/reference.js";

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
  describe("gatherImages and gatherRows", () => {
    const check = (count: number, width: number, most: number) => {
      const memory = new GuardedMemory();
      const next = randomIntegers(count + width);
      const rows = memory.input(Int32Array.from({ length: count }, () => next() % most));
      const images = memory.input(bytes(most * width, 256));
      const x = memory.input(randomFloats(dtype, most * width, width));
      const out = memory.output(floats(dtype, count * width).fill(Number.NaN));
      const [scale, offset] = [2 / 255, -1];
      backend().gatherImages({ images, rows, width, scale, offset, out });
      const from = (e: number) => (rows[Math.floor(e / width)] as number) * width + (e % width);
      const scaled = expected(out.length, dtype, 3, (e) => {
        const share = (images[from(e)] as number) * scale;
        return { value: share + offset, magnitude: share + 1 };
      });
      expectClose(out, scaled, `gatherImages of ${count} x ${width}`);
      backend().gatherRows({ x, rows, width, out });
      expect(
        sameBytes(
          out,
          out.map((_, e) => x[from(e)] as number),
        ),
      ).toBe(true);
      memory.expectIntact("gathering");
    };

    it("gather rows of every shape, in any order and more than once", () => {
      for (const [count, width] of shapes) check(count, width, Math.max(1, Math.min(count, 300)));
    });

    it("gatherRows keeps every bit: NaN, infinities and the sign of 0", () => {
      const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
      const x = floats(dtype, [nan, -0, infinity, -infinity, 0, 1]);
      const out = floats(dtype, 4);
      backend().gatherRows({ x, rows: Int32Array.of(1, 0), width: 2, out });
      expect([...out]).toEqual([infinity, -infinity, nan, -0]);
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
