import type { Fail } from "./failure.js";

/**
 * How many numbers may be made of those in a file, so that a small file which uses the same numbers again and again cannot take up the
 * memory.
 */
export interface Budget {
  /** @throws ModelFormatError when there would be more. */
  spend(numbers: number): void;
}

/** Every network may have that many. */
const FREE = 2 ** 22;

/** @param bytes Of the file, and of what it has in others. */
export function budgetFor(bytes: number, fail: Fail): Budget {
  let left = 2 * bytes + FREE; // A weight takes two bytes at least; it is transposed and scaled at most.
  return {
    spend(numbers) {
      left -= numbers;
      if (left < 0) throw fail(`it makes far more numbers than its ${bytes} bytes hold`);
    },
  };
}
