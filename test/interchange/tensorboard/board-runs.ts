import type { Backend } from "../../../src/backend/backend.js";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import type { TensorBoardOptions } from "../../../src/interchange/tensorboard/tensorboard.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { dense } from "../../../src/nn/specification.js";
import type { Callback } from "../../../src/training/callback.js";
import { fit } from "../../../src/training/fit.js";
import type { FitOptions } from "../../../src/training/fit-options.js";
import { randomDataset } from "../../training/datasets.js";
import { pointsOf, readEvents } from "./board-reader.js";

export const train = randomDataset(45, 6, 5);
export const validation = randomDataset(30, 6, 5, 2);
export const BATCHES = { epochs: 3, batchSize: 10, learningRate: 0.2 } as const;
export const STEPS = 5;

export const ALL: TensorBoardOptions = {
  everySteps: 2,
  validation,
  images: 4,
  hyperparameters: { learningRate: 0.2, optimizer: "sgd", nesterov: false },
};

export const make = (backend: Backend = createJavaScriptBackend()) =>
  new MultilayerPerceptron({ layers: [36, 9, dense(5, "softmax")], backend });

export const run = (
  network: MultilayerPerceptron,
  callbacks: readonly Callback[],
  options: FitOptions = {},
) => fit(network, train, { ...BATCHES, validation, callbacks, ...options });

export const stepsOf = (folder: string) =>
  Object.fromEntries(
    [...pointsOf(readEvents(folder))].map(([tag, points]) => [tag, points.map(({ step }) => step)]),
  );
