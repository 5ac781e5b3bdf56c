import { describe, expect, it } from "vitest";
import { createTable } from "../../src/data/create-table.js";
import { subset } from "../../src/data/dataset.js";
import { InvalidArgumentError } from "../../src/errors.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import type { MultilayerPerceptronOptions } from "../../src/nn/mlp-options.js";
import { batchNormalization, dense, dropout, standardize } from "../../src/nn/specification.js";
import type { Standardize } from "../../src/nn/standardize.js";
import { Adam } from "../../src/optim/adam.js";
import { LBFGS } from "../../src/optim/lbfgs.js";
import { RandomState } from "../../src/random/random-state.js";
import { balancedWeights } from "../../src/training/class-weights.js";
import { TrainingDivergedError } from "../../src/training/divergence.js";
import { evaluate } from "../../src/training/evaluate.js";
import { findLearningRate } from "../../src/training/find-learning-rate.js";
import { fit } from "../../src/training/fit.js";
import { decodeModel, encodeModel } from "../../src/training/model-file.js";
import { predict } from "../../src/training/predict.js";
import { describeOnEveryBackend } from "../support/backends.js";

/** A line with noise in two of three inputs, of sizes and places far apart. */
function line(count: number, seed = 1) {
  const random = new RandomState(seed);
  const features = new Float64Array(count * 3);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const [a, b, c] = random.normal(0, 1, 3) as unknown as [number, number, number];
    features.set([1000 + 50 * a, 0.01 * b, c - 7], 3 * i);
    values[i] = 2 * a - 3 * b + 0.5;
  }
  return createTable({ features, width: 3, values });
}

/** Two clouds, a fifth of the points in the second. */
function clouds(count: number) {
  const random = new RandomState(4);
  const labels = Uint8Array.from({ length: count }, (_, i) => (i % 5 === 0 ? 1 : 0));
  const features = Float64Array.from({ length: 2 * count }, (_, i) => {
    const [noise = 0] = random.normal(0, 1, 1);
    return noise + 2 * (labels[Math.floor(i / 2)] as number);
  });
  return createTable({ features, width: 2, labels });
}

describeOnEveryBackend((create) => {
  const make = (options: MultilayerPerceptronOptions) =>
    new MultilayerPerceptron({ dtype: "float64", backend: create(), ...options });

  describe("regression", () => {
    it("learns a line, and says so by its loss, without an accuracy", async () => {
      const network = make({ layers: [3, standardize(), dense(16, "tanh"), dense(1)] });
      const { epochs } = await fit(network, line(500), {
        optimizer: new Adam(),
        learningRate: 0.01,
        epochs: 60,
        batchSize: 20,
        validation: line(100, 2),
      });
      const last = epochs.at(-1);
      expect(last?.trainLoss).toBeLessThan(0.05);
      expect(last?.validLoss).toBeLessThan(0.1);
      expect([last?.trainAccuracy, last?.validAccuracy]).toEqual([Number.NaN, Number.NaN]);
      const result = await evaluate(network, line(100, 3));
      expect(result.loss).toBeLessThan(0.1);
      expect([result.accuracy, result.correct, result.count]).toEqual([Number.NaN, Number.NaN, 100]);
    });

    it("by L-BFGS takes an iteration for an epoch, and ends where it has converged", async () => {
      const network = make({ layers: [3, standardize(), dense(1)] });
      const { epochs, stopReason } = await fit(network, line(200), {
        optimizer: new LBFGS({ tolerance: 1e-8 }),
        epochs: 200,
      });
      expect(stopReason).toMatch(/^the optimizer ended: (gradient|loss)$/);
      expect(epochs.length).toBeLessThan(40);
      expect(epochs.at(-1)?.trainLoss).toBeLessThan(1e-6);
    });
  });

  describe("standardize", () => {
    it("learns mean and deviation of the training rows alone, once, and travels with the model", async () => {
      const all = line(50);
      const part = subset(all, all.rows.subarray(0, 30));
      const network = make({ layers: [3, standardize(), dense(1)] });
      await fit(network, part, { epochs: 1 });
      const [mean, deviation] = network.buffers.map(({ value }) => [...value.data]);
      const column = Array.from(part.rows, (row) => all.features.data[3 * row] as number);
      const expected = column.reduce((a, b) => a + b) / 30;
      expect(mean?.[0]).toBeCloseTo(expected, 9);
      expect(deviation?.[0]).toBeCloseTo(
        Math.sqrt(column.reduce((sum, x) => sum + (x - expected) ** 2, 0) / 30),
        9,
      );
      await fit(network, line(50, 9), { epochs: 1 });
      expect([...(network.buffers[0]?.value.data ?? [])]).toEqual(mean);
      const { network: again } = decodeModel(encodeModel(network), { backend: create() });
      expect((again.layers[0] as Standardize).hasLearned).toBe(true);
      expect((await predict(again, all)).activations).toEqual((await predict(network, all)).activations);
    });

    it("refuses an input that is the same in all examples, by its name", async () => {
      const table = createTable({
        features: new Float64Array([1, 5, 2, 5, 3, 5]),
        width: 2,
        values: new Float64Array(3),
        featureNames: ["age", "planet"],
      });
      const failing = fit(make({ layers: [2, standardize(), dense(1)] }), table, { epochs: 1 });
      await expect(failing).rejects.toThrow(InvalidArgumentError);
      await expect(failing).rejects.toThrow("but column planet of 2 is the same in all 3; leave it out.");
    });
  });

  describe("weights", () => {
    it("of classes are those of scikit-learn's `balanced`", () => {
      // compute_class_weight("balanced", classes=[0, 1], y): 10 / (2 * 8), 10 / (2 * 2)
      expect([...balancedWeights(clouds(10))]).toEqual([0.625, 2.5]);
    });

    it("of classes count as examples' own weights do, and as often repeated examples", async () => {
      const table = clouds(40);
      const weighted = make({ layers: [2, dense(1, "sigmoid")], loss: "binaryCrossEntropy" });
      const options = { epochs: 5, batchSize: 1000, learningRate: 0.5 };
      await fit(weighted, table, { ...options, classWeights: [1, 3] });
      const own = make({ layers: [2, dense(1, "sigmoid")], loss: "binaryCrossEntropy" });
      const weights = Float64Array.from(
        table.targets.kind === "classes" ? table.targets.labels : [],
        (label) => (label === 1 ? 3 : 1),
      );
      await fit(own, { ...table, weights }, options);
      const repeated = make({ layers: [2, dense(1, "sigmoid")], loss: "binaryCrossEntropy" });
      const rows = Int32Array.from(
        [...table.rows].flatMap((row) => (row % 5 === 0 ? [row, row, row] : [row])),
      );
      await fit(repeated, subset(table, rows), options);
      for (const [i, { value }] of weighted.parameters.entries()) {
        expect([...value.data]).toEqual([...(own.parameters[i]?.value.data ?? [])]);
        for (const [j, w] of value.data.entries()) {
          expect(w).toBeCloseTo(repeated.parameters[i]?.value.data[j] ?? Number.NaN, 12);
        }
      }
    });

    it.each([
      [[1], 'Expected "balanced" or 2 numbers, one for each class, for classWeights but received 1.'],
      [[1, -1], "Expected finite numbers of at least 0 for classWeights but received -1 for class 1."],
      [[0, 0], "Expected at least one example with a weight above 0, but all weights are 0."],
    ])("of classes cannot be %j", async (classWeights, fault) => {
      const network = make({ layers: [2, dense(2, "softmax")] });
      await expect(fit(network, clouds(10), { epochs: 1, classWeights })).rejects.toThrow(fault);
    });
  });

  it("examples of which none counts are refused, before the training begins", async () => {
    const table = clouds(20);
    const weighted = { ...table, weights: Float64Array.from({ length: 20 }, (_, row) => (row < 10 ? 1 : 0)) };
    const [some, none] = [subset(weighted, Int32Array.of(0, 1, 12)), subset(weighted, Int32Array.of(12, 13))];
    const network = make({ layers: [2, dense(2, "softmax")] });
    const fault = "Expected at least one example with a weight above 0, but all weights are 0.";
    let begun = 0;
    const callbacks = [{ onTrainBegin: () => void begun++ }];
    await expect(fit(network, none, { callbacks })).rejects.toThrow(fault);
    await expect(fit(network, some, { validation: none, callbacks })).rejects.toThrow(fault);
    await expect(evaluate(network, none)).rejects.toThrow(fault);
    await expect(findLearningRate(network, none)).rejects.toThrow(fault);
    expect(begun).toBe(0);
  });

  it("a loss that is no number any more ends the training, with the tensor and what to try", async () => {
    const network = make({ layers: [3, dense(8, "relu"), dense(1)] });
    const failing = fit(network, line(100), { learningRate: 10, epochs: 50, batchSize: 10 });
    const error = await failing.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TrainingDivergedError);
    const { message, epoch, step, tensor, code } = error as TrainingDivergedError;
    expect(message).toBe(
      `The training diverged in epoch ${epoch}, step ${step}: the loss is no finite number any more, and the first such numbers are in ${tensor}; try a lower learning rate, clipping of the gradients (clipNorm), or inputs of a smaller range (standardize).`,
    );
    expect(code).toBe("ERR_TRAINING_DIVERGED");
    expect(tensor).toBe("the loss"); // Its squares overflow before anything else does.
    const broken = make({ layers: [3, dense(8, "relu"), dense(1)] });
    broken.parameters[2]?.value.data.fill(Number.NaN);
    await expect(fit(broken, line(100))).rejects.toMatchObject({ tensor: "layers.1.weight", step: 1 });
  });

  it("a rest of one example under batch normalisation is refused in a sentence", async () => {
    const network = make({ layers: [2, dense(4), batchNormalization(), dense(2, "softmax")] });
    await expect(fit(network, clouds(21), { epochs: 1, batchSize: 10 })).rejects.toThrow(
      "leave out a short last minibatch",
    );
    await fit(network, clouds(21), { epochs: 1, batchSize: 10, dropLast: true });
  });

  it.each<[string, MultilayerPerceptronOptions["layers"], object]>([
    ["a network without dropout", [2, dense(4, "relu"), dropout(0.5), dense(2, "softmax")], {}],
    ["neither batchSize nor learningRate", [2, dense(2, "softmax")], { batchSize: 10 }],
  ])("a full-batch optimizer expects %s", async (what, layers = [1, 1], options) => {
    const failing = fit(make({ layers }), clouds(20), { optimizer: new LBFGS(), epochs: 2, ...options });
    await expect(failing).rejects.toThrow(`Expected for a full-batch optimizer ${what}`);
  });
});
