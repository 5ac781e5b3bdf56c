import { describe, expect, it } from "vitest";
import { createTable } from "../../src/data/create-table.js";
import type { DatasetStream } from "../../src/data/stream.js";
import { InvalidArgumentError } from "../../src/errors.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import {
  activation,
  batchNormalization,
  dense,
  dropout,
  residual,
  standardize,
} from "../../src/nn/specification.js";
import { Adam } from "../../src/optim/adam.js";
import { LBFGS } from "../../src/optim/lbfgs.js";
import { SGD } from "../../src/optim/sgd.js";
import { RandomState } from "../../src/random/random-state.js";
import { findLearningRate } from "../../src/training/find-learning-rate.js";
import { fit } from "../../src/training/fit.js";
import { LossCurve } from "../../src/training/learning-rate-range.js";
import { encodeModel } from "../../src/training/model-file.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { quarters } from "./datasets.js";

const data = quarters(60);

/** Values that a straight line tells. */
function line(count: number) {
  const features = new RandomState(1).normal(0, 1, 3 * count);
  const values = Float64Array.from({ length: count }, (_, i) => 3 * (features[3 * i] ?? 0) - 1);
  return createTable({ features, width: 3, values });
}

describeOnEveryBackend((create) => {
  const backend = create();
  const plain = () => new MultilayerPerceptron({ layers: [16, 8, 4], backend });
  /** With all that a layer can keep. */
  const rich = () =>
    new MultilayerPerceptron({
      layers: [
        16,
        dense(8),
        batchNormalization(),
        activation("relu"),
        residual(dense(8, "tanh"), dropout(0.3)),
        dropout(0.2),
        dense(4, "softmax"),
      ],
      backend,
    });

  it("takes the steps that a training with rates growing by a factor takes", async () => {
    const [min, max, steps] = [0.001, 1, 20];
    const range = await findLearningRate(rich(), data, {
      min,
      max,
      steps,
      batchSize: 8,
      optimizer: new Adam(),
    });
    const losses: number[] = [];
    const rates: number[] = [];
    await fit(rich(), data, {
      epochs: 3,
      batchSize: 8,
      optimizer: new Adam(),
      learningRate: ({ step }) => min * (max / min) ** (step / (steps - 1)),
      callbacks: [
        {
          onStepEnd: ({ loss, learningRate }) => {
            losses.push(loss);
            rates.push(learningRate);
          },
        },
      ],
    });
    expect(range.rates).toEqual(rates.slice(0, steps));
    expect(range.losses).toEqual(losses.slice(0, steps));
    expect(range.rates[0]).toBe(min);
    expect(range.rates.at(-1)).toBeCloseTo(max, 12);
  });

  it("leaves network and optimizer as they were, so that training goes on to the same bits", async () => {
    const train = async (between: (network: MultilayerPerceptron, optimizer: Adam) => Promise<unknown>) => {
      const [network, optimizer] = [rich(), new Adam()];
      const settings = { epochs: 1, batchSize: 8, optimizer, learningRate: 0.01 };
      await fit(network, data, settings);
      await between(network, optimizer);
      await fit(network, data, settings);
      return encodeModel(network);
    };
    const expected = await train(async () => undefined);
    const tested = await train((network, optimizer) =>
      findLearningRate(network, data, { optimizer, batchSize: 8, steps: 30 }),
    );
    expect(tested).toEqual(expected);
    const other = await train((network, optimizer) =>
      fit(network, data, { optimizer, batchSize: 8, epochs: 1, learningRate: 0.01 }),
    );
    expect(other).not.toEqual(expected);
  });

  it("leaves a new optimizer without a step, and means and deviations unlearned", async () => {
    const network = new MultilayerPerceptron({ layers: [3, standardize(), dense(1)], backend });
    const before = encodeModel(network);
    const optimizer = new SGD({ momentum: 0.9 });
    await findLearningRate(network, line(40), { optimizer, batchSize: 10, steps: 12 });
    expect([optimizer.steps, optimizer.slots.size]).toEqual([0, 0]);
    expect(encodeModel(network)).toEqual(before);
  });

  it("ends where the loss grows without end, and suggests lower rates", async () => {
    const network = new MultilayerPerceptron({ layers: [3, dense(1)], backend });
    const before = encodeModel(network);
    const range = await findLearningRate(network, line(200), { batchSize: 20, max: 1e6, steps: 150 });
    const { divergedAt, suggestions } = range;
    expect(range.outcome).toBe("found");
    expect(range.rates.length).toBeLessThan(150);
    expect(divergedAt).toBeGreaterThan(0.5); // Beyond 2 / the largest curvature.
    expect(divergedAt).toBeLessThan(100);
    expect(suggestions?.steepest).toBeGreaterThan(0.01);
    expect(suggestions?.steepest).toBeLessThan(0.5);
    expect(suggestions?.minimumTenth).toBeLessThan(0.5);
    expect(encodeModel(network)).toEqual(before);
  });

  it("says that a loss hardly fell, or grew at once", async () => {
    const flat = await findLearningRate(plain(), data, { max: 1e-5, batchSize: 10, steps: 20 });
    expect(flat).toMatchObject({ outcome: "flat", suggestions: null, divergedAt: null });
    const network = new MultilayerPerceptron({ layers: [3, dense(1)], backend });
    const wild = await findLearningRate(network, line(200), { min: 1e3, max: 1e9, batchSize: 20 });
    expect(wild).toMatchObject({ outcome: "diverged", suggestions: null });
    expect(wild.rates.length).toBeLessThan(10);
  });

  it("takes a stream, distorted images and weighted classes as a training does", async () => {
    const stream: DatasetStream = {
      count: 60,
      features: data.features,
      targets: data.targets,
      partRows: 60,
      async *parts() {
        yield data;
      },
    };
    const options = { batchSize: 10, steps: 15 };
    const single = { min: 1e-3, max: 0.1, steps: 12, batchSize: 1, classWeights: [1, 0, 0, 0] };
    const range = await findLearningRate(plain(), data, single); // Most minibatches weigh nothing.
    expect(range.rates).toHaveLength(12);
    expect(range.losses.every(Number.isFinite)).toBe(true);
    const held = await findLearningRate(plain(), data, options);
    expect(await findLearningRate(plain(), stream, options)).toEqual(held);
    const distorted = await findLearningRate(plain(), data, { ...options, augment: { shift: 1 } });
    expect(distorted.losses).not.toEqual(held.losses);
    const weighed = await findLearningRate(plain(), data, { ...options, classWeights: [1, 0, 0, 2] });
    expect(weighed.losses).not.toEqual(held.losses);
    expect((await findLearningRate(plain(), data, { ...options, shuffle: 9 })).losses).not.toEqual(
      held.losses,
    );
  });

  it("is aborted by a signal, and the network is as before", async () => {
    const network = plain();
    const before = encodeModel(network);
    const reason = new Error("Enough.");
    const controller = new AbortController();
    const found = findLearningRate(network, data, {
      batchSize: 1,
      steps: 1_000_000,
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(reason), 20);
    await expect(found).rejects.toBe(reason);
    expect(encodeModel(network)).toEqual(before);
  });
});

describe("findLearningRate", () => {
  const network = new MultilayerPerceptron({ layers: [16, 8, 4] });

  it.each<[object, string]>([
    [{ min: 0 }, "Expected a finite number above 0 for min but received 0."],
    [{ min: 1, max: 1 }, "Expected a finite number above min, 1, for max but received 1."],
    [{ steps: 9 }, "Expected a whole number of at least 10 for steps but received 9."],
    [{ smoothing: 1 }, "Expected a number from 0 to below 1 for smoothing but received 1."],
    [{ batchSize: 0 }, "Expected a whole number of at least 1 for batchSize but received 0."],
    [{ shuffle: -1 }, "Expected an integer from 0 to 4294967295 for seed but received -1."],
    [
      { optimizer: new LBFGS() },
      "Expected an optimizer that takes a learning rate, such as new SGD(), for optimizer but received an object.",
    ],
    [{ signal: 3 }, "Expected an AbortSignal for signal but received 3."],
  ])("refuses %j", async (options, sentence) => {
    const found = findLearningRate(network, data, options);
    await expect(found).rejects.toThrow(InvalidArgumentError);
    await expect(found).rejects.toThrow(sentence);
  });
});

describe("what follows from a curve", () => {
  const curveOf = (lossOf: (power: number) => number, smoothing = 0) => {
    const curve = new LossCurve(smoothing);
    for (let i = 0; i <= 100; i++) if (!curve.add(10 ** (-5 + i / 20), lossOf(-5 + i / 20))) break;
    return curve.result(101);
  };

  it("is where it falls most steeply, and a tenth of the rate where it is lowest", () => {
    const { suggestions } = curveOf(
      (power) => 2 - 1 / (1 + Math.exp(-6 * (power + 2))) + Math.max(0, power + 0.5),
    );
    expect(Math.log10(suggestions?.steepest ?? 0)).toBeCloseTo(-2, 1);
    expect(Math.log10(suggestions?.minimumTenth ?? 0)).toBeCloseTo(-1.5, 0);
  });

  it("does not take what comes after the lowest for steep", () => {
    const { suggestions } = curveOf((power) =>
      power < -1 ? 2 - 0.2 * (power + 5) : power < -0.5 ? 5 : 5 - 6 * (power + 0.5),
    );
    expect(suggestions?.steepest).toBeLessThanOrEqual(1);
  });

  it("smooths as if there had been losses before the first", () => {
    const { smoothedLosses } = curveOf(() => 3, 0.9);
    for (const loss of smoothedLosses) expect(loss).toBeCloseTo(3, 12);
    const curve = new LossCurve(0.5);
    for (const loss of [4, 2, 1]) curve.add(1, loss);
    expect(curve.smoothedLosses).toEqual([
      4,
      (0.5 * 4 * 0.5 + 0.5 * 2) / 0.75,
      (0.125 * 4 + 0.25 * 2 + 0.5) / 0.875,
    ]);
  });

  it("ends at a loss that is no finite number, which is not kept", () => {
    const range = curveOf((power) => (power < -1 ? 2 - (power + 5) / 4 : Number.NaN));
    expect(range.divergedAt).toBeCloseTo(0.1, 12);
    expect(range.losses.every(Number.isFinite)).toBe(true);
    expect(range.outcome).toBe("found");
  });
});
