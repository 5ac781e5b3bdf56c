import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/errors.js";
import { accuracy } from "../../src/metrics/accuracy.js";
import { golden } from "./golden.js";

describe("accuracy", () => {
  it.each(golden.classification)("is scikit-learn's: $name", ({ labels, predictions, ...expected }) => {
    expect(accuracy(Uint8Array.from(labels), Int32Array.from(predictions))).toBe(expected.accuracy);
    expect(accuracy(labels, predictions)).toBe(expected.accuracy);
  });

  it.each(golden.classification)("weighs examples as scikit-learn does: $name", (example) => {
    const { labels, predictions, byWeight } = example;
    expect(accuracy(labels, predictions, { weights: byWeight.weights })).toBeCloseTo(byWeight.accuracy, 14);
  });

  it("refuses weights that are no weights", () => {
    expect(() => accuracy([0, 1], [0, 1], { weights: [1] })).toThrow(ShapeError);
    expect(() => accuracy([0, 1], [0, 1], { weights: [1, -1] })).toThrow("that at position 1 is -1");
    expect(() => accuracy([0, 1], [0, 1], { weights: [0, 0] })).toThrow("not all 0");
    for (const weights of [null, 5, "12"]) {
      expect(() => accuracy([0, 1], [0, 1], { weights: weights as never })).toThrow(
        "Expected a list of numbers, one for each example, for weights but received",
      );
    }
    // A sum of texts would be another text.
    expect(() => accuracy([0, 1], [0, 1], { weights: ["1", "2"] as never })).toThrow(
      'that at position 0 is "1"',
    );
  });

  it("refuses as many predictions as there are not labels", () => {
    expect(() => accuracy([0, 1], [0])).toThrow(ShapeError);
    expect(() => accuracy([0, 1], [0])).toThrow("2 labels and 1 predictions");
  });

  it("refuses to judge nothing", () => {
    expect(() => accuracy([], [])).toThrow(ShapeError);
  });
});
