import type { InkLists } from "../backend/backend.js";
import { ShapeError } from "../errors.js";
import { expectBoolean, expectThat, expectWholeNumber, hasFunctions } from "../system/expected.js";
import { isOptions, type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import type { Batch } from "../tensor/batch.js";
import { imageRows } from "../tensor/layer-input.js";
import { type Dataset, expectDataset, isDataset } from "./dataset.js";

/** What can shuffle as NumPy's `RandomState.shuffle` does, in place. */
export interface Shuffler {
  shuffle(array: Int32Array): void;
}

export interface MinibatchOptions {
  /** Rows in a minibatch, an integer of at least 1. The last one may be shorter. */
  readonly batchSize: number;
  /** Shuffles the rows first; without it they keep their order. */
  readonly shuffle?: Shuffler | undefined;
  /** Leaves out a last minibatch shorter than `batchSize`, as the chapter's listing does. Default: `false`. */
  readonly dropLast?: boolean | undefined;
  /** [at least rows.length], overwritten: where the shuffled order is kept. Pass the same one each epoch to allocate nothing. */
  readonly scratch?: Int32Array | undefined;
}

const OPTIONS: KnownOptions<MinibatchOptions> = {
  batchSize: true,
  shuffle: true,
  dropLast: true,
  scratch: true,
};

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
  requireKnownOptions("minibatches", options, OPTIONS, "{ batchSize: 100 }");
  const { batchSize, shuffle, dropLast = false, scratch } = options;
  expectWholeNumber("batchSize", batchSize);
  expectBoolean("dropLast", dropLast);
  if (shuffle !== undefined) {
    expectThat(
      hasFunctions(shuffle, "shuffle"),
      "what can shuffle, such as a RandomState,",
      "shuffle",
      shuffle,
    );
  }
  if (scratch !== undefined && scratch.length < rows.length) {
    throw new ShapeError(
      `Expected at least ${rows.length} elements of scratch but received ${scratch.length}.`,
    );
  }
  return inOrder();

  // A generator of its own, so that wrong options are reported by the call and not by the first use of its result.
  function* inOrder() {
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
  fillWithPositions(order);
  shuffle.shuffle(order);
  replacePositions(order, rows);
  return order;
}

// Loops in functions of their own: V8 compiles a long loop while it runs, and would compile the two together again in every epoch.

function fillWithPositions(order: Int32Array): void {
  for (let i = 0; i < order.length; i++) order[i] = i;
}

function replacePositions(order: Int32Array, rows: Int32Array): void {
  for (let i = 0; i < order.length; i++) {
    order[i] = rows[order[i] as number] as number; // i is below order.length, and a position below rows.length.
  }
}

export interface BatchesOptions extends Omit<MinibatchOptions, "scratch"> {
  /** Where the ink of the images is, by {@link listInk}, so that no step has to look for it. Default: none. */
  readonly ink?: InkLists | null | undefined;
  /** What the minibatches are made in. Pass the same each epoch to allocate nothing. Default: new memory. */
  readonly memory?: BatchMemory;
}

const BATCHES_OPTIONS: KnownOptions<BatchesOptions> = {
  batchSize: true,
  shuffle: true,
  dropLast: true,
  ink: true,
  memory: true,
};

/** What the minibatches of an epoch are made in: {@link createBatchMemory} makes it. */
export interface BatchMemory {
  /** The shuffled order, [at least the examples of a part]. */
  readonly order: Int32Array;
  /** The classes of a minibatch, [at least its examples]. */
  readonly labels: Uint8Array;
}

/**
 * @param examples The most examples that will be gone through at a time.
 * @param batchSize The most in a minibatch.
 */
export function createBatchMemory(examples: number, batchSize: number): BatchMemory {
  return { order: new Int32Array(examples), labels: new Uint8Array(Math.min(batchSize, examples)) };
}

/**
 * The minibatches of one epoch, ready for a network, in the order of {@link minibatches}:
 *
 * ```ts
 * const slots = network.createSlots(100);
 * const optimizer = new SGD();
 * const shuffle = new RandomState(123);
 * for (const batch of batches(train, { batchSize: 100, shuffle })) {
 *   network.trainStep(batch, slots, optimizer, 0.1);
 * }
 * ```
 *
 * @returns Minibatches, each valid until the next is asked for: `x`, [n_examples, n_pixels] from -1 to 1, and the classes of its
 *   examples.
 * @throws InvalidArgumentError when there is no such option, or when `batchSize` is not an integer of at least 1.
 *   Also when `ink` belongs to other images.
 * @throws ShapeError when `memory` is too small.
 */
export function batches(dataset: Dataset, options: BatchesOptions): Generator<Batch, void> {
  requireKnownOptions("batches", options, BATCHES_OPTIONS, "{ batchSize: 100 }");
  expectDataset(isDataset(dataset), "dataset", dataset);
  const { batchSize, shuffle, dropLast, ink = null, memory } = options;
  const { data: images, width } = dataset.features;
  const isInk = ink === null || (isOptions(ink) && ink.images === images && ink.width === width);
  expectThat(isInk, "what listInk returned for this dataset's images,", "ink", ink);
  const scratch = memory?.order;
  const groups = minibatches(dataset.rows, { batchSize, shuffle, dropLast, scratch }); // Checks the options.
  const labels = memory?.labels ?? new Uint8Array(Math.min(batchSize, dataset.rows.length));
  return generate(dataset, groups, labels, ink);
}

function* generate(
  dataset: Dataset,
  groups: Iterable<Int32Array>,
  memory: Uint8Array,
  ink: InkLists | null,
): Generator<Batch, void> {
  const { data: images, width, scale, offset } = dataset.features;
  const { labels } = dataset.targets;
  for (const rows of groups) {
    const x = imageRows({ images, rows, width, scale, offset, ink });
    const values = memory.subarray(0, rows.length);
    for (let i = 0; i < values.length; i++) {
      values[i] = labels[rows[i] as number] as number; // Each row is one of the dataset's.
    }
    if (values.length < rows.length) {
      throw new ShapeError(
        `Expected memory for minibatches of ${rows.length} examples but received it for ${values.length}.`,
      );
    }
    yield { x, values };
  }
}
