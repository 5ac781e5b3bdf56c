import { describe, expect, it } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { watchTraining } from "../../../src/live/watching/watch-training.js";
import { crossEntropy } from "../../../src/nn/losses/cross-entropy.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { batchNormalization, dense, dropout, residual, standardize } from "../../../src/nn/specification.js";
import { Adam } from "../../../src/optim/adam.js";
import { AdamW } from "../../../src/optim/adamw.js";
import { LBFGS } from "../../../src/optim/lbfgs.js";
import { SGD } from "../../../src/optim/sgd.js";
import type { Callback } from "../../../src/training/callback.js";
import { type FitOptions, fit } from "../../../src/training/fit.js";
import { learnedTensors } from "../../../src/training/model-file.js";
import { describeOnEveryBackend } from "../../support/backends.js";
import { sameBytes } from "../../support/guarded-memory.js";
import { randomDataset } from "../../training/datasets.js";
import { ofType, recordingChannel } from "./recording-channel.js";

const dataset = randomDataset(90, 8, 10);

interface Case {
  readonly name: string;
  readonly make: (backend: Backend) => MultilayerPerceptron;
  /** A new optimizer each time. */
  readonly options: () => FitOptions;
}

const chapters = (backend: Backend) => new MultilayerPerceptron({ layers: [64, 20, 10], backend });
const modern = (backend: Backend) =>
  new MultilayerPerceptron({
    layers: [
      64,
      standardize(),
      dense(24, "relu"),
      batchNormalization(),
      dropout(0.2),
      residual(dense(24, "relu"), dropout(0.1)),
      dense(10, "softmax"),
    ],
    loss: crossEntropy(),
    alpha: 0.01,
    backend,
  });

const cases: readonly Case[] = [
  {
    name: "the chapter's network by plain descent",
    make: chapters,
    options: () => ({ optimizer: new SGD() }),
  },
  { name: "it with momentum", make: chapters, options: () => ({ optimizer: new SGD({ momentum: 0.9 }) }) },
  { name: "it with Adam", make: chapters, options: () => ({ optimizer: new Adam(), learningRate: 0.01 }) },
  {
    name: "dropout and batch normalisation by plain descent",
    make: modern,
    options: () => ({ optimizer: new SGD() }),
  },
  {
    name: "dropout, batch normalisation, clipping and distorted images",
    make: modern,
    options: () => ({
      optimizer: new AdamW({ clipNorm: 1 }),
      learningRate: 0.01,
      augment: { rotate: 10, seed: 3 },
    }),
  },
  {
    name: "L-BFGS",
    make: chapters,
    options: () => ({ optimizer: new LBFGS(), batchSize: undefined, learningRate: undefined }),
  },
];

const numbersOf = (network: MultilayerPerceptron) => learnedTensors(network).map(({ value }) => value.data);

describe("a training has the same bits, watched or not:", () => {
  describeOnEveryBackend((create) => {
    it.each(cases)("$name", async ({ make, options }) => {
      const train = async (callbacks: readonly Callback[]) => {
        const network = make(create());
        const history = await fit(network, dataset, {
          epochs: 4,
          batchSize: 20,
          learningRate: 0.3,
          validation: dataset,
          ...options(),
          callbacks,
        });
        return { network, figures: history.epochs.map(({ seconds: _, ...figures }) => figures) };
      };
      const plain = await train([]);
      // Time goes by in such steps that some of the steps are sampled, and some models sent.
      for (const milliseconds of [0, 13, 40, 170]) {
        let time = 0;
        const channel = recordingChannel();
        const now = () => {
          time += milliseconds;
          return time;
        };
        const { callback } = watchTraining(channel, { now });
        const pausing: Callback = {
          onEpochBegin: ({ control }) => control.pause(),
          // Not before: the event loop may have its turn between the two.
          onPause: () => void setImmediate(() => channel.ask("resume")),
        };
        const watched = await train([callback, pausing]);
        expect(ofType(channel, "sample").length).toBeGreaterThan(0);
        expect(ofType(channel, "state").length).toBeGreaterThan(0);
        expect(watched.figures).toEqual(plain.figures);
        for (const [i, numbers] of numbersOf(watched.network).entries()) {
          const wanted = numbersOf(plain.network)[i] as typeof numbers;
          expect(sameBytes(numbers, wanted), `tensor ${i} at ${milliseconds} ms`).toBe(true);
        }
      }
    });
  });
});
