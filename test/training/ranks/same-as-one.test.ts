import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Communicator } from "../../../src/communicator/communicator.js";
import type { Dataset } from "../../../src/data/dataset.js";
import type { Layer } from "../../../src/nn/layer.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import type { MultilayerPerceptronOptions } from "../../../src/nn/mlp-options.js";
import { createOptimizer } from "../../../src/optim/specification.js";
import { RandomState } from "../../../src/random/random-state.js";
import { toArray } from "../../../src/tensor/tensor.js";
import { type FitOptions, fit } from "../../../src/training/fit.js";
import { describeOnEveryBackend } from "../../support/backends.js";
import { sameBytes } from "../../support/guarded-memory.js";
import { onRanks } from "../../support/ranks.js";
import { quarters } from "../datasets.js";

/** All numbers of a network. */
function numbersOf({ parameters, buffers }: MultilayerPerceptron): Float64Array {
  return Float64Array.from([...parameters, ...buffers].flatMap(({ value }) => [...toArray(value)]));
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce(
    (most, x, i) => Math.max(most, Math.abs(x - (b[i] as number)) / Math.max(1, Math.abs(x))),
    0,
  );
}

const weighted = (dataset: Dataset, seed: number): Dataset => {
  const random = new RandomState(seed);
  return { ...dataset, weights: Float64Array.from(dataset.rows, () => random.randint(0, 4) / 2 + 0.25) };
};

/** A table of values with weights, whose numbers come from nowhere else. */
function values(count: number, seed: number): Dataset {
  const random = new RandomState(seed);
  return {
    features: { kind: "floats", data: random.normal(0, 1, count * 16), width: 16 },
    targets: { kind: "values", data: random.normal(0, 1, count * 4), width: 4 },
    rows: Int32Array.from({ length: count }, (_, i) => i),
  };
}

const OPTIMIZERS = [
  { type: "sgd" },
  { type: "sgd", momentum: 0.9, nesterov: true },
  { type: "sgd", clipNorm: 0.05, weightDecay: 0.01 },
  { type: "adam", clipValue: 0.01 },
  { type: "adamw" },
  { type: "nadam" },
  { type: "lion" },
  { type: "rmsprop" },
  { type: "adagrad", maxNorm: 1.5 },
] as const;

const CHAINS: readonly Partial<MultilayerPerceptronOptions>[] = [
  { layers: [16, 6, 4] },
  {
    layers: [
      16,
      { type: "dense", units: 7, activation: "tanh" },
      { type: "dropout", rate: 0.3 },
      { type: "dense", units: 10, activation: "relu" },
      { type: "dropout", rate: 0.2 },
      { type: "dense", units: 4, activation: "softmax" },
    ],
    loss: { type: "crossEntropy", labelSmoothing: 0.1 },
  },
  {
    layers: [
      16,
      { type: "dense", units: 8, activation: "gelu" },
      {
        type: "residual",
        layers: [
          { type: "dropout", rate: 0.4 },
          { type: "dense", units: 8, activation: "sigmoid" },
        ],
      },
      { type: "auxiliary", units: 4, activation: "softmax", loss: { type: "crossEntropy" }, weight: 0.4 },
      { type: "dense", units: 4, activation: "sigmoid" },
    ],
    loss: { type: "binaryCrossEntropy" },
  },
];

const anyCase = fc.record({
  ranks: fc.constantFrom(2, 3, 4),
  count: fc.integer({ min: 5, max: 60 }),
  batchSize: fc.integer({ min: 1, max: 25 }),
  chain: fc.constantFrom(...CHAINS),
  optimizer: fc.constantFrom(...OPTIMIZERS),
  penalties: fc.constantFrom({}, { alpha: 0.3 }, { l1: 0.01, alpha: 0.1 }),
  weighs: fc.boolean(),
  balances: fc.boolean(),
  dropLast: fc.boolean(),
  frozen: fc.constantFrom("", "layers.0", "layers.0.bias"),
  augments: fc.boolean(),
  seed: fc.integer({ min: 0, max: 1000 }),
});

/** Every layer that draws, so that what they have drawn can be compared. */
const drawsOf = (layers: readonly Layer[]): readonly number[] =>
  layers.flatMap((layer) => [
    ...(layer.draws === undefined ? [] : [layer.draws]),
    ...drawsOf(layer.layers ?? []),
  ]);

describe("several ranks", () => {
  describeOnEveryBackend((create) => {
    it("come to what one process does, and all to the same bits", async () => {
      await fc.assert(
        fc.asyncProperty(anyCase, async (one) => {
          const { ranks, count, batchSize, chain, optimizer, penalties, frozen, seed } = one;
          const digits = quarters(count, seed);
          const dataset = one.weighs ? weighted(digits, seed) : digits;
          const validation = quarters(11, seed + 1);
          const train = async (communicator?: Communicator) => {
            const network = new MultilayerPerceptron({
              ...chain,
              ...penalties,
              seed,
              dtype: "float64",
              backend: create(),
            });
            if (frozen !== "") network.freeze(frozen);
            const losses: number[] = [];
            const history = await fit(network, dataset, {
              epochs: 2,
              batchSize,
              learningRate: 0.05,
              optimizer: createOptimizer(optimizer),
              shuffle: seed,
              dropLast: one.dropLast && batchSize <= count,
              ...(one.balances && { classWeights: "balanced" }),
              ...(one.augments && { augment: { shift: 1, rotate: 10, seed } }),
              validation,
              callbacks: [{ readsGradients: false, onStepEnd: ({ loss }) => void losses.push(loss) }],
              communicator,
            });
            return { network, losses, history };
          };
          const alone = await train();
          const together = await onRanks(ranks, train);
          const expected = numbersOf(alone.network);
          for (const { network, losses, history } of together) {
            // Signs decide each step of Lion, and may differ where a gradient is all but 0.
            expect(largestDifference(expected, numbersOf(network))).toBeLessThan(
              optimizer.type === "lion" ? 0.2 : 1e-9,
            );
            expect(sameBytes(numbersOf(network), numbersOf((together[0] as typeof alone).network))).toBe(
              true,
            );
            expect(drawsOf(network.layers)).toEqual(drawsOf(alone.network.layers));
            if (optimizer.type === "lion") continue;
            expect(
              largestDifference(Float64Array.from(alone.losses), Float64Array.from(losses)),
            ).toBeLessThan(1e-9);
            for (const [i, epoch] of alone.history.epochs.entries()) {
              const own = history.epochs[i];
              expect(own?.trainLoss).toBeCloseTo(epoch.trainLoss, 9);
              expect(own?.validAccuracy).toBe(epoch.validAccuracy);
            }
          }
        }),
        { numRuns: 12 },
      );
    });

    it.each([2, 3, 4])("learn by L-BFGS what one process does: %i ranks", async (size) => {
      const dataset = weighted(quarters(50), 3);
      const train = async (communicator?: Communicator) => {
        const network = new MultilayerPerceptron({
          layers: [
            16,
            { type: "dense", units: 5, activation: "tanh" },
            { type: "auxiliary", units: 4, activation: "softmax", loss: { type: "crossEntropy" } },
            { type: "dense", units: 4, activation: "softmax" },
          ],
          loss: { type: "crossEntropy" },
          alpha: 0.5,
          dtype: "float64",
          backend: create(),
        });
        const { stopReason } = await fit(network, dataset, {
          epochs: 15,
          optimizer: createOptimizer({ type: "lbfgs" }),
          communicator,
        });
        return { numbers: numbersOf(network), stopReason };
      };
      const alone = await train();
      for (const { numbers, stopReason } of await onRanks(size, train)) {
        expect(largestDifference(alone.numbers, numbers)).toBeLessThan(1e-6);
        expect(stopReason).toBe(alone.stopReason);
      }
    });

    it("learn values in float32, and get the same bits each time", async () => {
      const dataset = values(37, 5);
      const train = async (communicator?: Communicator) => {
        const network = new MultilayerPerceptron({
          layers: [16, { type: "dense", units: 6, activation: "relu" }, { type: "dense", units: 4 }],
          loss: { type: "squaredError" },
          backend: create(),
        });
        const options: FitOptions = { epochs: 3, batchSize: 10, learningRate: 0.0123456789, communicator };
        const { epochs } = await fit(network, dataset, { ...options, metrics: ["r2"] });
        return { numbers: numbersOf(network), epochs };
      };
      const alone = await train();
      const [first, again] = [await onRanks(3, train), await onRanks(3, train)];
      for (const { numbers, epochs } of [...first, ...again]) {
        expect(largestDifference(alone.numbers, numbers)).toBeLessThan(1e-5);
        expect(sameBytes(numbers, (first[0] as typeof alone).numbers)).toBe(true);
        expect(epochs.map(({ trainMetrics }) => trainMetrics)).toEqual(
          first[0]?.epochs.map(({ trainMetrics }) => trainMetrics),
        );
        expect(epochs[2]?.learningRate).toBe(0.0123456789);
      }
    });
  });
});
