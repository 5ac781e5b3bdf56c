import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { createDataset, type Dataset, subset } from "../../src/data/dataset.js";
import { InvalidArgumentError, ShapeError } from "../../src/errors.js";
import { meanSquaredError } from "../../src/metrics/mean-squared-error.js";
import { normalInitializer } from "../../src/nn/initializers.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { toArray } from "../../src/tensor/tensor.js";
import { createEvaluator, evaluate } from "../../src/training/evaluate.js";
import { predict } from "../../src/training/predict.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { dtypes } from "../support/guarded-memory.js";
import { randomDataset } from "./datasets.js";

const all = randomDataset(300, 5, 6);
/** Out of order, and one row twice. */
const dataset = subset(all, Int32Array.from({ length: 211 }, (_, i) => (i * 37) % 300).fill(8, 100, 102));

describeOnEveryBackend((create) => {
  describe.each(dtypes)("%s", (dtype) => {
    const tolerance = dtype === "float64" ? 1e-13 : 1e-5;
    const network = () => {
      const made = new MultilayerPerceptron({
        layers: [25, 9, 7, 6],
        dtype,
        backend: create(),
        initializer: normalInitializer(0.8),
      });
      made.denseLayers.forEach(({ bias }, l) => {
        bias.data.fill(0.1 * (l + 1));
      });
      return made;
    };

    it("predict gives what plain TypeScript gives, in the order of the rows", async () => {
      const { classes, activations } = await predict(network(), dataset);
      expect(activations).toBeInstanceOf(dtype === "float64" ? Float64Array : Float32Array);
      expect([classes.length, activations.length]).toEqual([211, 211 * 6]);
      for (const [i, row] of dataset.rows.entries()) {
        const expected = forward(network(), dataset, row);
        for (const [j, value] of expected.entries()) {
          expect(Math.abs((activations[i * 6 + j] ?? Number.NaN) - value)).toBeLessThan(tolerance);
        }
        expect(classes[i]).toBe(expected.indexOf(Math.max(...expected)));
      }
    });

    it("evaluate gives what plain TypeScript gives", async () => {
      const outputs = [...dataset.rows].map((row) => forward(network(), dataset, row));
      const labels = Uint8Array.from(dataset.rows, (row) => dataset.targets.labels[row] ?? Number.NaN);
      const correct = outputs.filter((a, i) => a.indexOf(Math.max(...a)) === labels[i]).length;
      expect(correct).toBeGreaterThan(0);
      const squared = outputs.flatMap((a, i) =>
        a.map((value, j) => (value - (j === labels[i] ? 1 : 0)) ** 2),
      );
      const loss = squared.reduce((sum, value) => sum + value, 0) / squared.length;

      const evaluation = await evaluate(network(), dataset);
      expect(evaluation).toMatchObject({ correct, count: 211, accuracy: correct / 211 });
      expect(Math.abs(evaluation.loss - loss)).toBeLessThan(tolerance);
      const { activations } = await predict(network(), dataset);
      expect(Math.abs(evaluation.loss - meanSquaredError(activations, labels, 6))).toBeLessThan(tolerance);
    });

    it.each([1, 2, 50, 210, 211, 5000])("minibatches of %i change nothing", async (batchSize) => {
      const expected = await evaluate(network(), dataset);
      const { correct, count, loss } = await evaluate(network(), dataset, { batchSize });
      expect([correct, count]).toEqual([expected.correct, expected.count]);
      expect(Math.abs(loss - expected.loss)).toBeLessThan(tolerance);
      const { classes } = await predict(network(), dataset, { batchSize });
      expect(classes).toEqual((await predict(network(), dataset)).classes);
    });

    it("an evaluator starts anew each time, and sees the network as it is", async () => {
      const changing = network();
      const evaluator = createEvaluator(changing, dataset);
      const first = await evaluator();
      expect(await evaluator()).toEqual(first);
      changing.denseLayers[2]?.bias.data.fill(-3);
      const second = await evaluator();
      expect(second.loss).not.toBe(first.loss);
      expect(second).toEqual(await evaluate(changing, dataset));
    });
  });
});

describe("evaluate and predict", () => {
  const backend = createJavaScriptBackend();
  const network = new MultilayerPerceptron({ layers: [25, 6], backend });
  const empty = subset(all, new Int32Array(0));

  it("evaluate refuses an empty dataset, and predict gives nothing for it", async () => {
    await expect(evaluate(network, empty)).rejects.toThrow(InvalidArgumentError);
    const { classes, activations } = await predict(network, empty);
    expect([classes, activations]).toEqual([new Int32Array(0), new Float32Array(0)]);
  });

  it("refuse images of another size", async () => {
    const other = new MultilayerPerceptron({ layers: [24, 6], backend });
    await expect(evaluate(other, dataset)).rejects.toThrow(ShapeError);
    await expect(predict(other, dataset)).rejects.toThrow(ShapeError);
  });

  it("refuse a dataset with more classes than outputs, and take one with fewer", async () => {
    const narrow = new MultilayerPerceptron({ layers: [25, 5], backend });
    await expect(evaluate(narrow, dataset)).rejects.toThrow(InvalidArgumentError);
    const wide = new MultilayerPerceptron({ layers: [25, 9], backend });
    expect((await evaluate(wide, dataset)).count).toBe(211);
  });

  it.each([0, -1, 1.5, Number.NaN])("refuse minibatches of %s", async (batchSize) => {
    await expect(evaluate(network, dataset, { batchSize })).rejects.toThrow(InvalidArgumentError);
    await expect(predict(network, dataset, { batchSize })).rejects.toThrow("for batchSize but received");
  });

  it("count the first of equal outputs as the prediction", async () => {
    const images = new Uint8Array(2 * 25);
    const two = createDataset({ images, labels: Uint8Array.of(0, 1), imageShape: [5, 5], classes: 6 });
    const flat = new MultilayerPerceptron({ layers: [25, 6], backend, initializer: () => {} });
    expect((await predict(flat, two)).classes).toEqual(Int32Array.of(0, 0));
    expect(await evaluate(flat, two)).toEqual({ loss: 0.25, accuracy: 0.5, correct: 1, count: 2 });
  });
});

/** The outputs for one image, by the formulas. */
function forward(
  { denseLayers: layers }: MultilayerPerceptron,
  { features: { data: images } }: Dataset,
  row: number,
): number[] {
  let a = Array.from(images.subarray(row * 25, row * 25 + 25), (pixel) => (pixel / 255 - 0.5) * 2);
  for (const { weight, bias } of layers) {
    a = Array.from(bias.data, (shift, unit) => {
      const z = a.reduce(
        (sum, value, i) => sum + value * (toArray(weight)[unit * a.length + i] ?? Number.NaN),
        shift,
      );
      return 1 / (1 + Math.exp(-z));
    });
  }
  return a;
}
