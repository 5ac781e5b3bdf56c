import type { LayerInput } from "../tensor/layer-input.js";
import {
  columnSums,
  descend,
  linear,
  matmul,
  sigmoidBackward,
  weightGradient,
} from "../tensor/operations.js";
import type { Parameter } from "../tensor/parameter.js";
import { type Tensor, type TensorOptions, zeros } from "../tensor/tensor.js";
import type { OutputLayer, Slot, SlotUse } from "./layer.js";
import type { ParameterShape } from "./parameters.js";

/** A fully connected layer of sigmoid units: a = sigmoid(x Wᵀ + b). */
export class Dense implements OutputLayer {
  readonly inputs: number;
  readonly units: number;
  /** Weight and bias. */
  readonly parameters: readonly [weight: Parameter, bias: Parameter];
  readonly buffers: readonly Tensor[] = [];

  /** The parameters that a layer of this size needs: weight, [n_units, n_inputs], and bias, [n_units]. */
  static parameterShapes(prefix: string, inputs: number, units: number): readonly ParameterShape[] {
    return [
      { name: `${prefix}.weight`, shape: [units, inputs], decays: true },
      { name: `${prefix}.bias`, shape: [units], decays: false },
    ];
  }

  constructor(weight: Parameter, bias: Parameter) {
    const [units, inputs] = weight.value.shape as readonly [number, number];
    this.inputs = inputs;
    this.units = units;
    this.parameters = [weight, bias];
  }

  /** [n_units, n_inputs] */
  get weight(): Tensor {
    return this.parameters[0].value;
  }

  /** [n_units] */
  get bias(): Tensor {
    return this.parameters[1].value;
  }

  createSlot(rows: number, { training, first }: SlotUse): Slot {
    const options: TensorOptions = this.weight;
    const output = zeros([rows, this.units], options);
    return training && !first ? { output, upstream: zeros([rows, this.inputs], options) } : { output };
  }

  forward(x: LayerInput, slot: Slot): Tensor {
    return linear(x, this.weight, this.bias, { activation: "sigmoid", out: slot.output }); // a = sigmoid(x Wᵀ + b)
  }

  backward(x: LayerInput, upstream: Tensor, slot: Slot, descent?: number): Tensor | undefined {
    const delta = sigmoidBackward(upstream, slot.output, { out: upstream }); // upstream * a * (1 - a)
    return this.backwardFromDelta(x, delta, slot, descent);
  }

  /** @param delta The gradient with respect to z = x Wᵀ + b, [n_examples, n_units]. */
  backwardFromDelta(x: LayerInput, delta: Tensor, slot: Slot, descent?: number): Tensor | undefined {
    const [weight, bias] = this.parameters;
    const upstream = slot.upstream && matmul(delta, weight.value, { out: slot.upstream }); // delta W: [n_examples, n_inputs]
    if (descent === undefined) {
      weightGradient(delta, x, { out: weight.gradient }); // deltaᵀ x: [n_units, n_examples] [n_examples, n_inputs]
      columnSums(delta, { out: bias.gradient });
    } else {
      descend(weight.value, bias.value, delta, x, descent); // W -= descent deltaᵀ x, b -= descent (column sums of delta)
    }
    return upstream;
  }
}
