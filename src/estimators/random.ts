import { randomInt } from "node:crypto";
import { RandomState } from "../random/random-state.js";

/** scikit-learn's `check_random_state`: a seed begins anew each time, and a generator goes on. */
export function randomStateOf(given: number | RandomState | null): RandomState {
  if (given === null) return new RandomState(randomInt(2 ** 32));
  return typeof given === "number" ? new RandomState(given) : given;
}

/** `values` in another order, by the draws of scikit-learn's `shuffle`. */
export function shuffled(values: Int32Array, random: RandomState): Int32Array {
  return random.permutation(values.length).map((position) => values[position] as number); // It is below the length.
}
