import { ACTIVATIONS, type Activation } from "../../backend/activation.js";
import type { InitializerName } from "../../nn/initializers.js";
import type { LossName } from "../../nn/losses/create-loss.js";
import type { OutputActivation } from "../../nn/specification.js";
import type { OptimizerName } from "../../optim/specification.js";
import { PRESETS } from "../../runs/preset-names.js";
import { augmentOption } from "./augment.js";
import { metricsOption } from "./metrics.js";
import { scheduleOption, warmUpOption } from "./schedule.js";

// The options of `train` on network and training, by the groups in which --help shows them. None has a default for yargs: whether one was
// given decides what a preset may set.

/** A number or list that a reader understands, and what it is by default. */
function value(defaultDescription: string, describe: string) {
  return { requiresArg: true, defaultDescription, describe } as const;
}

export const LOSSES = [
  "squaredError",
  "absoluteError",
  "huber",
  "binaryCrossEntropy",
  "crossEntropy",
] as const satisfies readonly LossName[];

const OPTIMIZERS = [
  "sgd",
  "rmsprop",
  "adagrad",
  "adam",
  "adamw",
  "nadam",
  "lion",
  "lbfgs",
] as const satisfies readonly OptimizerName[];

const INITIALIZERS = [
  "normal",
  "uniform",
  "zeros",
  "glorotUniform",
  "glorotNormal",
  "heUniform",
  "heNormal",
  "lecunUniform",
  "lecunNormal",
  "orthogonal",
  "sklearnUniform",
] as const satisfies readonly InitializerName[];

export const networkOptions = {
  preset: {
    choices: PRESETS,
    describe:
      "Other defaults for the options below; modern: what works well on images today; adaline: one linear unit for two classes",
  },
  hidden: value("50", "Units of the hidden layers, or none: repeat it, or separate by commas"),
  activation: {
    choices: ACTIVATIONS satisfies readonly Activation[],
    defaultDescription: "sigmoid",
    describe: "What the hidden layers apply",
  },
  output: {
    choices: ["sigmoid", "softmax", "identity"] as const satisfies readonly OutputActivation[],
    defaultDescription: "what the loss asks for",
    describe: "What the output layer applies; without hidden layers, all that there is",
  },
  "batch-norm": { type: "boolean", describe: "Normalise each hidden layer before its activation" },
  init: {
    choices: INITIALIZERS,
    defaultDescription: "normal for sigmoid layers alone, else by the activation",
    describe: "How the weights are drawn",
  },
  standardize: {
    type: "boolean",
    defaultDescription: "true for --table",
    describe: "Bring every input to mean 0 and deviation 1 first, as the training rows have them",
  },
  from: {
    type: "string",
    requiresArg: true,
    describe: "A model.safetensors to go on from: its layers and weights instead of new ones",
  },
  freeze: {
    requiresArg: true,
    describe: "With --from: a layer that stays as it is, such as layers.0; repeat it for others",
  },
  summary: {
    type: "boolean",
    defaultDescription: "true for other than dense layers",
    describe: "Print the layers as a table before training",
  },
} as const;

export const trainingOptions = {
  loss: {
    choices: LOSSES,
    defaultDescription: "squaredError; crossEntropy for a softmax",
    describe: "What training makes small",
  },
  optimizer: { choices: OPTIMIZERS, defaultDescription: "sgd", describe: "What updates the weights" },
  "learning-rate": value(
    "0.1",
    "Step size; of other optimizers than sgd by default less: 0.001, of adagrad 0.01, of lion 0.0002",
  ),
  schedule: scheduleOption,
  "warm-up": warmUpOption,
  momentum: value("0", "With sgd: the share of the last step in the next, such as 0.9"),
  nesterov: { type: "boolean", describe: "With --momentum: look ahead" },
  epochs: value("50", "Passes over the training set"),
  "batch-size": value("100", "Examples in a minibatch; all: the whole training set"),
  "class-weights": {
    choices: ["balanced"] as const,
    describe: "Let rare classes count as much as frequent ones",
  },
  metrics: metricsOption("after each epoch and of the test"),
} as const;

export const regularisationOptions = {
  dropout: value("0", "The share of each hidden layer's units that a training step leaves out, such as 0.2"),
  alpha: value(
    "0",
    "L2 as scikit-learn's alpha: adds alpha / 2n times the sum of squared weights to the loss",
  ),
  l1: value("0", "Adds l1 / n times the sum of the weights' magnitudes to the loss"),
  "weight-decay": value(
    "0; 0.01 of adamw",
    "Share of each weight that a step takes away, times the learning rate",
  ),
  "max-norm": value("no limit", "Largest norm of a unit's incoming weights"),
  "clip-norm": value("no limit", "Largest norm of all gradients together"),
  "clip-value": value("no limit", "Largest magnitude of a number in a gradient"),
  "label-smoothing": value(
    "0",
    "With a cross-entropy: the share of each target that is spread over all classes",
  ),
  augment: augmentOption,
} as const;
