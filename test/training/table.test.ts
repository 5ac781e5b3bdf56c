import { describe, expect, it } from "vitest";
import type { DType } from "../../src/backend/backend.js";
import { createTable } from "../../src/data/create-table.js";
import { type Dataset, subset } from "../../src/data/dataset.js";
import { splitDataset } from "../../src/data/split-dataset.js";
import { InvalidArgumentError, ShapeError } from "../../src/errors.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { dense, type LayerList } from "../../src/nn/specification.js";
import { RandomState } from "../../src/random/random-state.js";
import { toArray } from "../../src/tensor/tensor.js";
import { evaluate } from "../../src/training/evaluate.js";
import { fit } from "../../src/training/fit.js";
import { predict } from "../../src/training/predict.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { quarters } from "./datasets.js";

/** Points around three centres. */
function blobs(count: number) {
  const random = new RandomState(3);
  const centres = [
    [-2, 1],
    [2, 2],
    [0, -2],
  ] as const;
  const labels = Array.from({ length: count }, () => random.randint(0, 3));
  const features = labels.map((label) => {
    const [x = 0, y = 0] = random.normal(0, 0.5, 2);
    const [centreX, centreY] = centres[label] ?? [0, 0];
    return [centreX + x, centreY + y];
  });
  return createTable({ features, labels });
}

describeOnEveryBackend((create) => {
  describe.each<DType>(["float32", "float64"])("a network of %s on rows of numbers", (dtype) => {
    const backend = create();

    it("learns classes", async () => {
      const { train, validation, test } = splitDataset(blobs(420));
      const network = new MultilayerPerceptron({ layers: [2, 8, 3], dtype, backend });
      const { epochs } = await fit(network, train, {
        epochs: 30,
        batchSize: 8,
        learningRate: 0.5,
        validation,
      });
      expect(epochs.at(-1)?.trainAccuracy).toBeGreaterThan(0.95);
      expect(epochs.at(-1)?.validAccuracy).toBeGreaterThan(0.85);
      const evaluation = await evaluate(network, test, { batchSize: 7 });
      expect(evaluation.accuracy).toBeGreaterThan(0.9);
      const { classes } = await predict(
        network,
        { features: test.features, rows: test.rows },
        { batchSize: 9 },
      );
      const correct = [...test.rows].filter((row, i) => test.targets.labels[row] === classes[i]);
      expect(correct).toHaveLength(evaluation.correct);
    });

    it("sees what it sees of the bytes of images that are the same numbers", async () => {
      const images = quarters(130);
      const { data, scale, offset } = images.features;
      const features = Float64Array.from(data, (byte) => byte * scale + offset);
      const table = createTable({ features, width: 16, labels: images.targets.labels });
      const trained = async (dataset: Dataset) => {
        const network = new MultilayerPerceptron({ layers: [16, 5, 4], dtype, backend });
        const part = subset(dataset, dataset.rows.subarray(0, 123));
        const { epochs } = await fit(network, part, { epochs: 3, batchSize: 20 });
        return { weights: network.parameters.flatMap(({ value }) => [...toArray(value)]), epochs };
      };
      const [ofBytes, ofFloats] = [await trained(images), await trained(table)];
      const digits = dtype === "float64" ? 12 : 5;
      for (const [i, weight] of ofBytes.weights.entries())
        expect(ofFloats.weights[i]).toBeCloseTo(weight, digits);
      expect(ofFloats.epochs[2]?.trainLoss).toBeCloseTo(ofBytes.epochs[2]?.trainLoss ?? 0, digits);
      expect(ofFloats.epochs[2]?.trainAccuracy).toBe(ofBytes.epochs[2]?.trainAccuracy);
    });
  });
});

describe("fit and evaluate on rows of numbers refuse", () => {
  const table = blobs(30);
  const values = createTable({ features: table.features.data, width: 2, values: new Float64Array(60) });

  it.each<
    [what: string, dataset: Dataset, layers: LayerList, error: new (message: string) => Error, fault: string]
  >([
    [
      "another number of inputs",
      table,
      [3, 3],
      ShapeError,
      "The network has 3 inputs, but the examples have 2 numbers; it must have 2.",
    ],
    [
      "too few outputs",
      table,
      [2, 2],
      InvalidArgumentError,
      "The network has 2 outputs, but the dataset has 3 classes",
    ],
    [
      "another number of values",
      values,
      [2, 3],
      ShapeError,
      "The network has 3 outputs, but the dataset has 2 values of each example to be learned; it must have one for each.",
    ],
    [
      "values with a loss for classes",
      values,
      [2, dense(2, "softmax")],
      InvalidArgumentError,
      "The cross-entropy learns classes, but the dataset has values",
    ],
  ])("%s", async (_, dataset, layers, error, fault) => {
    for (const call of [fit, evaluate]) {
      const network = new MultilayerPerceptron({ layers });
      const thrown = await call(network, dataset).catch((reason: unknown) => reason);
      expect(thrown).toBeInstanceOf(error);
      expect(String(thrown)).toContain(fault);
    }
  });
});
