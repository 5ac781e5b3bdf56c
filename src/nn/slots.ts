import { firstRows, type Tensor, zeros } from "../tensor/tensor.js";
import { type ChainSlot, createChainSlot } from "./chain.js";
import type { Layer, OutputSlot } from "./layer.js";

/** Memory for the minibatches of a network, made once: `MultilayerPerceptron.createSlots` makes it. */
export interface NetworkSlots {
  /** The most examples that a minibatch may have. */
  readonly rows: number;
  /** Views for a number of examples, made when they are first asked for, so that the minibatch loop allocates nothing. */
  forRows(examples: number): BatchSlots;
}

/** Memory for a minibatch with a certain number of examples. */
export interface BatchSlots extends ChainSlot {
  /** What the output layer keeps. */
  readonly output: OutputSlot;
  /** The gradient with respect to z of the output layer, [n_examples, n_outputs]; without training there is none. */
  readonly delta: Tensor | undefined;
  /** Whether there is room for `inputGradient`. */
  readonly inputGradient: boolean;
  /** The pixels of images as numbers, for a first layer that does not read bytes; made when they are first needed. */
  numbers: Tensor | undefined;
}

export interface SlotsUse {
  /** Whether there must be room for `backward`, too. */
  readonly training: boolean;
  /** Whether the loss reads z. */
  readonly keepsLogits: boolean;
  /** Whether there must be room for `inputGradient`. */
  readonly inputGradient: boolean;
}

export function createSlots(layers: readonly Layer[], rows: number, use: SlotsUse): NetworkSlots {
  const all = createChainSlot(layers, rows, { ...use, passesBack: false });
  const last = all.layers[all.layers.length - 1] as OutputSlot; // There is at least one layer.
  const delta = use.training ? zeros(last.output.shape, last.output) : undefined;
  const views = new Map<number, BatchSlots>();
  return {
    rows,
    forRows(examples) {
      let view = views.get(examples);
      if (view === undefined) {
        const chain = firstRowsOf(all, examples);
        view = {
          ...chain,
          output: chain.layers[chain.layers.length - 1] as OutputSlot,
          delta: firstRowsOf(delta, examples),
          inputGradient: use.inputGradient,
          numbers: undefined,
        };
        views.set(examples, view);
      }
      return view;
    },
  };
}

/** The same with only the first `count` rows of each tensor in it; a tensor for fewer rows stays as it is. */
function firstRowsOf<T>(value: T, count: number): T {
  if (isTensor(value)) return (value.shape[0] === 0 ? value : firstRows(value, count)) as T;
  if (Array.isArray(value)) return value.map((item) => firstRowsOf(item, count)) as T;
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, firstRowsOf(item, count)]),
  ) as T;
}

function isTensor(x: unknown): x is Tensor {
  return typeof x === "object" && x !== null && "shape" in x && "backend" in x;
}
