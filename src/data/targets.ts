import { InvalidArgumentError } from "../errors.js";

/**
 * How many classes there are: what was asked for, or the largest label plus 1.
 *
 * @param labels The class of each image, [n_images].
 * @param given 1 to 256.
 * @throws InvalidArgumentError when `given` is out of range.
 */
export function classCount(labels: Uint8Array, given?: number): number {
  if (given === undefined) {
    return labels.reduce((largest, label) => Math.max(largest, label), 0) + 1;
  }
  if (!Number.isInteger(given) || given < 1 || given > 256) {
    throw new InvalidArgumentError(
      `Expected a whole number from 1 to 256 for classes but received ${given}.`,
    );
  }
  return given;
}
