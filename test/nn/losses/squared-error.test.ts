import { describe, expect, it } from "vitest";
import { InvalidArgumentError, LabelRangeError, ShapeError } from "../../../src/errors.js";
import { createLossTotals } from "../../../src/nn/losses/loss.js";
import { squaredError } from "../../../src/nn/losses/squared-error.js";
import { tensor, zeros } from "../../../src/tensor/tensor.js";
import { describeOnEveryBackend } from "../../support/backends.js";
import { dtypes } from "../../support/guarded-memory.js";

describe("the squared error", () => {
  describeOnEveryBackend((create) => {
    describe.each(dtypes)("%s", (dtype) => {
      // Exact in binary, so that the expected values are exact, too.
      const outputs = () => tensor([0.5, 0.25, 0.75, 0.5], [2, 2], { dtype, backend: create() });
      const room = () => zeros([2, 2], { dtype, backend: create() });
      const loss = squaredError();

      it("is summed over examples and outputs, and correct examples are counted", () => {
        const totals = createLossTotals();
        loss.add(outputs(), { values: Uint8Array.of(0, 1) }, totals);
        expect([...totals]).toEqual([0.25 + 0.0625 + 0.5625 + 0.25, 1]);
        loss.add(outputs(), { values: Uint8Array.of(0, 0) }, totals);
        expect([...totals]).toEqual([1.125 + 0.25 + 0.0625 + 0.0625 + 0.25, 3]);
      });

      it("has the delta 2 / n (a - y) a (1 - a)", () => {
        const totals = createLossTotals();
        const delta = loss.delta(outputs(), { values: Uint8Array.of(0, 1) }, totals, room());
        expect(delta.shape).toEqual([2, 2]);
        const expected = [-0.5 * 0.25, 0.25 * 0.1875, 0.75 * 0.1875, -0.5 * 0.25];
        expect([...delta.data]).toEqual(expected);
        expect([...totals]).toEqual([1.125, 1]);
      });

      it("refuses labels without an output, and labels that are not one for each example", () => {
        const totals = createLossTotals();
        expect(() => loss.add(outputs(), { values: Uint8Array.of(0, 2) }, totals)).toThrow(LabelRangeError);
        expect(() => loss.add(outputs(), { values: Uint8Array.of(0) }, totals)).toThrow(ShapeError);
        expect(() => loss.delta(outputs(), { values: Uint8Array.of(2, 0) }, totals, room())).toThrow(
          LabelRangeError,
        );
        expect([...totals]).toEqual([0, 0]);
      });

      it("refuses targets that are not classes, and weights", () => {
        const totals = createLossTotals();
        const values = Uint8Array.of(0, 1);
        const weights = Float64Array.of(1, 2);
        expect(() => loss.add(outputs(), { values: outputs() }, totals)).toThrow(InvalidArgumentError);
        expect(() => loss.add(outputs(), { values, weights }, totals)).toThrow(InvalidArgumentError);
      });

      it("is reported as the mean over examples and outputs", () => {
        expect(loss.mean(6, 4, 3)).toBe(0.5);
      });
    });
  });
});
