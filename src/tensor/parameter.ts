import type { Tensor } from "./tensor.js";

/** Numbers that a network learns, and the gradient that they learn by. */
export interface Parameter {
  /** `layers.0.weight`, `layers.0.bias`, … */
  readonly name: string;
  readonly value: Tensor;
  /** The gradient of the loss with respect to the value, of its shape, as the last backward pass left it. */
  readonly gradient: Tensor;
  /** Whether weight decay applies: to weights, not to biases. */
  readonly decays: boolean;
  /** Whether training leaves it as it is; `MultilayerPerceptron.freeze` sets it. */
  frozen?: boolean;
}
