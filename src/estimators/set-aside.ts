import type { Dataset } from "../data/dataset.js";
import { type StratifiedSplit, shuffledSplit, stratifiedSplit } from "../data/split.js";
import { InvalidArgumentError } from "../errors.js";
import type { RandomState } from "../random/random-state.js";

/**
 * Sets examples aside for early stopping: as scikit-learn, by class where there are two, else at random.
 *
 * @param fraction Of the examples, 0 to below 1; rounded up.
 * @throws InvalidArgumentError when none would be set aside, or none be left.
 */
export function setAside({ targets, rows }: Dataset, fraction: number, seed: RandomState): StratifiedSplit {
  const testSize = Math.ceil(fraction * rows.length);
  if (testSize < 1 || testSize >= rows.length) {
    throw new InvalidArgumentError(
      `Expected a validationFraction that sets examples aside, and leaves some, but ${fraction} of ${rows.length} examples are ${testSize}.`,
    );
  }
  return targets.kind === "classes" && targets.classes === 2
    ? stratifiedSplit(targets.labels, { testSize, seed })
    : shuffledSplit(rows.length, { testSize, seed });
}
