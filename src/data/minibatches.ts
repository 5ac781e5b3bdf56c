import { InvalidArgumentError, ShapeError } from "../errors.js";

/** What can shuffle as NumPy's `RandomState.shuffle` does, in place. */
export interface Shuffler {
  shuffle(array: Int32Array): void;
}

export interface MinibatchOptions {
  /** Rows in a minibatch, an integer of at least 1. The last one may be shorter. */
  readonly batchSize: number;
  /** Shuffles the rows first; without it they keep their order. */
  readonly shuffle?: Shuffler;
  /** Leaves out a last minibatch shorter than `batchSize`, as the chapter's listing does. Default: `false`. */
  readonly dropLast?: boolean;
  /** [at least rows.length], overwritten: where the shuffled order is kept. Pass the same one each epoch to allocate nothing. */
  readonly scratch?: Int32Array;
}

/**
 * The minibatches of one epoch, as row numbers.
 *
 * The order is the chapter's, draw for draw: positions 0 to n - 1 are shuffled, afresh in every epoch, and then `rows` is
 * read in that order. The draws are made when iteration starts.
 *
 * @param rows Row numbers, [n_examples].
 * @returns Views of [batchSize] row numbers. They are valid until the scratch array is used again, and not to be written to.
 * @throws InvalidArgumentError when `batchSize` is not an integer of at least 1.
 * @throws ShapeError when `scratch` is shorter than `rows`.
 */
export function minibatches(rows: Int32Array, options: MinibatchOptions): Generator<Int32Array, void> {
  const { batchSize, shuffle, dropLast = false, scratch } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new InvalidArgumentError(
      `Expected a whole number of at least 1 for batchSize but received ${batchSize}.`,
    );
  }
  if (scratch !== undefined && scratch.length < rows.length) {
    throw new ShapeError(
      `Expected at least ${rows.length} elements of scratch but received ${scratch.length}.`,
    );
  }
  return generate();

  // A generator of its own, so that wrong options are reported by the call and not by the first use of its result.
  function* generate() {
    const order = shuffle === undefined ? rows : shuffled(rows, shuffle, scratch);
    const end = dropLast ? order.length - batchSize + 1 : order.length;
    for (let start = 0; start < end; start += batchSize) {
      yield order.subarray(start, start + batchSize);
    }
  }
}

/** `rows[order]`, where order is `arange(n)` after NumPy's shuffle. */
function shuffled(rows: Int32Array, shuffle: Shuffler, scratch?: Int32Array): Int32Array {
  const order = scratch?.subarray(0, rows.length) ?? new Int32Array(rows.length);
  for (let i = 0; i < order.length; i++) {
    order[i] = i;
  }
  shuffle.shuffle(order);
  for (let i = 0; i < order.length; i++) {
    const position = order[i] as number; // i is below order.length, and a position below rows.length.
    order[i] = rows[position] as number;
  }
  return order;
}
