import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Backend, DType, FloatArray } from "../../../src/backend/backend.js";
import { floats, GuardedMemory, randomFloats, sameBytes } from "../../support/guarded-memory.js";
import { expectClose } from "../../support/reference.js";
import { referenceSoftmax } from "../../support/reference-activations.js";

export function describeSoftmax(backend: () => Backend, dtype: DType): void {
  describe("softmax", () => {
    const check = (x: FloatArray, rows: number, columns: number) => {
      const context = `softmax of ${rows} x ${columns}`;
      const memory = new GuardedMemory();
      const input = memory.input(x);
      const out = memory.output(x.map(() => Number.NaN));
      const onto = memory.output(x);
      backend().softmax({ x: input, rows, columns, out });
      backend().softmax({ x: onto, rows, columns, out: onto });
      expectClose(out, referenceSoftmax(x, rows, columns), context);
      expect(sameBytes(onto, out), `${context}, in place`).toBe(true);
      memory.expectIntact(context);
      return out;
    };

    it("is right for every shape, and in place", () => {
      for (const rows of [0, 1, 2, 3, 9]) {
        for (let columns = 0; columns < 40; columns++) {
          check(
            randomFloats(dtype, rows * columns, rows + columns).map((x) => 6 * x),
            rows,
            columns,
          );
        }
      }
      for (const [rows, columns] of [
        [4000, 10],
        [3, 20_011],
        [700, 97],
      ] as const) {
        check(
          randomFloats(dtype, rows * columns, rows).map((x) => 6 * x),
          rows,
          columns,
        );
      }
    });

    it("gives finite probabilities that sum to 1, however large the logits", () => {
      const logits = fc.double({ min: -1e4, max: 1e4, noNaN: true });
      const row = fc.array(logits, { minLength: 1, maxLength: 40 });
      fc.assert(
        fc.property(row, (values) => {
          const out = check(floats(dtype, values), 1, values.length);
          const sum = [...out].reduce((total, p) => total + p, 0);
          expect(Math.abs(sum - 1)).toBeLessThan(dtype === "float32" ? 1e-6 : 1e-14);
        }),
      );
      const out = floats(dtype, 3);
      backend().softmax({ x: floats(dtype, [1e4, -1e4, 1e4]), rows: 1, columns: 3, out });
      expect([...out]).toEqual([0.5, 0, 0.5]);
    });

    it("a NaN, an infinite logit, and nothing but -Infinity make their row NaN, and no other", () => {
      const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
      for (const columns of [1, 2, 3, 7, 8, 9, 16, 17, 33]) {
        for (const wrong of [nan, infinity]) {
          for (let at = 0; at < columns; at++) {
            const x = randomFloats(dtype, 3 * columns, columns);
            x[columns + at] = wrong;
            const out = x.slice();
            backend().softmax({ x, rows: 3, columns, out });
            expect([...out].map(Number.isNaN)).toEqual([...out].map((_, i) => Math.floor(i / columns) === 1));
          }
        }
        const out = floats(dtype, columns);
        backend().softmax({ x: floats(dtype, columns).fill(-infinity), rows: 1, columns, out });
        expect([...out].every(Number.isNaN)).toBe(true);
      }
      const out = floats(dtype, 3);
      backend().softmax({ x: floats(dtype, [-infinity, 2, -infinity]), rows: 1, columns: 3, out });
      expect([...out]).toEqual([0, 1, 0]);
    });
  });
}
