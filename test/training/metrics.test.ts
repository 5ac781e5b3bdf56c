import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createTable } from "../../src/data/create-table.js";
import { type Dataset, subset } from "../../src/data/dataset.js";
import { openIdxWindows } from "../../src/data/readers/windows.js";
import { datasetStream } from "../../src/data/stream.js";
import { labelsOfRows } from "../../src/data/targets.js";
import { InvalidArgumentError } from "../../src/errors.js";
import { encodeIdxHeader } from "../../src/formats/idx.js";
import { accuracy } from "../../src/metrics/accuracy.js";
import { f1Score } from "../../src/metrics/class-scores.js";
import { METRIC_NAMES } from "../../src/metrics/find-metric.js";
import { logLoss } from "../../src/metrics/log-loss.js";
import { averagePrecision, rocAuc } from "../../src/metrics/ranking.js";
import { meanAbsoluteError, r2Score } from "../../src/metrics/regression.js";
import { topKAccuracy } from "../../src/metrics/top-k-accuracy.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import type { MultilayerPerceptronOptions } from "../../src/nn/mlp-options.js";
import { dense } from "../../src/nn/specification.js";
import { RandomState } from "../../src/random/random-state.js";
import { evaluate } from "../../src/training/evaluate.js";
import { fit } from "../../src/training/fit.js";
import { predict } from "../../src/training/predict.js";
import { trueValues } from "../../src/training/true-values.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { sameBytes } from "../support/guarded-memory.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { quarters } from "./datasets.js";

const folder = temporaryFolder();
const all = quarters(260);
/** Out of order, and one row twice. */
const shuffled = subset(all, Int32Array.from({ length: 211 }, (_, i) => (i * 37) % 260).fill(8, 100, 102));
const weighted = { ...shuffled, weights: Float64Array.from({ length: 260 }, (_, i) => (i % 5) / 2) };
const CLASS_NAMES = ["accuracy", "f1Macro", "top2Accuracy", "rocAuc", "averagePrecision", "logLoss"];

/** Two numbers and their noisy sum and difference. */
const sums = (() => {
  const random = new RandomState(3);
  const points = Array.from({ length: 60 }, () => [...random.normal(0, 1, 2)] as [number, number]);
  const values = points.map(([a, b]) => [a + b, a - b * 1.5]);
  return createTable({ features: points, values, weights: points.map((_, i) => 1 + (i % 3)) });
})();

function weightsOf({ rows, weights }: Dataset): Float64Array | undefined {
  return weights && Float64Array.from(rows, (row) => weights[row] as number);
}

describeOnEveryBackend((create) => {
  const make = (options: MultilayerPerceptronOptions) =>
    new MultilayerPerceptron({ dtype: "float64", backend: create(), ...options });

  it.each([
    ["without weights", shuffled],
    ["with weights", weighted],
  ])("evaluate computes the metrics of what predict predicts, %s", async (_, dataset) => {
    const network = make({ layers: [16, 6, 4] });
    await fit(network, shuffled, { epochs: 2, learningRate: 0.5 });
    const { classes, activations } = await predict(network, dataset);
    const labels = labelsOfRows(dataset.targets.labels, dataset.rows);
    const weights = weightsOf(dataset);
    for (const batchSize of [7, 1000]) {
      const evaluation = await evaluate(network, dataset, { metrics: CLASS_NAMES, batchSize });
      const { metrics, accuracy: share } = evaluation;
      expect(Object.keys(metrics ?? {})).toEqual(CLASS_NAMES);
      const expected = [
        accuracy(labels, classes, { weights }),
        f1Score(labels, classes, { weights, average: "macro" }),
        topKAccuracy(labels, activations, { weights, k: 2 }),
        rocAuc(labels, activations, { weights }),
        averagePrecision(labels, activations, { weights }),
        logLoss(labels, activations, { weights }),
      ];
      for (const [i, value] of Object.values(metrics ?? {}).entries()) {
        expect(value).toBeCloseTo(expected[i] as number, 12);
      }
      expect(metrics?.accuracy).toBeCloseTo(share, 12);
    }
  });

  it("evaluate computes metrics of values that are learned", async () => {
    const network = make({ layers: [2, dense(2)] });
    const { activations } = await predict(network, sums);
    const options = { outputs: 2, weights: weightsOf(sums) };
    const targets = trueValues(sums);
    const { metrics } = await evaluate(network, sums, { metrics: ["r2", "meanAbsoluteError"], batchSize: 7 });
    expect(metrics?.r2).toBeCloseTo(r2Score(targets, activations, options), 12);
    expect(metrics?.meanAbsoluteError).toBeCloseTo(meanAbsoluteError(targets, activations, options), 12);
  });

  it("a single linear output tells two classes apart", async () => {
    const two = {
      ...all,
      targets: { ...all.targets, classes: 2, labels: all.targets.labels.map((c) => c % 2) },
    };
    const network = make({ layers: [16, dense(1)] });
    await fit(network, two, { epochs: 5, learningRate: 0.01 });
    const { activations } = await predict(network, two);
    const classes = Float64Array.from(activations, (a) => Number(a >= 0.5));
    const metrics = ["f1", "rocAuc", "top1Accuracy", "cohenKappa"];
    const evaluation = await evaluate(network, two, { metrics });
    expect(evaluation.metrics).toEqual({
      f1: f1Score(two.targets.labels, classes),
      rocAuc: rocAuc(two.targets.labels, activations),
      top1Accuracy: evaluation.accuracy,
      cohenKappa: expect.any(Number),
    });
    await expect(evaluate(network, two, { metrics: ["logLoss"] })).rejects.toThrow(
      "The metric logLoss needs outputs from 0 to 1, of a softmax or of sigmoids, and those of this network are linear",
    );
  });

  it("fit computes them after every epoch, on both sets, and changes no bit by it", async () => {
    const [train, validation] = [subset(all, all.rows.subarray(0, 200)), subset(all, all.rows.subarray(200))];
    const [watched, plain] = [make({ layers: [16, 6, 4] }), make({ layers: [16, 6, 4] })];
    const options = { epochs: 3, batchSize: 20, learningRate: 0.5, validation };
    const metrics = ["f1Macro", "top2Accuracy"];
    const ofEpochs: unknown[] = [];
    const { epochs } = await fit(watched, train, {
      ...options,
      metrics,
      onEpochEnd: async () => {
        ofEpochs.push([
          (await evaluate(watched, train, { metrics })).metrics,
          (await evaluate(watched, validation, { metrics })).metrics,
        ]);
      },
    });
    expect(epochs.map(({ trainMetrics, validMetrics }) => [trainMetrics, validMetrics])).toEqual(ofEpochs);
    expect(epochs).toHaveLength(3);
    const { epochs: others } = await fit(plain, train, options);
    expect(others[0]).not.toHaveProperty("trainMetrics");
    expect(others[0]).not.toHaveProperty("validMetrics");
    for (const [i, { value }] of plain.parameters.entries()) {
      expect(sameBytes(value.data, watched.parameters[i]?.value.data as Float64Array)).toBe(true);
    }
  });

  it("class weights count in those of the training set", async () => {
    const rare = subset(
      all,
      all.rows.filter((row) => all.targets.labels[row] !== 0 || row % 4 === 0),
    );
    const network = make({ layers: [16, 6, 4] });
    const classWeights = "balanced" as const;
    const { epochs } = await fit(network, rare, {
      epochs: 1,
      classWeights,
      validation: rare,
      metrics: ["accuracy", "balancedAccuracy"],
    });
    const [{ trainMetrics, validMetrics, trainAccuracy, validAccuracy } = {}] = epochs;
    expect(trainMetrics?.accuracy).toBeCloseTo(trainAccuracy as number, 12);
    expect(trainMetrics?.accuracy).toBeCloseTo(validMetrics?.balancedAccuracy as number, 12);
    expect(validMetrics?.accuracy).toBeCloseTo(validAccuracy as number, 12);
  });

  it("a stream gives those of the same images in memory", async () => {
    const [images, labels] = [join(folder, "images"), join(folder, "labels")];
    const { features, targets } = all;
    writeFileSync(images, Buffer.concat([encodeIdxHeader("images", [260, 4, 4]), features.data]));
    writeFileSync(labels, Buffer.concat([encodeIdxHeader("labels", [260]), Uint8Array.from(targets.labels)]));
    const windows = await openIdxWindows({ images, labels, chunkBytes: 160, windowBytes: 960 });
    const network = make({ layers: [16, 6, 4] });
    const { metrics } = await evaluate(network, datasetStream(windows), { metrics: CLASS_NAMES });
    const inMemory = await evaluate(network, all, { metrics: CLASS_NAMES });
    for (const name of CLASS_NAMES) {
      expect(metrics?.[name]).toBeCloseTo(inMemory.metrics?.[name] as number, 12);
    }
    const { epochs } = await fit(network, datasetStream(windows), { epochs: 1, metrics: ["f1Weighted"] });
    expect(epochs[0]?.trainMetrics).toEqual(
      (await evaluate(network, datasetStream(windows), { metrics: ["f1Weighted"] })).metrics,
    );
    await windows.close();
  });
});

describe("metrics that are refused, before anything is done", () => {
  const network = new MultilayerPerceptron({ layers: [16, 6, 4] });
  const regression = new MultilayerPerceptron({ layers: [2, dense(2)] });

  it.each<[MultilayerPerceptron, Dataset, unknown, string]>([
    [network, all, ["f1macro"], 'There is no metric "f1macro"; did you mean f1Macro?'],
    [
      network,
      all,
      ["f1"],
      "The metric f1 is about two classes, but the network tells 4 apart; take f1Micro, f1Macro or f1Weighted.",
    ],
    [
      network,
      all,
      ["r2"],
      `The metric r2 is about values, but the dataset has classes to be learned; take ${METRIC_NAMES.slice(0, -4).join(", ")}.`,
    ],
    [
      regression,
      sums,
      ["top5Accuracy"],
      "The metric top5Accuracy is about classes, but the dataset has values to be learned; take meanSquaredError, rootMeanSquaredError, meanAbsoluteError, r2.",
    ],
    [
      network,
      all,
      "f1Macro",
      'Expected an array of names, such as ["f1Macro"], for metrics but received "f1Macro".',
    ],
    [
      network,
      all,
      [accuracy],
      'Expected an array of names, such as ["f1Macro"], for metrics but received an array.',
    ],
  ])("%#", async (of, dataset, metrics, sentence) => {
    const error = new InvalidArgumentError(sentence);
    await expect(evaluate(of, dataset, { metrics: metrics as never })).rejects.toThrow(error);
    await expect(fit(of, dataset, { metrics: metrics as never })).rejects.toThrow(error);
  });
});
