import type { RandomState } from "../../random/random-state.js";

// Made of exact operations alone: `RandomState.normal` needs a logarithm, whose last bit is the engine's.

/** A number drawn uniformly from [low, high). */
export function uniform(random: RandomState, low: number, high: number): number {
  return low + (high - low) * (random.nextUint32() / 2 ** 32);
}

/** A number from a bell curve that ends at -3 and 3, with mean 0 and variance 1: the sum of three uniform ones. */
export function bell(random: RandomState): number {
  const sum = random.nextUint32() + random.nextUint32() + random.nextUint32();
  return sum / 2 ** 31 - 3;
}
