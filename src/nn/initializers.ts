import type { RandomState } from "../random/random-state.js";
import type { Tensor } from "../tensor/tensor.js";

/** Draws the starting values of one layer's weights. */
export type Initializer = (weight: Tensor, random: RandomState) => void;

/** Draws from N(0, standardDeviation²). The chapter takes 0.1 for every layer. */
export function normalInitializer(standardDeviation = 0.1): Initializer {
  return (weight, random) => {
    random.normal(0, standardDeviation, weight.data);
  };
}
