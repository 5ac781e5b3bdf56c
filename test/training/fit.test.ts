import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { subset } from "../../src/data/dataset.js";
import { minibatches } from "../../src/data/minibatches.js";
import { syntheticDigits } from "../../src/data/synthetic/synthetic-digits.js";
import { InvalidArgumentError, ShapeError } from "../../src/errors.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import type { MultilayerPerceptronOptions } from "../../src/nn/mlp-options.js";
import { RandomState } from "../../src/random/random-state.js";
import { subtractScaled } from "../../src/tensor/operations.js";
import type { Parameter } from "../../src/tensor/parameter.js";
import { tensor } from "../../src/tensor/tensor.js";
import { evaluate } from "../../src/training/evaluate.js";
import { type FitOptions, fit } from "../../src/training/fit.js";
import type { EpochMetrics } from "../../src/training/history.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { sameBytes } from "../support/guarded-memory.js";
import { quarters } from "./datasets.js";

describe("fit", () => {
  describeOnEveryBackend((create) => {
    const network = (options: MultilayerPerceptronOptions = {}) =>
      new MultilayerPerceptron({ layers: [16, 6, 4], backend: create(), ...options });

    it("learns to tell digits apart", async () => {
      const digits = syntheticDigits({ count: 3000 });
      const train = subset(digits, digits.rows.subarray(0, 2500));
      const validation = subset(digits, digits.rows.subarray(2500));
      const chapter = new MultilayerPerceptron({ backend: create() });
      const { epochs } = await fit(chapter, train, {
        epochs: 6,
        batchSize: 20,
        learningRate: 0.5,
        validation,
      });
      expect(epochs[0]?.trainLoss).toBeGreaterThan(epochs.at(-1)?.trainLoss ?? Number.NaN);
      expect(epochs.at(-1)?.validAccuracy).toBeGreaterThan(0.8);
    });

    it.each([false, true])("takes the steps that plain operations take, dropLast: %s", async (dropLast) => {
      const dataset = quarters(50);
      const options = { epochs: 2, batchSize: 16, learningRate: 0.3, shuffle: 7, dropLast };
      const fitted = network({ dtype: "float64" });
      await fit(fitted, dataset, options);

      const stepped = network({ dtype: "float64" });
      const shuffle = new RandomState(7);
      const sizes: number[] = [];
      for (let epoch = 0; epoch < 2; epoch++) {
        for (const rows of minibatches(dataset.rows, { batchSize: 16, shuffle, dropLast })) {
          sizes.push(rows.length);
          const pixels = [...rows].flatMap((row) => [
            ...dataset.features.data.subarray(row * 16, row * 16 + 16),
          ]);
          const scaled = Float64Array.from(pixels, (pixel) => pixel * (2 / 255) - 1);
          const x = tensor(scaled, [rows.length, 16], stepped);
          const labels = Uint8Array.from(rows, (row) => dataset.targets.labels[row] ?? Number.NaN);
          const slots = stepped.createSlots(rows.length);
          stepped.forward(x, slots);
          stepped.backward({ x, values: labels }, slots);
          for (const { value, gradient } of stepped.parameters) subtractScaled(value, gradient, 0.3);
        }
      }
      const last = dropLast ? [] : [2];
      expect(sizes).toEqual([16, 16, 16, ...last, 16, 16, 16, ...last]);
      expectNear(fitted, stepped);
    });

    it("reports every epoch with what evaluate says, and waits for the callback", async () => {
      const train = quarters(60);
      const validation = quarters(30, 2);
      const fitted = network();
      const seen: EpochMetrics[] = [];
      const events: string[] = [];
      const history = await fit(fitted, train, {
        epochs: 3,
        batchSize: 7,
        validation,
        onEpochEnd: async (metrics) => {
          events.push(`epoch ${metrics.epoch} begins`);
          const onTrain = await evaluate(fitted, train);
          const onValidation = await evaluate(fitted, validation);
          expect(metrics).toMatchObject({
            trainLoss: onTrain.loss,
            trainAccuracy: onTrain.accuracy,
            validLoss: onValidation.loss,
            validAccuracy: onValidation.accuracy,
          });
          expect(metrics.seconds).toBeGreaterThan(0);
          await new Promise((resolve) => setTimeout(resolve, 5));
          seen.push(metrics);
          events.push(`epoch ${metrics.epoch} ends`);
        },
      });
      expect(history.epochs).toEqual(seen);
      expect(events).toEqual([1, 2, 3].flatMap((epoch) => [`epoch ${epoch} begins`, `epoch ${epoch} ends`]));
    });

    it("gives the same bits for the same seed, and others for another", async () => {
      const train = quarters(100);
      const run = async (shuffle: number | RandomState) => {
        const fitted = network();
        await fit(fitted, train, { epochs: 2, batchSize: 9, shuffle });
        return fitted;
      };
      const first = await run(5);
      expectSameBits(await run(5), first);
      expectSameBits(await run(new RandomState(5)), first);
      expect((await run(6)).denseLayers[0]?.weight.data).not.toEqual(first.denseLayers[0]?.weight.data);
    });

    it("gives the same bits in two calls that share a generator as in one", async () => {
      const train = quarters(40);
      const once = network();
      await fit(once, train, { epochs: 3, batchSize: 8, shuffle: 5 });
      const twice = network();
      const shuffle = new RandomState(5);
      await fit(twice, train, { epochs: 1, batchSize: 8, shuffle });
      await fit(twice, train, { epochs: 2, batchSize: 8, shuffle });
      expectSameBits(twice, once);
    });
  });

  const backend = createJavaScriptBackend();
  const small = () => new MultilayerPerceptron({ layers: [16, 3, 4], backend });

  it("reports NaN for validation where there is none", async () => {
    const { epochs } = await fit(small(), quarters(10), { epochs: 1 });
    expect(epochs).toHaveLength(1);
    expect([epochs[0]?.validLoss, epochs[0]?.validAccuracy]).toEqual([Number.NaN, Number.NaN]);
  });

  it("trains for 50 epochs with the chapter's settings where nothing else is said", async () => {
    const plain = small();
    const { epochs } = await fit(plain, quarters(120));
    expect(epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    const explicit = small();
    const settings = { batchSize: 100, learningRate: 0.1, shuffle: 123, dropLast: false };
    await fit(explicit, quarters(120), { epochs: 50, ...settings });
    expectSameBits(plain, explicit);
  });

  it("works when the minibatch is larger than the dataset", async () => {
    const { epochs } = await fit(small(), quarters(3), { epochs: 1, batchSize: 1_000_000_000 });
    expect(epochs).toHaveLength(1);
  });

  it.each<[string, FitOptions]>([
    ["epochs", { epochs: 0 }],
    ["epochs", { epochs: 1.5 }],
    ["epochs", { epochs: Number.NaN }],
    ["batchSize", { batchSize: 0 }],
    ["batchSize", { batchSize: 2.5 }],
    ["batchSize", { batchSize: Number.NaN, dropLast: true }],
    ["learningRate", { learningRate: 0 }],
    ["learningRate", { learningRate: Number.POSITIVE_INFINITY }],
    ["seed", { shuffle: -1 }],
    ["minibatch", { batchSize: 11, dropLast: true }],
  ])("names %s when it is out of range: %j", async (name, options) => {
    const network = small();
    const fitted = fit(network, quarters(10), { epochs: 1, ...options });
    await expect(fitted).rejects.toThrow(InvalidArgumentError);
    await expect(fitted).rejects.toThrow(name);
    expectSameBits(network, small());
  });

  it("refuses an empty dataset, for training or validation", async () => {
    const empty = subset(quarters(10), new Int32Array(0));
    await expect(fit(small(), empty)).rejects.toThrow(InvalidArgumentError);
    await expect(fit(small(), quarters(10), { validation: empty })).rejects.toThrow(InvalidArgumentError);
  });

  it("refuses a network that does not fit the images or the classes", async () => {
    const wide = new MultilayerPerceptron({ layers: [17, 4], backend });
    await expect(fit(wide, quarters(10))).rejects.toThrow(ShapeError);
    await expect(fit(wide, quarters(10))).rejects.toThrow("17 inputs, but the images have 4 x 4 pixels");
    const narrow = new MultilayerPerceptron({ layers: [16, 3], backend });
    await expect(fit(narrow, quarters(10))).rejects.toThrow(InvalidArgumentError);
    await expect(fit(narrow, quarters(10))).rejects.toThrow("3 outputs, but the dataset has 4 classes");
    const binary = new MultilayerPerceptron({
      layers: [16, 1],
      backend,
    });
    await expect(fit(binary, quarters(10))).rejects.toThrow(
      "The network has 1 output, which tells 2 classes apart, but the dataset has 4 classes; it must have one for each.",
    );
  });

  it("rejects with the error of a callback", async () => {
    const failure = new Error("The disk is full.");
    const onEpochEnd = () => Promise.reject(failure);
    await expect(fit(small(), quarters(10), { onEpochEnd })).rejects.toBe(failure);
  });
});

function expectSameBits(actual: MultilayerPerceptron, expected: MultilayerPerceptron): void {
  for (const [i, { value }] of actual.parameters.entries()) {
    expect(sameBytes(value.data, (expected.parameters[i] as Parameter).value.data)).toBe(true);
  }
}

function expectNear(actual: MultilayerPerceptron, expected: MultilayerPerceptron): void {
  for (const [i, { value: tensor }] of actual.parameters.entries()) {
    const wanted = (expected.parameters[i] as Parameter).value.data;
    const differences = tensor.data.map((value, j) => Math.abs(value - (wanted[j] ?? Number.NaN)));
    expect(Math.max(...differences)).toBeLessThan(1e-13);
  }
}
