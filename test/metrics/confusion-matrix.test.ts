import { describe, expect, it } from "vitest";
import { InvalidArgumentError, LabelRangeError, ShapeError } from "../../src/errors.js";
import { confusionMatrix } from "../../src/metrics/confusion-matrix.js";
import { golden } from "./golden.js";

describe("confusionMatrix", () => {
  it.each(golden.classification)("counts as scikit-learn does: $name", (expected) => {
    const { labels, predictions, classes } = expected;
    const matrix = confusionMatrix(Uint8Array.from(labels), Int32Array.from(predictions), classes);
    expect(matrix.classes).toBe(classes);
    expect([...matrix.counts]).toEqual(expected.confusionMatrix.flat());
  });

  it.each(golden.classification)("sums weights as scikit-learn does: $name", (example) => {
    const { labels, predictions, classes, byWeight } = example;
    const { counts } = confusionMatrix(labels, predictions, classes, { weights: byWeight.weights });
    for (const [i, sum] of byWeight.confusionMatrix.flat().entries()) expect(counts[i]).toBeCloseTo(sum, 12);
  });

  it("refuses weights that are not one for each label", () => {
    expect(() => confusionMatrix([0, 1], [0, 1], 2, { weights: [1] })).toThrow(ShapeError);
  });

  it("is all zero where there is no example", () => {
    expect([...confusionMatrix([], [], 2).counts]).toEqual([0, 0, 0, 0]);
  });

  it("refuses as many predictions as there are not labels", () => {
    expect(() => confusionMatrix([0, 1], [0], 2)).toThrow(ShapeError);
    expect(() => confusionMatrix([0, 1], [0], 2)).toThrow("2 labels and 1 predictions");
  });

  it.each([3, -1, 0.5, Number.NaN])("refuses the class %s of three, and names its position", (wrong) => {
    expect(() => confusionMatrix([0, wrong], [0, 0], 3)).toThrow(LabelRangeError);
    expect(() => confusionMatrix([0, wrong], [0, 0], 3)).toThrow(`the label at position 1 is ${wrong}`);
    expect(() => confusionMatrix([0, 0], [wrong, 0], 3)).toThrow(`the prediction at position 0 is ${wrong}`);
  });

  it.each([0, 1.5, Number.NaN])("refuses %s classes", (classes) => {
    expect(() => confusionMatrix([], [], classes)).toThrow(InvalidArgumentError);
  });
});
