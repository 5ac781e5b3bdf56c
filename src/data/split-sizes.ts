import { InvalidArgumentError } from "../errors.js";
import { show } from "../system/expected.js";

/** How large the two parts of a split are to be: each a count of rows, or below 1 a share of them. */
export interface SplitSizes {
  readonly testSize?: number | undefined;
  readonly trainSize?: number | undefined;
}

export interface SplitCounts {
  readonly testSize: number;
  readonly trainSize: number;
}

/**
 * The sizes of the parts of `count` rows, as scikit-learn has them: a share for the test is rounded up, one for training down, and a size
 * that is left out is all that the other one leaves.
 *
 * @param otherwise The share for the test where neither size is given.
 * @throws InvalidArgumentError when a size is neither a share between 0 and 1 nor a count below the number of rows, and when both
 *   together are more than there are, or leave nothing to train on.
 */
export function splitSizes(count: number, given: SplitSizes, otherwise?: number): SplitCounts {
  const { trainSize } = given;
  const testSize = given.testSize ?? (trainSize === undefined ? otherwise : undefined);
  if (testSize !== undefined || trainSize === undefined) checkSize("the part to split off", testSize, count);
  if (trainSize !== undefined) checkSize("the part to train on", trainSize, count);
  // Two shares above 1 are refused even where rounding would let both parts in.
  const isTooMuch = (testSize ?? 0) < 1 && (trainSize ?? 0) < 1 && (testSize ?? 0) + (trainSize ?? 0) > 1;
  const test = testSize === undefined ? undefined : testSize < 1 ? Math.ceil(testSize * count) : testSize;
  const train =
    trainSize === undefined ? undefined : trainSize < 1 ? Math.floor(trainSize * count) : trainSize;
  const counts = {
    testSize: test ?? count - (train as number), // At least one of them is given.
    trainSize: train ?? count - (test as number),
  };
  if (isTooMuch || counts.testSize + counts.trainSize > count) {
    throw new InvalidArgumentError(
      `Expected a testSize and a trainSize of together at most ${count} rows, as many as there are, but received ${testSize} and ${trainSize}.`,
    );
  }
  if (counts.trainSize === 0) {
    throw new InvalidArgumentError(
      `Expected sizes that leave at least one of ${count} rows to train on, but ${trainSize === undefined ? `a testSize of ${testSize} leaves` : `a trainSize of ${trainSize} is`} none.`,
    );
  }
  return counts;
}

function checkSize(part: string, size: unknown, count: number): void {
  const isNumber = typeof size === "number";
  const isShare = isNumber && size > 0 && size < 1;
  const isCount = isNumber && Number.isInteger(size) && size >= 1 && size < count;
  if (!isShare && !isCount) {
    throw new InvalidArgumentError(
      `Expected a share between 0 and 1, or a whole number from 1 to one below the number of rows, ${count}, for the size of ${part} but received ${show(size)}.`,
    );
  }
}
