import type { BatchTargets } from "../tensor/batch.js";
import type { LayerInput } from "../tensor/layer-input.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import {
  type BackwardPass,
  type Layer,
  type LayerContext,
  type LayerPlan,
  learns,
  type Slot,
  type SlotUse,
} from "./layer.js";

/** What a chain keeps between the passes. */
export interface ChainSlot {
  /** Of each layer. */
  readonly layers: readonly Slot[];
  /** The activations of each layer, as the last forward pass left them. */
  readonly activations: Tensor[];
}

// Layers, one after the other.

/** @param parameters Those of the plans' shapes, in order. */
export function createChain(
  plans: readonly LayerPlan[],
  parameters: readonly Parameter[],
  context: LayerContext,
): readonly Layer[] {
  let first = 0;
  return plans.map((plan) => {
    const own = parameters.slice(first, first + plan.shapes.length);
    first += plan.shapes.length;
    return plan.create(own, context);
  });
}

/** Memory for up to `rows` examples. */
export function createChainSlot(layers: readonly Layer[], rows: number, use: SlotUse): ChainSlot {
  let passesBack = use.passesBack;
  const slots = layers.map((layer, l) => {
    const isLast = l === layers.length - 1;
    const slot = layer.createSlot(rows, {
      ...use,
      passesBack,
      keepsLogits: isLast && use.keepsLogits === true,
    });
    passesBack ||= learns(layer);
    return slot;
  });
  return { layers: slots, activations: slots.map(({ output }) => output) };
}

/** @returns The activations of the last layer. */
export function forwardChain(layers: readonly Layer[], x: LayerInput, slot: ChainSlot): Tensor {
  let a = x;
  for (let l = 0; l < layers.length; l++) {
    a = (layers[l] as Layer).forward(a, slot.layers[l] as Slot); // f(a Wᵀ + b)
    slot.activations[l] = a;
  }
  return a as Tensor; // There is at least one layer.
}

/**
 * @param upstream The gradient of the loss with respect to the activations of layer `last`.
 * @param last The layer to begin with. Default: the last.
 * @returns dL/dx, where it is wanted.
 */
export function backwardChain(
  layers: readonly Layer[],
  x: LayerInput,
  upstream: Tensor | undefined,
  slot: ChainSlot,
  pass: BackwardPass,
  last = layers.length - 1,
): Tensor | undefined {
  let gradient = upstream;
  for (let l = last; l >= 0 && gradient !== undefined; l--) {
    gradient = (layers[l] as Layer).backward(inputOf(l, x, slot), gradient, slot.layers[l] as Slot, pass);
  }
  return gradient; // dL/da of the layer before
}

/**
 * The gradient with respect to x alone, of a pass that was not for training.
 *
 * @param upstream That with respect to the activations of layer `last`. It is written over.
 * @param last The layer to begin with; -1 is x itself. Default: the last.
 */
export function inputGradientOfChain(
  layers: readonly Layer[],
  x: LayerInput,
  upstream: Tensor,
  slot: ChainSlot,
  last = layers.length - 1,
): Tensor {
  let gradient = upstream;
  for (let l = last; l >= 0; l--) {
    gradient = (layers[l] as Layer).inputGradient(inputOf(l, x, slot), gradient, slot.layers[l] as Slot);
  }
  return gradient;
}

/** What layer `l` reads. */
export function inputOf(l: number, x: LayerInput, { activations }: ChainSlot): LayerInput {
  return l === 0 ? x : (activations[l - 1] as Tensor);
}

/** The losses that layers add to the network's. */
export function addedLosses(layers: readonly Layer[], slot: ChainSlot, targets: BatchTargets): number {
  return layers.reduce((sum, layer, l) => sum + (layer.addedLoss?.(slot.layers[l] as Slot, targets) ?? 0), 0);
}

type RandomLayer = Layer & Required<Pick<Layer, "draws" | "firstRow">>;

/** Those that draw random numbers in training, those within others included. */
export function randomLayers(layers: readonly Layer[]): readonly RandomLayer[] {
  return layers.flatMap((layer) => [
    ...("draws" in layer ? [layer as RandomLayer] : []),
    ...randomLayers(layer.layers ?? []),
  ]);
}
