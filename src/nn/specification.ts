import { ACTIVATIONS, type Activation } from "../backend/activation.js";
import { InvalidArgumentError } from "../errors.js";
import { show } from "../system/expected.js";
import { isOptions, nearestName, requireKnownOptions } from "../system/known-options.js";
import type { Initializer, InitializerName } from "./initializers.js";
import type { LossSpecification } from "./losses/specification.js";

// What a network is made of, as plain objects: the same in a program, in a configuration file and in a model file.

/** What a dense layer may apply to its results; `softmax` for outputs only. */
export type OutputActivation = Activation | "softmax";

/** a = activation(x Wᵀ + b) */
export interface DenseSpecification {
  readonly type: "dense";
  readonly units: number;
  /** Default: `identity`, a linear layer. */
  readonly activation?: OutputActivation;
  /** How the weights are drawn. Default: He's for the relu and its kin, else Glorot's. */
  readonly initializer?: InitializerName | Initializer;
}

/** a = activation(x), element by element. */
export interface ActivationSpecification {
  readonly type: "activation";
  readonly activation: Activation;
}

/** In training each number is 0 with a probability of `rate`, and the others are divided by 1 - rate. */
export interface DropoutSpecification {
  readonly type: "dropout";
  /** 0 or more, and less than 1. */
  readonly rate: number;
}

/** Each column by its mean and variance: those of the minibatch in training, else the running ones. */
export interface BatchNormalizationSpecification {
  readonly type: "batchNormalization";
  /** The share of a minibatch in the running mean and variance, above 0 and at most 1. Default: 0.1, PyTorch's. */
  readonly momentum?: number;
  /** Added to the variance, above 0. Default: 1e-5, PyTorch's. */
  readonly epsilon?: number;
}

/** x + block(x) */
export interface ResidualSpecification {
  readonly type: "residual";
  readonly layers: readonly LayerSpecification[];
}

/** An output of its own in the middle of a network, with a loss that training adds to the network's; what goes by stays as it is. */
export interface AuxiliarySpecification {
  readonly type: "auxiliary";
  readonly units: number;
  readonly activation: OutputActivation;
  readonly loss: LossSpecification;
  /** The share of its loss, above 0. Default: 0.3. */
  readonly weight?: number;
}

/** (x - mean) / deviation, column by column, of the examples that were trained on first. */
export interface StandardizeSpecification {
  readonly type: "standardize";
}

export type LayerSpecification =
  | DenseSpecification
  | ActivationSpecification
  | DropoutSpecification
  | BatchNormalizationSpecification
  | ResidualSpecification
  | AuxiliarySpecification
  | StandardizeSpecification;

/** A number of inputs and what follows; a plain number that follows means a layer of so many sigmoid units, the chapter's. */
export type LayerList =
  | readonly [inputs: number, ...layers: (number | LayerSpecification)[]]
  | readonly number[];

/** The properties that each kind of layer may have, with those that it must have first. */
const PROPERTIES = {
  dense: { required: ["units"], optional: ["activation", "initializer"] },
  activation: { required: ["activation"], optional: [] },
  dropout: { required: ["rate"], optional: [] },
  batchNormalization: { required: [], optional: ["momentum", "epsilon"] },
  residual: { required: ["layers"], optional: [] },
  auxiliary: { required: ["units", "activation", "loss"], optional: ["weight"] },
  standardize: { required: [], optional: [] },
} as const satisfies Record<
  LayerSpecification["type"],
  { required: readonly string[]; optional: readonly string[] }
>;

/** A fully connected layer; without an activation it is linear. */
export function dense(
  units: number,
  activation: OutputActivation = "identity",
  options: { readonly initializer?: InitializerName | Initializer } = {},
): DenseSpecification {
  requireKnownOptions("dense", options, { initializer: true }, '{ initializer: "heNormal" }');
  return { type: "dense", units, activation, ...options };
}

/** An activation by itself, for what a dense layer cannot do: after a batch normalisation, or after a residual connection. */
export function activation(activation: Activation): ActivationSpecification {
  return { type: "activation", activation };
}

/**
 * Inverted dropout (Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014).
 *
 * @param rate The share of numbers that become 0 in training, from 0 to less than 1.
 */
export function dropout(rate: number): DropoutSpecification {
  return { type: "dropout", rate };
}

/** Batch normalisation (Ioffe and Szegedy, "Batch normalization", 2015), with PyTorch's meaning of `momentum` and its defaults. */
export function batchNormalization(
  options: Omit<BatchNormalizationSpecification, "type"> = {},
): BatchNormalizationSpecification {
  requireKnownOptions("batchNormalization", options, { momentum: true, epsilon: true }, "{ momentum: 0.1 }");
  return { type: "batchNormalization", ...options };
}

/** A block of layers that its own input is added to (He et al., "Deep residual learning for image recognition", 2016). */
export function residual(...layers: readonly LayerSpecification[]): ResidualSpecification {
  return { type: "residual", layers };
}

/**
 * An auxiliary output, so that layers far from the output hear of the error, too (Szegedy et al., "Going deeper with convolutions",
 * 2015). It is used in training alone.
 */
export function auxiliary(
  head: DenseSpecification,
  loss: { readonly specification: LossSpecification },
  options: { readonly weight?: number } = {},
): AuxiliarySpecification {
  requireKnownOptions("auxiliary", options, { weight: true }, "{ weight: 0.3 }");
  const { units, activation = "identity" } = head;
  return { type: "auxiliary", units, activation, loss: loss.specification, ...options };
}

/** A layer that brings every input to mean 0 and deviation 1, as the examples that the network is trained on first have them. */
export function standardize(): StandardizeSpecification {
  return { type: "standardize" };
}

/**
 * Checks that this is a layer, with the properties that its kind has and no others; their values are checked where the layer is made.
 *
 * @param where What a message calls it, such as `layers[2]`.
 */
export function checkLayer(layer: unknown, where: string): asserts layer is LayerSpecification {
  if (!isOptions(layer) || !("type" in layer)) {
    throw new InvalidArgumentError(
      `Expected a layer, such as dense(50, "relu"), for ${where} but received ${show(layer)}.`,
    );
  }
  const { type } = layer as { readonly type: unknown };
  const kinds = Object.keys(PROPERTIES);
  if (typeof type !== "string" || !kinds.includes(type)) {
    const nearest = typeof type === "string" ? nearestName(type, kinds) : undefined;
    const remedy = nearest === undefined ? `one of ${kinds.join(", ")}` : `such as ${nearest}`;
    throw new InvalidArgumentError(
      `Expected a type of layer, ${remedy}, for ${where} but received ${show(type)}.`,
    );
  }
  const { required, optional } = PROPERTIES[type as LayerSpecification["type"]];
  const missing = required.find((name) => !(name in layer));
  if (missing !== undefined) {
    throw new InvalidArgumentError(`Expected ${missing} of the ${type} layer ${where}, but there is none.`);
  }
  const known: readonly string[] = ["type", ...required, ...optional];
  const unknown = Object.keys(layer).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `Expected of the ${type} layer ${where} only ${known.join(", ")}, but received ${unknown}.`,
    );
  }
}

/** @throws InvalidArgumentError unless this is an activation, or `softmax` where that is allowed. */
export function checkActivation(value: unknown, where: string, softmax: boolean): void {
  const names: readonly unknown[] = softmax ? [...ACTIVATIONS, "softmax"] : ACTIVATIONS;
  if (!names.includes(value)) {
    throw new InvalidArgumentError(
      `Expected one of ${names.join(", ")} for the activation of ${where} but received ${show(value)}.`,
    );
  }
}
