import { describe, expect, it } from "vitest";
import { norm } from "../../src/tensor/norm.js";
import { assign, fill, tensor, toArray, zeros, zerosByColumns } from "../../src/tensor/tensor.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { dtypes } from "../support/guarded-memory.js";

describe("tensors as a whole", () => {
  describeOnEveryBackend((create) => {
    describe.each(dtypes)("%s", (dtype) => {
      it("have a norm over all their numbers, however they lie in memory", () => {
        const options = { dtype, backend: create() };
        const byColumns = zerosByColumns([2, 3], options);
        assign(byColumns, [1, -2, 3, -4, 5, 0]);
        const more = tensor([3, -6], [2], options);
        expect(norm([byColumns])).toBeCloseTo(Math.sqrt(55), 12);
        expect(norm([byColumns, more])).toBe(10);
        expect(norm([])).toBe(0);
        assign(more, [1, Number.POSITIVE_INFINITY]);
        expect(norm([more])).toBe(Number.POSITIVE_INFINITY);
        assign(more, [1, Number.NaN]);
        expect(norm([byColumns, more])).toBeNaN();
      });

      it("are filled, and what lies between their numbers stays 0", () => {
        const options = { dtype, backend: create() };
        for (const x of [zeros([3], options), zeros([2, 3], options), zerosByColumns([5, 3], options)]) {
          fill(x, 7);
          expect(toArray(x).every((number) => number === 7)).toBe(true);
          expect(x.data.filter((number) => number !== 0)).toHaveLength(toArray(x).length);
        }
      });
    });
  });
});
