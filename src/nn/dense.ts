import { layer as applyLayer, type LayerInput } from "../tensor/layer-input.js";
import { type OutputOption, type Tensor, type TensorOptions, zeros } from "../tensor/tensor.js";

/** A fully connected layer of sigmoid units: a = sigmoid(x Wᵀ + b). */
export interface Dense {
  /** [n_units, n_inputs] */
  readonly weight: Tensor;
  /** [n_units] */
  readonly bias: Tensor;
}

/** A layer whose weights and biases are zero. */
export function createDense(inputs: number, units: number, options: TensorOptions): Dense {
  return { weight: zeros([units, inputs], options), bias: zeros([units], options) };
}

/**
 * The layer's activations.
 *
 * @param x [n_examples, n_inputs]
 * @returns [n_examples, n_units]
 */
export function denseForward(layer: Dense, x: LayerInput, { out }: OutputOption = {}): Tensor {
  return applyLayer(x, layer.weight, layer.bias, { activation: "sigmoid", out });
}
