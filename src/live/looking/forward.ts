import type { Inputs } from "../../data/dataset.js";
import type { ByteFeatures } from "../../data/features.js";
import type { MultilayerPerceptron } from "../../nn/mlp.js";
import { imageRows } from "../../tensor/layer-input.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Turns } from "./turns.js";

/** The activations of a network for many images, in several turns, of which the last goes on when it is resolved. */
export type Forward = (inputs: Inputs<ByteFeatures>, visit: Visit, isUrgent?: boolean) => Promise<void>;

/** Is given the activations of every layer for `count` images from place `first` on, valid until it returns. */
export type Visit = (activations: readonly Tensor[], first: number, count: number) => void;

/** Numbers that all activations of a minibatch may be. */
const MEMORY = 1 << 20;
const MOST_ROWS = 256;
/** Milliseconds of a minibatch: below the first there may be more rows in the next, above the second there have to be fewer. */
const SHORT = 8;
const LONG = 20;
/** A number of rows that took too long is tried again after so many minibatches: something else may have held it up. */
const PATIENCE = 50;

/** The size of its minibatches follows what they are found to cost: a wide network has few rows in each. */
export function createForward(network: MultilayerPerceptron, turns: Turns): Forward {
  const units = network.layers.reduce((sum, layer) => sum + layer.units, network.inputs);
  const most = 2 ** Math.floor(Math.log2(Math.min(MOST_ROWS, Math.max(1, MEMORY / units))));
  const slots = network.createSlots(most, { training: false }); // Shared: nobody else has a turn while they are read.
  let rows = 1;
  let tooMany = Number.POSITIVE_INFINITY;
  let sinceTooMany = 0;
  /** How many in a row took too long: one alone may have been held up by another process. */
  let longOnes = 0;
  /** Of a single row, which reads all weights: a few more cost hardly more. */
  let leastCost = Number.POSITIVE_INFINITY;
  const learnCost = (count: number, cost: number) => {
    if (count !== rows) return; // A rest.
    if (count === 1) leastCost = Math.min(leastCost, cost);
    if (++sinceTooMany > PATIENCE) tooMany = Number.POSITIVE_INFINITY;
    const isLong = count > 1 && cost > Math.max(LONG, 1.6 * leastCost);
    longOnes = isLong ? longOnes + 1 : 0;
    if (longOnes > 1) {
      longOnes = 0;
      tooMany = rows;
      sinceTooMany = 0;
      rows /= 2;
    } else if (
      !isLong &&
      cost < Math.max(SHORT, 1.25 * leastCost) &&
      2 * rows < tooMany &&
      2 * rows <= most
    ) {
      rows *= 2;
    }
  };
  return async ({ features, rows: all }, visit, isUrgent = false) => {
    const { data: images, width, scale, offset } = features;
    await turns.next(isUrgent);
    for (let first = 0; first < all.length; ) {
      const part = all.subarray(first, first + rows);
      const start = performance.now();
      visit(
        network.forward(imageRows({ images, rows: part, width, scale, offset }), slots),
        first,
        part.length,
      );
      learnCost(part.length, performance.now() - start);
      first += part.length;
      if (first < all.length && turns.isOver()) await turns.next(isUrgent);
    }
  };
}
