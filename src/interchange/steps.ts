import type { Backend, DType, FloatArray } from "../backend/backend.js";
import { ShapeError } from "../errors.js";
import { ActivationLayer } from "../nn/activation-layer.js";
import { Auxiliary } from "../nn/auxiliary.js";
import { BatchNormalization } from "../nn/batch-normalization.js";
import { Dense } from "../nn/dense.js";
import { Dropout } from "../nn/dropout.js";
import { leaveZeros } from "../nn/initializers.js";
import type { Layer } from "../nn/layer.js";
import type { LossName } from "../nn/losses/create-loss.js";
import type { LossSpecification } from "../nn/losses/specification.js";
import { MultilayerPerceptron } from "../nn/mlp.js";
import { Residual } from "../nn/residual.js";
import type { LayerSpecification, OutputActivation } from "../nn/specification.js";
import { Standardize } from "../nn/standardize.js";
import { assign, toArray } from "../tensor/tensor.js";

// What a network does in use, step by step, without what only training needs: what every other program's form is written from and
// read into.

/** z = x Wᵀ + b */
export interface LinearStep {
  readonly kind: "linear";
  /** [units, inputs], row by row. */
  readonly weight: FloatArray;
  /** [units] */
  readonly bias: FloatArray;
  readonly units: number;
  readonly inputs: number;
}

/** a = f(z), element by element, or of a softmax row by row. */
export interface ActivationStep {
  readonly kind: "activation";
  readonly activation: Exclude<OutputActivation, "identity">;
}

/** y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, column by column: a batch normalisation by its running statistics. */
export interface NormalizationStep {
  readonly kind: "normalization";
  readonly gamma: FloatArray;
  readonly beta: FloatArray;
  readonly mean: FloatArray;
  readonly variance: FloatArray;
  readonly epsilon: number;
}

/** y = (x - mean) / deviation, column by column. */
export interface StandardizationStep {
  readonly kind: "standardization";
  readonly mean: FloatArray;
  readonly deviation: FloatArray;
}

/** y = x + steps(x) */
export interface ResidualStep {
  readonly kind: "residual";
  readonly steps: readonly Step[];
}

export type Step = LinearStep | ActivationStep | NormalizationStep | StandardizationStep | ResidualStep;

/** A network in use: dropout and auxiliary outputs, which are for training, are left out. */
export interface NetworkSteps {
  readonly inputs: number;
  readonly outputs: number;
  /** What all numbers are. */
  readonly dtype: DType;
  readonly steps: readonly Step[];
}

/** What a network does in use; its numbers are copied. */
export function stepsOf({ inputs, outputs, dtype, layers }: MultilayerPerceptron): NetworkSteps {
  return { inputs, outputs, dtype, steps: layers.flatMap(stepsOfLayer) };
}

function stepsOfLayer(layer: Layer): readonly Step[] {
  if (layer instanceof Dense) {
    const { weight, bias, units, inputs, activation } = layer;
    const linear = { kind: "linear", weight: toArray(weight), bias: toArray(bias), units, inputs } as const;
    return [linear, ...stepsOfActivation(activation)];
  }
  if (layer instanceof ActivationLayer) return stepsOfActivation(layer.specification.activation);
  if (layer instanceof BatchNormalization) {
    const [gamma, beta] = layer.parameters;
    const [mean, variance] = layer.buffers;
    return [
      {
        kind: "normalization",
        gamma: toArray(gamma.value),
        beta: toArray(beta.value),
        mean: toArray(mean.value),
        variance: toArray(variance.value),
        epsilon: layer.specification.epsilon ?? 1e-5,
      },
    ];
  }
  if (layer instanceof Standardize) {
    const [mean, deviation] = layer.buffers;
    if (!layer.hasLearned) return []; // Until it has learned, x stays as it is.
    return [{ kind: "standardization", mean: toArray(mean.value), deviation: toArray(deviation.value) }];
  }
  if (layer instanceof Residual) return [{ kind: "residual", steps: layer.layers.flatMap(stepsOfLayer) }];
  if (layer instanceof Dropout || layer instanceof Auxiliary) return [];
  throw new TypeError(`There are no steps for a ${layer.specification.type} layer.`);
}

function stepsOfActivation(activation: OutputActivation): readonly ActivationStep[] {
  return activation === "identity" ? [] : [{ kind: "activation", activation }];
}

/** How to make a network of steps. */
export interface NetworkOfStepsOptions {
  /** Default: by the output, as for every network: `crossEntropy` for a softmax, and so on. */
  readonly loss?: LossName | LossSpecification | undefined;
  readonly backend?: Backend | undefined;
}

/**
 * A network that does these steps, and can be trained further.
 *
 * @throws ShapeError when widths do not meet.
 * @throws InvalidArgumentError when the last step is not a linear one with or without an activation, or when a softmax is elsewhere.
 */
export function networkOf(
  { inputs, dtype, steps }: Omit<NetworkSteps, "outputs">,
  options: NetworkOfStepsOptions = {},
): MultilayerPerceptron {
  const layers = layersOf(steps);
  const network = new MultilayerPerceptron({
    layers: [inputs, ...layers.map(({ specification }) => specification)],
    dtype,
    initializer: leaveZeros,
    ...options,
  });
  fillLayers(network.layers, layers);
  return network;
}

interface LayerOfStep {
  readonly specification: LayerSpecification;
  readonly step: Step;
  /** Of a residual layer. */
  readonly layers: readonly LayerOfStep[];
}

/** A linear step and the activation after it are one layer. */
function layersOf(steps: readonly Step[]): readonly LayerOfStep[] {
  const layers: LayerOfStep[] = [];
  for (const [i, step] of steps.entries()) {
    const next = steps[i + 1];
    switch (step.kind) {
      case "linear": {
        const activation = next?.kind === "activation" ? next.activation : "identity";
        layers.push({ specification: { type: "dense", units: step.units, activation }, step, layers: [] });
        break;
      }
      case "activation": {
        if (steps[i - 1]?.kind === "linear") break; // It is part of that layer.
        const activation = step.activation as Exclude<typeof step.activation, "softmax">; // Refused by the layer otherwise.
        layers.push({ specification: { type: "activation", activation }, step, layers: [] });
        break;
      }
      case "normalization": {
        const { epsilon } = step;
        layers.push({ specification: { type: "batchNormalization", epsilon }, step, layers: [] });
        break;
      }
      case "standardization":
        layers.push({ specification: { type: "standardize" }, step, layers: [] });
        break;
      case "residual": {
        const block = layersOf(step.steps);
        const specification = {
          type: "residual",
          layers: block.map((layer) => layer.specification),
        } as const;
        layers.push({ specification, step, layers: block });
      }
    }
  }
  return layers;
}

function fillLayers(targets: readonly Layer[], layers: readonly LayerOfStep[]): void {
  for (const [i, { step, layers: block }] of layers.entries()) {
    const target = targets[i];
    if (target instanceof Dense && step.kind === "linear") {
      requireWidth(`layer ${i}`, target.inputs, step.inputs);
      assign(target.weight, step.weight);
      assign(target.bias, step.bias);
    } else if (target instanceof BatchNormalization && step.kind === "normalization") {
      requireWidth(`layer ${i}`, target.units, step.gamma.length);
      const [gamma, beta] = target.parameters;
      const [mean, variance] = target.buffers;
      assign(gamma.value, step.gamma);
      assign(beta.value, step.beta);
      assign(mean.value, step.mean);
      assign(variance.value, step.variance);
    } else if (target instanceof Standardize && step.kind === "standardization") {
      requireWidth(`layer ${i}`, target.units, step.mean.length);
      target.learn(step.mean, step.deviation);
    } else if (target instanceof Residual) {
      fillLayers(target.layers, block);
    }
  }
}

function requireWidth(where: string, expected: number, found: number): void {
  if (found !== expected) {
    throw new ShapeError(
      `Expected ${where} to take the ${expected} numbers that the one before it gives, but it takes ${found}.`,
    );
  }
}
