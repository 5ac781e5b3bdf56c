import { Type } from "typebox";
import { ACTIVATIONS } from "../../backend/activation.js";
import { LARGEST_LAYER } from "../../nn/checks.js";
import { type InitializerName, initializers } from "../../nn/initializers.js";
import { LOSS_NAMES, type LossName } from "../../nn/losses/create-loss.js";
import type { LossSpecification } from "../../nn/losses/specification.js";
import type { LayerSpecification } from "../../nn/specification.js";
import { PRESETS } from "../preset-names.js";
import { choice, flag, number, text, typed } from "./fields.js";

const INITIALIZERS = Object.keys(initializers) as InitializerName[];
const OUTPUTS = [...ACTIVATIONS, "softmax"] as const;

const units = Type.Integer({ minimum: 1, maximum: LARGEST_LAYER, description: "Units" });
const smoothing = number("The share of each target that is spread evenly", {
  minimum: 0,
  exclusiveMaximum: 1,
  default: 0,
});

const LOSSES = Type.Union([
  typed(
    "squaredError",
    {
      averageOutputs: flag("Whether the mean is taken over the outputs, too", false),
      factor: number("What the loss is multiplied by", { exclusiveMinimum: 0, default: 1 }),
    },
    "Squared error",
  ),
  typed("absoluteError", {}, "Absolute error"),
  typed(
    "huber",
    { threshold: number("Where the straight line begins", { exclusiveMinimum: 0, default: 1 }) },
    "Huber's loss",
  ),
  typed("binaryCrossEntropy", { labelSmoothing: smoothing }, "Binary cross-entropy"),
  typed("crossEntropy", { labelSmoothing: smoothing }, "Cross-entropy"),
]);

/** Blocks hold layers, so that a layer is defined once and referred to. */
const layers = Type.Unsafe<readonly LayerSpecification[]>({
  type: "array",
  minItems: 1,
  items: { $ref: "#/$defs/layer" },
});
const loss = Type.Unsafe<LossSpecification>({ $ref: "#/$defs/loss" });

const LAYERS = Type.Union([
  typed(
    "dense",
    {
      units,
      activation: choice(OUTPUTS, "What the layer applies", "identity"),
      initializer: choice(INITIALIZERS, "How the weights are drawn"),
    },
    "A fully connected layer",
  ),
  typed("activation", { activation: Type.Enum([...ACTIVATIONS]) }, "An activation by itself"),
  typed(
    "dropout",
    {
      rate: Type.Number({
        minimum: 0,
        exclusiveMaximum: 1,
        description: "The share that a training step leaves out",
      }),
    },
    "Dropout",
  ),
  typed(
    "batchNormalization",
    {
      momentum: number("The share of a minibatch in the running mean and variance", {
        exclusiveMinimum: 0,
        maximum: 1,
        default: 0.1,
      }),
      epsilon: number("Added to the variance", { exclusiveMinimum: 0, default: 1e-5 }),
    },
    "Batch normalisation",
  ),
  typed("residual", { layers }, "A block of layers that its own input is added to"),
  typed(
    "auxiliary",
    {
      units,
      activation: Type.Enum([...OUTPUTS]),
      loss,
      weight: number("The share of its loss", { exclusiveMinimum: 0, default: 0.3 }),
    },
    "An output of its own in the middle of a network",
  ),
  typed("standardize", {}, "Every input by its mean and deviation; the first layer"),
]);

/** What `$ref` of the other parts of the schema names. */
export const DEFINITIONS = { layer: LAYERS, loss: LOSSES } as const;

/** What network is trained, and what for. */
export const NETWORK = {
  preset: choice(PRESETS, "Other defaults for the settings of network and training"),
  inputs: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: LARGEST_LAYER,
      description: "Numbers of an example; said only so that it is checked against the data",
    }),
  ),
  layers: Type.Optional(
    Type.Unsafe<readonly number[] | readonly LayerSpecification[]>({
      description:
        "All layers after the inputs, each an object; or units alone, those of the inputs, of hidden layers and of the output",
      anyOf: [
        { type: "array", minItems: 2, items: { type: "integer", minimum: 1, maximum: LARGEST_LAYER } },
        { type: "array", minItems: 1, items: { $ref: "#/$defs/layer" } },
      ],
    }),
  ),
  hidden: Type.Optional(
    Type.Union([units, Type.Array(units)], {
      description: "Units of the hidden layers, instead of layers; [] for none",
      default: 50,
    }),
  ),
  activation: choice(ACTIVATIONS, "What the hidden layers apply", "sigmoid"),
  output: choice(
    ["sigmoid", "softmax", "identity"],
    "What the output layer applies; by default what the loss asks for",
  ),
  init: choice(INITIALIZERS, "How the weights are drawn"),
  batchNorm: flag("Normalise each hidden layer before its activation", false),
  dropout: number("The share of each hidden layer's units that a training step leaves out", {
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0,
  }),
  standardize: flag("Bring every input to mean 0 and deviation 1 first; by default true for a table"),
  loss: Type.Optional(
    Type.Unsafe<LossName | LossSpecification>({
      description:
        "What training makes small: a name, with the options that go with the output; or an object, taken as it is",
      anyOf: [{ enum: [...LOSS_NAMES] }, { $ref: "#/$defs/loss" }],
    }),
  ),
  from: text(
    "A model.safetensors to go on from: its layers and weights instead of new ones. A relative path is taken from the folder that this file is in",
  ),
  freeze: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      description: "With from: layers that stay as they are, such as layers.0",
    }),
  ),
} as const;
