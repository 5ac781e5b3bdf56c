import type { Backend, DType } from "../backend/backend.js";
import type { RandomState } from "../random/random-state.js";
import type { BatchTargets } from "../tensor/batch.js";
import type { LayerInput } from "../tensor/layer-input.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Initializer } from "./initializers.js";
import type { ParameterShape } from "./parameters.js";
import type { LayerSpecification, OutputActivation } from "./specification.js";

/** What a layer keeps of a minibatch between the passes: tensors with a row for each example, made once and written over. */
export interface Slot {
  /** The layer's activations, [n_examples, n_units]. */
  readonly output: Tensor;
  /** z = x Wᵀ + b, for derivatives and losses that need it, [n_examples, n_units]. */
  readonly preactivation?: Tensor;
  /** The gradient of the loss with respect to the layer's input, [n_examples, n_inputs]: the upstream of the layer before. */
  readonly upstream?: Tensor;
}

/** The slot of a layer that a loss reads. */
export interface OutputSlot extends Slot {
  /** What made {@link output} of z. */
  readonly activation: OutputActivation;
}

/** What a slot is for. */
export interface SlotUse {
  /** Whether there will be a backward pass: then a layer also does what it does in training alone. */
  readonly training: boolean;
  /** Whether a layer before this one learns, so that the gradient with respect to the input is wanted. */
  readonly passesBack: boolean;
  /** Whether z must be kept, for the loss. Default: `false`. */
  readonly keepsLogits?: boolean;
  /** Whether there will be a pass back to the network's inputs, without training: {@link Layer.inputGradient}. Default: `false`. */
  readonly inputGradient?: boolean;
}

/** What a backward pass goes by, beside the gradients. */
export interface BackwardPass {
  readonly targets: BatchTargets;
  /**
   * The learning rate of a step of plain gradient descent. With it no gradient is filled; instead every parameter at once loses
   * `descent` times its gradient, with the bits that the gradient and the step by themselves would give.
   */
  readonly descent: number | undefined;
}

/** Numbers of a layer that are not learned by gradients, such as running means. */
export interface LayerBuffer {
  readonly name: string;
  readonly value: Tensor;
}

/** A step of a network from inputs to activations, with the parameters that it learns. */
export interface Layer<S extends Slot = Slot> {
  /** What the layer is, so that another can be made like it. */
  readonly specification: LayerSpecification;
  readonly inputs: number;
  readonly units: number;
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly LayerBuffer[];
  /** Whether `forward` takes images as well as numbers. */
  readonly readsImages: boolean;

  /** Memory for up to `rows` examples. */
  createSlot(rows: number, use: SlotUse): S;

  /**
   * The layer's activations, which are kept in the slot.
   *
   * @param x [n_examples, n_inputs]
   * @returns [n_examples, n_units]
   */
  forward(x: LayerInput, slot: S): Tensor;

  /**
   * The gradients of the parameters, which it fills, and of the input.
   *
   * @param x What `forward` was given.
   * @param upstream dL/da, [n_examples, n_units]. It is written over.
   * @returns dL/dx, [n_examples, n_inputs], where a layer before this one wants it: of the parameters as `forward` saw them.
   */
  backward(x: LayerInput, upstream: Tensor, slot: S, pass: BackwardPass): Tensor | undefined;

  /**
   * The gradient with respect to the input alone, after a pass that was not for training, from slots that were made for it: what the layer
   * does in use is differentiated, and no gradient of a parameter is filled.
   *
   * @param x What `forward` was given.
   * @param upstream The gradient with respect to a, [n_examples, n_units]. It is written over.
   * @returns That with respect to x, [n_examples, n_inputs].
   */
  inputGradient(x: LayerInput, upstream: Tensor, slot: S): Tensor;

  /** What the layer adds to the loss that training makes small, for the minibatch that is in the slot. */
  addedLoss?(slot: S, targets: BatchTargets): number;

  /** Of a layer with a random stream of its own: how many minibatches have drawn from it. */
  draws?: number;
  /** Of a layer with a random stream: which row of the minibatch the first one of the next passes is. */
  firstRow?: number;

  /** Of a block: what it is made of. */
  readonly layers?: readonly Layer[];
}

/** A layer that can be a network's last. */
export interface OutputLayer<S extends OutputSlot = OutputSlot> extends Layer<S> {
  /** As {@link Layer.backward}, from the gradient with respect to z = x Wᵀ + b, which the loss computes in one pass. */
  backwardFromDelta(x: LayerInput, delta: Tensor, slot: S, pass: BackwardPass): Tensor | undefined;
  /** As {@link Layer.inputGradient}, from the gradient with respect to z. */
  inputGradientFromDelta(delta: Tensor, slot: S): Tensor;
}

/** A layer before its memory is made: the parameters of all layers are views of the same arrays. */
export interface LayerPlan {
  readonly units: number;
  readonly shapes: readonly ParameterShape[];
  /** @param parameters Those of {@link shapes}, in order. */
  create(parameters: readonly Parameter[], context: LayerContext): Layer;
}

/** What layers of a network have in common when they are made. */
export interface LayerContext {
  readonly dtype: DType;
  readonly backend: Backend;
  /** Draws the weights, layer by layer. */
  readonly random: RandomState;
  /** For all weights, whatever a layer says of its own. */
  readonly initializer: Initializer | undefined;
  /** The network's; random streams of layers begin with it. */
  readonly seed: number;
  /** A number that no other stream of the network has. */
  nextStream(): number;
}

/** Whether any of the parameters may change. */
export function learns({ parameters }: Pick<Layer, "parameters">): boolean {
  return parameters.some(({ frozen }) => frozen !== true);
}
