import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attributionsOf } from "../../../src/live/looking/explanation.js";
import { createTurns } from "../../../src/live/looking/turns.js";
import { openViewedModel, type ViewedModel } from "../../../src/live/looking/viewed-model.js";
import { squaredError } from "../../../src/nn/losses/squared-error.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import {
  batchNormalization,
  dense,
  dropout,
  type LayerSpecification,
} from "../../../src/nn/specification.js";
import { toArray } from "../../../src/tensor/tensor.js";
import { encodeModel } from "../../../src/training/model-file.js";
import { describeOnEveryBackend } from "../../support/backends.js";

const turns = createTurns();
/** A black border, as digits have it, and any ink within. */
const images = fc.uint8Array({ minLength: 9, maxLength: 9 }).map((ink) => {
  const image = new Uint8Array(25);
  for (const [i, value] of ink.entries()) image[5 * (1 + Math.floor(i / 3)) + 1 + (i % 3)] = value;
  return image;
});

describeOnEveryBackend((create) => {
  const open = (layers: readonly LayerSpecification[]): Promise<ViewedModel> => {
    const backend = create();
    const network = new MultilayerPerceptron({
      layers: [25, ...layers],
      loss: squaredError(),
      dtype: "float64",
      backend,
    });
    const bytes = encodeModel(network);
    return openViewedModel({ version: 1, bytes, folder: null, images: null }, backend, turns);
  };
  /** The outputs for an image; they are linear. */
  const outputs = async (model: ViewedModel, image: Uint8Array): Promise<number[]> => {
    let found: number[] = [];
    const inputs = { features: { ...model.format, data: image }, rows: Int32Array.of(0) };
    await model.forward(inputs, (activations) => {
      found = [...(activations.at(-1)?.data ?? [])];
    });
    return found;
  };

  describe("what pixels speak for a class", () => {
    it("adds up, in a linear network, to all that the ink changes", async () => {
      const model = await open([dense(3)]);
      await fc.assert(
        fc.asyncProperty(images, fc.nat(2), async (image, c) => {
          const sum = (await attributionsOf(model, image, c, turns)).reduce(
            (total, value) => total + value,
            0,
          );
          const [inked, empty] = [await outputs(model, image), await outputs(model, new Uint8Array(25))];
          expect(sum).toBeCloseTo((inked[c] ?? Number.NaN) - (empty[c] ?? Number.NaN), 8);
        }),
        { numRuns: 30 },
      );
    });

    it("is gradient times ink in a network of other layers, and nothing on paper", async () => {
      const model = await open([dense(6, "tanh"), dropout(0.5), batchNormalization(), dense(2)]);
      const step = 1; // Of a byte: the measured slope is off by some 1e-5.
      await fc.assert(
        fc.asyncProperty(images, fc.nat(1), async (image, c) => {
          const found = await attributionsOf(model, image, c, turns);
          for (const i of [7, 12, 17]) {
            const value = image[i] as number;
            const [from, to] = [Math.max(0, value - step), Math.min(255, value + step)];
            const at = async (pixel: number) => (await outputs(model, image.with(i, pixel)))[c] ?? Number.NaN;
            const slope = ((await at(to)) - (await at(from))) / (to - from);
            expect(found[i]).toBeCloseTo(slope * value, 1);
          }
          expect(found.every((value, i) => image[i] !== 0 || value === 0)).toBe(true);
        }),
        { numRuns: 20 },
      );
    });

    it("is for a single output what speaks for class 1, or against it", async () => {
      const model = await open([dense(1)]);
      const image = new Uint8Array(25).fill(200, 6, 9);
      const [weights = new Float64Array()] = model.network.parameters.map(({ value }) => toArray(value));
      const ofOne = await attributionsOf(model, image, 1, turns);
      const ofNought = await attributionsOf(model, image, 0, turns);
      expect(Array.from(ofNought, (value) => value + 0)).toEqual(Array.from(ofOne, (value) => 0 - value));
      expect(ofOne[7]).toBeCloseTo((weights[7] ?? Number.NaN) * 200 * (2 / 255), 10);
    });
  });
});
