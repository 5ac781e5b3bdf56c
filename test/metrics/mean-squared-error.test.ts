import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidArgumentError, LabelRangeError, ShapeError } from "../../src/errors.js";
import { meanSquaredError } from "../../src/metrics/mean-squared-error.js";

describe("meanSquaredError", () => {
  it("is the mean over examples and output units", () => {
    // Differences to the rows [0, 1, 0] and [1, 0, 0]: 0.5, -0.25, 0 and -1, 1, 0.5.
    const activations = [0.5, 0.75, 0, 0, 1, 0.5];
    const expected = (0.25 + 0.0625 + 0 + 1 + 1 + 0.25) / 6;
    expect(meanSquaredError(Float64Array.from(activations), Uint8Array.of(1, 0), 3)).toBeCloseTo(
      expected,
      15,
    );
    expect(meanSquaredError(Float32Array.from(activations), Uint8Array.of(1, 0), 3)).toBeCloseTo(
      expected,
      15,
    );
  });

  it("is 0 for one-hot activations of the labels, and 2 / classes for those of another class", () => {
    expect(meanSquaredError(Float32Array.of(0, 0, 1, 1, 0, 0), Uint8Array.of(2, 0), 3)).toBe(0);
    expect(meanSquaredError(Float32Array.of(0, 1, 0, 0, 0, 1), Uint8Array.of(2, 0), 3)).toBe(2 / 3);
  });

  it("does not depend on how the examples are cut into equal minibatches", () => {
    const activations = fc.float64Array({ minLength: 60, maxLength: 60, min: 0, max: 1, noNaN: true });
    const labels = fc.uint8Array({ minLength: 20, maxLength: 20, max: 2 });
    fc.assert(
      fc.property(activations, labels, fc.constantFrom(1, 2, 4, 5, 10), (a, y, size) => {
        let sum = 0;
        for (let i = 0; i < 20; i += size) {
          sum += meanSquaredError(a.subarray(i * 3, (i + size) * 3), y.subarray(i, i + size), 3);
        }
        expect(meanSquaredError(a, y, 3)).toBeCloseTo(sum / (20 / size), 14);
      }),
    );
  });

  it("weighs examples", () => {
    const activations = Float64Array.of(0.5, 0.75, 0, 0, 1, 0.5);
    const expected = (2 * (0.25 + 0.0625) + 0.5 * (1 + 1 + 0.25)) / (2.5 * 3);
    const weights = [2, 0.5];
    expect(meanSquaredError(activations, Uint8Array.of(1, 0), 3, { weights })).toBeCloseTo(expected, 15);
  });

  it("is NaN where an activation is", () => {
    expect(meanSquaredError(Float32Array.of(0, Number.NaN), Uint8Array.of(0), 2)).toBeNaN();
  });

  it("refuses activations that are not a row for each label, and no example", () => {
    expect(() => meanSquaredError(new Float32Array(5), new Uint8Array(2), 3)).toThrow(ShapeError);
    expect(() => meanSquaredError(new Float32Array(5), new Uint8Array(2), 3)).toThrow("2 x 3 activations");
    expect(() => meanSquaredError(new Float32Array(0), new Uint8Array(0), 3)).toThrow(ShapeError);
  });

  it("refuses a label out of range and says where it is", () => {
    expect(() => meanSquaredError(new Float32Array(6), Uint8Array.of(0, 3), 3)).toThrow(LabelRangeError);
    expect(() => meanSquaredError(new Float32Array(6), Uint8Array.of(0, 3), 3)).toThrow("3 at position 1");
  });

  it.each([0, 1.5, Number.NaN])("refuses %s classes", (classes) => {
    expect(() => meanSquaredError(new Float32Array(0), new Uint8Array(0), classes)).toThrow(
      InvalidArgumentError,
    );
  });
});
