import type { Activation } from "../backend/backend.js";
import { activate, activationBackward, activationSaves, softmaxRows } from "../tensor/activations.js";
import type { LayerInput } from "../tensor/layer-input.js";
import { columnSums, descend, linear, matmul, weightGradient } from "../tensor/operations.js";
import type { Parameter } from "../tensor/parameter.js";
import { assign, type Tensor, type TensorOptions, zeros } from "../tensor/tensor.js";
import { checkUnits } from "./checks.js";
import { defaultInitializer, initializerOf } from "./initializer-choice.js";
import { type Initializer, leaveZeros } from "./initializers.js";
import type { BackwardPass, LayerContext, LayerPlan, OutputLayer, OutputSlot, SlotUse } from "./layer.js";
import type { DenseSpecification, OutputActivation } from "./specification.js";
import { checkActivation } from "./specification.js";

/** A fully connected layer: a = f(x Wᵀ + b). */
export class Dense implements OutputLayer {
  readonly specification: DenseSpecification;
  readonly inputs: number;
  readonly units: number;
  readonly activation: OutputActivation;
  /** Weight and bias. */
  readonly parameters: readonly [weight: Parameter, bias: Parameter];
  readonly buffers = [];
  readonly readsImages = true;

  constructor(specification: DenseSpecification, weight: Parameter, bias: Parameter) {
    const [units, inputs] = weight.value.shape as readonly [number, number];
    this.specification = specification;
    this.activation = specification.activation ?? "identity";
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

  createSlot(
    rows: number,
    { training, passesBack, keepsLogits = false, inputGradient = false }: SlotUse,
  ): OutputSlot {
    const { activation } = this;
    const options: TensorOptions = this.weight;
    const output = zeros([rows, this.units], options);
    const isWritten = activation === "softmax" || keepsLogits; // z is kept where a alone does not tell enough.
    const goesBack = training || inputGradient;
    const isSaved = goesBack && activation !== "softmax" && activationSaves[activation] === "input";
    return {
      output,
      activation,
      ...((isWritten || isSaved) && {
        preactivation: activation === "identity" ? output : zeros([rows, this.units], options),
      }),
      ...(((training && passesBack) || inputGradient) && { upstream: zeros([rows, this.inputs], options) }),
    };
  }

  forward(x: LayerInput, slot: OutputSlot): Tensor {
    const { weight, bias, activation } = this;
    const { output, preactivation } = slot;
    if (preactivation === undefined || activation === "identity") {
      return linear(x, weight, bias, { activation: activation as Activation, out: output }); // a = f(x Wᵀ + b)
    }
    const z = linear(x, weight, bias, { out: preactivation }); // x Wᵀ + b
    return activation === "softmax"
      ? softmaxRows(z, { out: output })
      : activate(z, activation, { out: output });
  }

  backward(x: LayerInput, upstream: Tensor, slot: OutputSlot, pass: BackwardPass): Tensor | undefined {
    return this.backwardFromDelta(x, this.deltaOf(upstream, slot), slot, pass);
  }

  private deltaOf(upstream: Tensor, slot: OutputSlot): Tensor {
    const activation = this.activation as Activation; // Softmax is for outputs, whose loss knows the delta.
    const saved = activationSaves[activation] === "input" ? slot.preactivation : slot.output;
    return activationBackward(upstream, saved as Tensor, activation, { out: upstream }); // upstream * f'(z)
  }

  /** @param delta The gradient with respect to z = x Wᵀ + b, [n_examples, n_units]. */
  backwardFromDelta(
    x: LayerInput,
    delta: Tensor,
    slot: OutputSlot,
    { descent }: BackwardPass,
  ): Tensor | undefined {
    const [weight, bias] = this.parameters;
    const upstream = slot.upstream && matmul(delta, weight.value, { out: slot.upstream }); // delta W: [n_examples, n_inputs]
    if (descent === undefined) {
      if (!weight.frozen) weightGradient(delta, x, { out: weight.gradient }); // deltaᵀ x: [n_units, n_examples] [n_examples, n_inputs]
      if (!bias.frozen) columnSums(delta, { out: bias.gradient });
    } else {
      descend(weight.value, bias.value, delta, x, descent); // W -= descent deltaᵀ x, b -= descent (column sums of delta)
    }
    return upstream;
  }

  inputGradient(_: LayerInput, upstream: Tensor, slot: OutputSlot): Tensor {
    return this.inputGradientFromDelta(this.deltaOf(upstream, slot), slot);
  }

  inputGradientFromDelta(delta: Tensor, { upstream }: OutputSlot): Tensor {
    return matmul(delta, this.weight, { out: upstream as Tensor }); // delta W: [n_examples, n_inputs]
  }
}

/** @param where What a message calls the layer, and its parameters' names begin with: `layers.0`. */
export function planDense(specification: DenseSpecification, inputs: number, where: string): LayerPlan {
  const { units, activation = "identity", initializer } = specification;
  checkUnits(units, where);
  checkActivation(activation, where, true);
  const own =
    initializer === undefined
      ? defaultInitializer(activation)
      : initializerOf(initializer, `the initializer of ${where}`);
  return {
    units,
    shapes: [
      { name: `${where}.weight`, shape: [units, inputs], decays: true },
      { name: `${where}.bias`, shape: [units], decays: false },
    ],
    create([weight, bias], context) {
      const layer = new Dense(specification, weight as Parameter, bias as Parameter); // Two shapes, two parameters.
      draw(layer, context.initializer ?? own, context);
      return layer;
    },
  };
}

function draw(
  { weight, bias }: Dense,
  initializer: Initializer,
  { random, dtype, backend }: LayerContext,
): void {
  if (initializer === leaveZeros) return;
  const drawn = zeros(weight.shape, { dtype, backend }); // Row by row, whatever the weight's own order is.
  initializer(drawn, random);
  assign(weight, drawn.data);
  initializer.bias?.(bias, drawn, random);
}
