import { activate, activationBackward, activationSaves } from "../tensor/activations.js";
import type { LayerInput } from "../tensor/layer-input.js";
import { type Tensor, type TensorOptions, zeros } from "../tensor/tensor.js";
import type { Layer, LayerPlan, Slot } from "./layer.js";
import { type ActivationSpecification, checkActivation } from "./specification.js";

/** a = f(x), element by element. */
export class ActivationLayer implements Layer {
  readonly parameters = [];
  readonly buffers = [];
  readonly readsImages = false;

  readonly specification: ActivationSpecification;
  readonly units: number;
  private readonly options: TensorOptions;

  constructor(specification: ActivationSpecification, units: number, options: TensorOptions) {
    this.specification = specification;
    this.units = units;
    this.options = options;
  }

  get inputs(): number {
    return this.units;
  }

  createSlot(rows: number): Slot {
    return { output: zeros([rows, this.units], this.options) };
  }

  forward(x: LayerInput, { output }: Slot): Tensor {
    return activate(x as Tensor, this.specification.activation, { out: output });
  }

  backward(x: LayerInput, upstream: Tensor, { output }: Slot): Tensor {
    const { activation } = this.specification;
    const saved = activationSaves[activation] === "input" ? (x as Tensor) : output;
    return activationBackward(upstream, saved, activation, { out: upstream }); // upstream * f'(x)
  }

  inputGradient(x: LayerInput, upstream: Tensor, slot: Slot): Tensor {
    return this.backward(x, upstream, slot);
  }
}

export function planActivation(
  specification: ActivationSpecification,
  inputs: number,
  where: string,
): LayerPlan {
  checkActivation(specification.activation, where, false);
  return {
    units: inputs,
    shapes: [],
    create: (_, context) => new ActivationLayer(specification, inputs, context),
  };
}
