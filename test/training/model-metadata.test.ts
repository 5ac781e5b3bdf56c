import { describe, expect, it } from "vitest";
import { ModelFormatError } from "../../src/errors.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { imageShapeOf, readsPixels, toldImageShape } from "../../src/training/model-metadata.js";

const model = (inputs: number, metadata: Readonly<Record<string, string>> = {}) => ({
  network: new MultilayerPerceptron({ layers: [inputs, 2] }),
  metadata,
});

describe("the shape of images", () => {
  it("is what the metadata say, and otherwise a square", () => {
    const told = model(16, { imageShape: "[2,8]" });
    expect([toldImageShape(told, "a"), imageShapeOf(told, "a")]).toEqual([
      [2, 8],
      [2, 8],
    ]);
    expect([toldImageShape(model(16), "a"), imageShapeOf(model(16), "a")]).toEqual([undefined, [4, 4]]);
    expect(() => imageShapeOf(model(12), "a")).toThrow(
      "a does not say how its 12 inputs make an image; its metadata lack imageShape.",
    );
  });

  it.each(["[3,4]", "[4]", "[2,8,1]", "[-4,-4]", "[1.6,10]", '"4x4"', "{}"])(
    "is not guessed where the metadata say what cannot be: %s",
    (imageShape) => {
      const wrong = model(16, { imageShape });
      expect(() => imageShapeOf(wrong, "a")).toThrow(ModelFormatError);
      expect(() => imageShapeOf(wrong, "a")).toThrow(
        `a says that its images are ${imageShape}, and [height, width] of 16 pixels were expected`,
      );
    },
  );

  it("makes bytes of images an input, unless the metadata tell of a table", () => {
    expect(readsPixels(model(12, { imageShape: "[3,4]" }), "a")).toBe(true);
    expect(readsPixels(model(12), "a")).toBe(false);
    expect(readsPixels(model(16), "a")).toBe(false);
    expect(readsPixels(model(784), "a")).toBe(true);
    expect(readsPixels(model(16, { dataset: "table" }), "a")).toBe(false);
    expect(readsPixels(model(16, { columns: "{}" }), "a")).toBe(false);
  });
});
