import { describe, expect, it } from "vitest";
import { LabelRangeError, ShapeError } from "../../../src/errors.js";
import { createLossTotals } from "../../../src/nn/losses/loss.js";
import { squaredError } from "../../../src/nn/losses/squared-error.js";
import { tensor, zeros } from "../../../src/tensor/tensor.js";
import { describeOnEveryBackend } from "../../support/backends.js";
import { dtypes } from "../../support/guarded-memory.js";

describe("the squared error", () => {
  describeOnEveryBackend((create) => {
    describe.each(dtypes)("%s", (dtype) => {
      // Exact in binary, so that the expected values are exact, too.
      const outputs = () => ({
        activation: "sigmoid" as const,
        output: tensor([0.5, 0.25, 0.75, 0.5], [2, 2], { dtype, backend: create() }),
      });
      const room = () => zeros([2, 2], { dtype, backend: create() });
      const loss = squaredError();

      it("is summed over examples and outputs, and correct examples are counted", () => {
        const totals = createLossTotals();
        loss.add(outputs(), { values: Uint8Array.of(0, 1) }, totals);
        expect([...totals]).toEqual([0.25 + 0.0625 + 0.5625 + 0.25, 1, 2]);
        loss.add(outputs(), { values: Uint8Array.of(0, 0) }, totals);
        expect([...totals]).toEqual([1.125 + 0.25 + 0.0625 + 0.0625 + 0.25, 3, 4]);
      });

      it("has the delta 2 / n (a - y) a (1 - a)", () => {
        const totals = createLossTotals();
        const delta = loss.delta(outputs(), { values: Uint8Array.of(0, 1) }, totals, room());
        expect(delta.shape).toEqual([2, 2]);
        const expected = [-0.5 * 0.25, 0.25 * 0.1875, 0.75 * 0.1875, -0.5 * 0.25];
        expect([...delta.data]).toEqual(expected);
        expect([...totals]).toEqual([1.125, 1, 2]);
      });

      it("refuses labels without an output, and labels that are not one for each example", () => {
        const totals = createLossTotals();
        expect(() => loss.add(outputs(), { values: Uint8Array.of(0, 2) }, totals)).toThrow(LabelRangeError);
        expect(() => loss.add(outputs(), { values: Uint8Array.of(0) }, totals)).toThrow(ShapeError);
        expect(() => loss.delta(outputs(), { values: Uint8Array.of(2, 0) }, totals, room())).toThrow(
          LabelRangeError,
        );
        expect([...totals]).toEqual([0, 0, 0]);
      });

      it("learns values as well, and counts each example by its weight", () => {
        const totals = createLossTotals();
        const { output } = outputs();
        const values = tensor([0.5, 0, 0.5, 0.5], [2, 2], output);
        const weights = new (dtype === "float32" ? Float32Array : Float64Array)([1, 3]);
        const delta = loss.delta(outputs(), { values, weights }, totals, room());
        expect([...totals]).toEqual([0.0625 + 3 * 0.0625, 0, 4]);
        expect([...delta.data]).toEqual([0, 0.5 * 0.25 * 0.1875, 1.5 * 0.25 * 0.1875, 0]);
      });

      it("is reported as the mean over examples and outputs", () => {
        expect(loss.mean(Float64Array.of(6, 0, 4), 3)).toBe(0.5);
      });
    });
  });
});
