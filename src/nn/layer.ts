import type { LayerInput } from "../tensor/layer-input.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";

/** What a layer keeps of a minibatch between the passes: tensors with a row for each example, made once and written over. */
export interface Slot {
  /** The layer's activations, [n_examples, n_units]. */
  readonly output: Tensor;
  /** z = x Wᵀ + b, for activations whose derivative needs it, [n_examples, n_units]. */
  readonly preactivation?: Tensor;
  /** The gradient of the loss with respect to the layer's input, [n_examples, n_inputs]: the upstream of the layer before. */
  readonly upstream?: Tensor;
}

/** What a slot is for. */
export interface SlotUse {
  /** Whether there will be a backward pass. */
  readonly training: boolean;
  /** Whether the layer reads the network's input, with respect to which no gradient is wanted. */
  readonly first: boolean;
}

/** A step of a network from inputs to activations, with the parameters that it learns. */
export interface Layer<S extends Slot = Slot> {
  readonly inputs: number;
  readonly units: number;
  readonly parameters: readonly Parameter[];
  /** What belongs to the layer and is not learned by gradients, such as running means. */
  readonly buffers: readonly Tensor[];

  /** Memory for up to `rows` examples. */
  createSlot(rows: number, use: SlotUse): S;

  /**
   * The layer's activations, kept in the slot.
   *
   * @param x [n_examples, n_inputs]
   * @returns `slot.output`, [n_examples, n_units]
   */
  forward(x: LayerInput, slot: S): Tensor;

  /**
   * The gradients of the parameters, which it fills, and of the input.
   *
   * @param x What `forward` was given.
   * @param upstream dL/da, [n_examples, n_units]. It is written over.
   * @param descent The learning rate of a step of plain gradient descent. With it no gradient is filled; instead every parameter at once
   *   loses `descent` times its gradient, with the bits that the gradient and the step by themselves would give.
   * @returns dL/dx, [n_examples, n_inputs], where the slot has room for it: of the parameters as `forward` saw them.
   */
  backward(x: LayerInput, upstream: Tensor, slot: S, descent?: number): Tensor | undefined;
}

/** A layer that can be a network's last. */
export interface OutputLayer<S extends Slot = Slot> extends Layer<S> {
  /** As {@link Layer.backward}, from the gradient with respect to z = x Wᵀ + b, which the loss computes in one pass. */
  backwardFromDelta(x: LayerInput, delta: Tensor, slot: S, descent?: number): Tensor | undefined;
}
