import { InvalidArgumentError, ShapeError } from "../errors.js";
import { expectThat, show } from "../system/expected.js";
import type { KnownOptions } from "../system/known-options.js";

/** For metrics of examples. */
export interface WeightsOption {
  /** How much each example counts, [n_examples], finite, 0 or more and not all 0: scikit-learn's `sample_weight`. Default: 1. */
  readonly weights?: ArrayLike<number> | undefined;
}

export const WEIGHTS_OPTION: KnownOptions<WeightsOption> = { weights: true };

/**
 * The weight of each example by its position.
 *
 * @throws ShapeError when there is not one for each.
 * @throws InvalidArgumentError when these are no list, when one is negative or no finite number, or all are 0.
 */
export function weightOf(weights: WeightsOption["weights"], count: number): (i: number) => number {
  if (weights === undefined) return () => 1;
  const isList = typeof weights === "object" && weights !== null && "length" in weights;
  expectThat(isList, "a list of numbers, one for each example,", "weights", weights);
  if (weights.length !== count) {
    throw new ShapeError(`Expected a weight for each of ${count} examples but received ${weights.length}.`);
  }
  let total = 0;
  for (let i = 0; i < count; i++) {
    const weight = weights[i] as number; // i is below the length.
    if (!(Number.isFinite(weight) && weight >= 0)) {
      throw new InvalidArgumentError(
        `Expected finite weights of 0 or more, but that at position ${i} is ${show(weight)}.`,
      );
    }
    total += weight;
  }
  if (count > 0 && total === 0) {
    throw new InvalidArgumentError("Expected weights that are not all 0, because then no example counts.");
  }
  return (i) => weights[i] as number; // Of a position below count.
}
