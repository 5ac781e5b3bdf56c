import { describe, expect, it } from "vitest";
import { LabelRangeError, ShapeError } from "../../../src/errors.js";
import {
  addSquaredError,
  createLossTotals,
  squaredErrorDelta,
} from "../../../src/nn/losses/squared-error.js";
import { tensor } from "../../../src/tensor/tensor.js";
import { describeOnEveryBackend } from "../../support/backends.js";
import { dtypes } from "../../support/guarded-memory.js";

describe("the squared error", () => {
  describeOnEveryBackend((create) => {
    describe.each(dtypes)("%s", (dtype) => {
      // Exact in binary, so that the expected values are exact, too.
      const outputs = () => tensor([0.5, 0.25, 0.75, 0.5], [2, 2], { dtype, backend: create() });

      it("is summed over examples and outputs, and correct examples are counted", () => {
        const totals = createLossTotals();
        addSquaredError(outputs(), Uint8Array.of(0, 1), totals);
        expect([...totals]).toEqual([0.25 + 0.0625 + 0.5625 + 0.25, 1]);
        addSquaredError(outputs(), Uint8Array.of(0, 0), totals);
        expect([...totals]).toEqual([1.125 + 0.25 + 0.0625 + 0.0625 + 0.25, 3]);
      });

      it("has the delta 2 / n (a - y) a (1 - a)", () => {
        const totals = createLossTotals();
        const delta = squaredErrorDelta(outputs(), Uint8Array.of(0, 1), totals, undefined);
        expect(delta.shape).toEqual([2, 2]);
        const expected = [-0.5 * 0.25, 0.25 * 0.1875, 0.75 * 0.1875, -0.5 * 0.25];
        expect([...delta.data]).toEqual(expected);
        expect([...totals]).toEqual([1.125, 1]);
      });

      it("refuses labels without an output, and labels that are not one for each example", () => {
        const totals = createLossTotals();
        expect(() => addSquaredError(outputs(), Uint8Array.of(0, 2), totals)).toThrow(LabelRangeError);
        expect(() => addSquaredError(outputs(), Uint8Array.of(0), totals)).toThrow(ShapeError);
        expect(() => squaredErrorDelta(outputs(), Uint8Array.of(2, 0), totals, undefined)).toThrow(
          LabelRangeError,
        );
        expect([...totals]).toEqual([0, 0]);
      });
    });
  });
});
