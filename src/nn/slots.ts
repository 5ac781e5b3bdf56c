import { type Tensor, zeros } from "../tensor/tensor.js";
import type { Layer, Slot } from "./layer.js";
import { firstRowsOfEach } from "./parameters.js";

/** Memory for the minibatches of a network, made once: `MultilayerPerceptron.createSlots` makes it. */
export interface NetworkSlots {
  /** The most examples that a minibatch may have. */
  readonly rows: number;
  /** Views for a number of examples, made when they are first asked for, so that the minibatch loop allocates nothing. */
  forRows(examples: number): BatchSlots;
}

/** Memory for a minibatch with a certain number of examples. */
export interface BatchSlots {
  /** For each layer what it keeps. */
  readonly layers: readonly Slot[];
  /** The activations of each layer: those of its slot. */
  readonly activations: readonly Tensor[];
  /** The gradient with respect to z of the output layer, [n_examples, n_outputs]; without training there is none. */
  readonly delta: Tensor | undefined;
}

/** @param training Whether there must be room for `backward`, too. */
export function createSlots(layers: readonly Layer[], rows: number, training: boolean): NetworkSlots {
  const all = layers.map((layer, l) => layer.createSlot(rows, { training, first: l === 0 }));
  const outputs = all[all.length - 1]?.output;
  const delta = training && outputs !== undefined ? zeros(outputs.shape, outputs) : undefined;
  const views = new Map<number, BatchSlots>();
  return {
    rows,
    forRows(examples) {
      let view = views.get(examples);
      if (view === undefined) {
        const slots = all.map((slot) => firstRowsOfEach(slot, examples));
        view = {
          layers: slots,
          activations: slots.map(({ output }) => output),
          ...firstRowsOfEach({ delta }, examples),
        };
        views.set(examples, view);
      }
      return view;
    },
  };
}
