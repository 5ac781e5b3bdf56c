import { describe, expect, it } from "vitest";
import type { Backend } from "../../src/backend/backend.js";
import { createBatchMemory } from "../../src/data/batch-memory.js";
import { createDataset } from "../../src/data/dataset.js";
import { listInk } from "../../src/data/ink.js";
import { batches } from "../../src/data/minibatches.js";
import { crossEntropy } from "../../src/nn/losses/cross-entropy.js";
import { createLossTotals } from "../../src/nn/losses/loss.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import {
  activation,
  auxiliary,
  batchNormalization,
  dense,
  dropout,
  type LayerSpecification,
  residual,
  standardize,
} from "../../src/nn/specification.js";
import { Adam } from "../../src/optim/adam.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { randomIntegers } from "../support/guarded-memory.js";

const PIXELS = 64;
const EXAMPLES = 1_000;
const BATCH_SIZE = 10;
const STEPS = 1_000;
const PARTS = 10;

const PLAIN = [dense(16, "relu"), dense(16, "relu"), dense(3, "softmax")];

/** One of each kind. */
const LAYERS = [
  dense(16, "gelu"),
  batchNormalization(),
  activation("relu"),
  dropout(0.2),
  residual(dense(16, "tanh")),
  auxiliary(dense(3, "softmax"), crossEntropy()),
  dense(3, "softmax"),
];

/** What takes steps, epoch after epoch, as `fit` does. */
function trainer(backend: Backend, layers: readonly LayerSpecification[]): (steps: number) => void {
  const next = randomIntegers(1);
  const dataset = createDataset({
    images: Uint8Array.from({ length: EXAMPLES * PIXELS }, () => (next() % 4 === 0 ? next() % 256 : 0)),
    labels: Uint8Array.from({ length: EXAMPLES }, (_, i) => i % 3),
    imageShape: [8, 8],
    classes: 3,
  });
  const network = new MultilayerPerceptron({ layers: [PIXELS, ...layers], alpha: 0.001, backend });
  const slots = network.createSlots(BATCH_SIZE);
  const optimizer = new Adam({ clipNorm: 1, weightDecay: 0.01 });
  const totals = createLossTotals();
  const memory = createBatchMemory(EXAMPLES, BATCH_SIZE, { dtype: "float32", backend, dataset });
  const ink = listInk(dataset, { backend });
  return (steps) => {
    for (let left = steps; left > 0; left -= EXAMPLES / BATCH_SIZE) {
      for (const batch of batches(dataset, { batchSize: BATCH_SIZE, memory, ink })) {
        network.trainStep(batch, slots, optimizer, 0.001, totals);
      }
    }
  };
}

describe("the loop over minibatches", () => {
  describeOnEveryBackend((create) => {
    // Bytes of heap a minibatch: objects of arguments and options, a few for each layer. What is aimed at is 1 KiB.
    it.each([
      ["a plain network", PLAIN, 2560],
      ["a network with all kinds of layers", LAYERS, 4096],
      ["a network that standardises, too", [standardize(), ...LAYERS], 4096],
    ])("allocates no array of numbers, and few objects in the addon's calls, for %s", (_, layers, most) => {
      const backend = create();
      const train = trainer(backend, layers);
      train(3 * STEPS); // In which V8 compiles it.
      const { arrayBuffers } = process.memoryUsage();
      // A part in which V8 collects garbage or compiles something tells nothing: so the median of ten.
      const heap = Array.from({ length: PARTS }, () => {
        const { heapUsed } = process.memoryUsage();
        train(STEPS / PARTS);
        return (process.memoryUsage().heapUsed - heapUsed) / (STEPS / PARTS);
      });
      expect(process.memoryUsage().arrayBuffers).toBeLessThanOrEqual(arrayBuffers);
      heap.sort((a, b) => a - b);
      if (backend.name === "native") expect(heap[PARTS / 2]).toBeLessThanOrEqual(most);
    });
  });
});
