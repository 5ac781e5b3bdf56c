import type { FloatArray } from "../../backend/backend.js";
import { ActivationLayer } from "../../nn/activation-layer.js";
import { Auxiliary } from "../../nn/auxiliary.js";
import { BatchNormalization } from "../../nn/batch-normalization.js";
import { Dense } from "../../nn/dense.js";
import { Dropout } from "../../nn/dropout.js";
import type { Layer } from "../../nn/layer.js";
import { Residual } from "../../nn/residual.js";
import type { LayerSpecification, OutputActivation } from "../../nn/specification.js";
import { Standardize } from "../../nn/standardize.js";
import { toArray } from "../../tensor/tensor.js";

// A network as PyTorch's nn.Sequential has it: a list of modules, and tensors whose names begin with a module's place in the list.

/** An entry of nn.Sequential. */
export interface TorchModule {
  /** What makes it, as `nn.Linear(784, 50)`; of a block, its name alone: `Residual`. */
  readonly call: string;
  /** Numbers that come out for each example. */
  readonly units: number;
  /** Of its state_dict, by their names in it. */
  readonly tensors: readonly TorchTensor[];
  /** What a block is made of. */
  readonly block?: readonly TorchModule[];
}

export interface TorchTensor {
  /** `weight` in a module, `0.weight` in a network. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: FloatArray;
}

/** As PyTorch names them: exact gelu, slope 0.01, alpha 1. */
const ACTIVATIONS: Readonly<Record<Exclude<OutputActivation, "identity">, string>> = {
  sigmoid: "nn.Sigmoid()",
  tanh: "nn.Tanh()",
  relu: "nn.ReLU()",
  leakyRelu: "nn.LeakyReLU(0.01)",
  elu: "nn.ELU()",
  gelu: "nn.GELU()",
  silu: "nn.SiLU()",
  softmax: "nn.Softmax(dim=1)",
};

/** A dense layer becomes an nn.Linear and its activation; auxiliary outputs, which are for training here, are left out. */
export function torchModules(layers: readonly Layer[]): readonly TorchModule[] {
  return layers.flatMap(modulesOfLayer);
}

function modulesOfLayer(layer: Layer): readonly TorchModule[] {
  const { units } = layer;
  if (layer instanceof Dense) {
    const { weight, bias, inputs, activation } = layer;
    const tensors = [
      { name: "weight", shape: [units, inputs], data: toArray(weight) },
      { name: "bias", shape: [units], data: toArray(bias) },
    ];
    return [
      { call: `nn.Linear(${inputs}, ${units})`, units, tensors },
      ...modulesOfActivation(activation, units),
    ];
  }
  if (layer instanceof ActivationLayer) return modulesOfActivation(layer.specification.activation, units);
  if (layer instanceof Dropout)
    return [{ call: `nn.Dropout(${pythonNumber(layer.specification.rate)})`, units, tensors: [] }];
  if (layer instanceof BatchNormalization) {
    const { epsilon = 1e-5, momentum = 0.1 } = layer.specification;
    const [gamma, beta] = layer.parameters;
    const [mean, variance] = layer.buffers;
    const call = `nn.BatchNorm1d(${units}, eps=${pythonNumber(epsilon)}, momentum=${pythonNumber(momentum)})`;
    // PyTorch counts minibatches in num_batches_tracked, too, and sets it to 0 where a file has none.
    const tensors = [
      { name: "weight", shape: [units], data: toArray(gamma.value) },
      { name: "bias", shape: [units], data: toArray(beta.value) },
      { name: "running_mean", shape: [units], data: toArray(mean.value) },
      { name: "running_var", shape: [units], data: toArray(variance.value) },
    ];
    return [{ call, units, tensors }];
  }
  if (layer instanceof Standardize) {
    const [mean, deviation] = layer.buffers.map(({ value }) => toArray(value)) as [FloatArray, FloatArray];
    if (!layer.hasLearned) deviation.fill(1); // Until then x stays as it is.
    const tensors = [
      { name: "mean", shape: [units], data: mean },
      { name: "deviation", shape: [units], data: deviation },
    ];
    return [{ call: `Standardize(${units})`, units, tensors }];
  }
  if (layer instanceof Residual) {
    return [{ call: "Residual", units, tensors: [], block: torchModules(layer.layers) }];
  }
  if (layer instanceof Auxiliary) return [];
  throw new TypeError(`There is no module for a ${layer.specification.type} layer.`);
}

/** As a person would write it: 0.1, and 1e-5. */
function pythonNumber(value: number): string {
  const [plain, exponential] = [String(value), value.toExponential()];
  return plain.length <= exponential.length ? plain : exponential;
}

function modulesOfActivation(activation: OutputActivation, units: number): readonly TorchModule[] {
  return activation === "identity" ? [] : [{ call: ACTIVATIONS[activation], units, tensors: [] }];
}

/** The tensors of all modules, by their names in the network's state_dict. */
export function stateOf(modules: readonly TorchModule[], prefix = ""): readonly TorchTensor[] {
  return modules.flatMap(({ tensors, block = [] }, i) => [
    ...tensors.map((tensor) => ({ ...tensor, name: `${prefix}${i}.${tensor.name}` })),
    ...stateOf(block, `${prefix}${i}.`),
  ]);
}

/** Layers as they are exported: without auxiliary outputs. */
export function withoutAuxiliary(layers: readonly LayerSpecification[]): readonly LayerSpecification[] {
  return layers
    .filter(({ type }) => type !== "auxiliary")
    .map((layer) =>
      layer.type === "residual" ? { ...layer, layers: withoutAuxiliary(layer.layers) } : layer,
    );
}
