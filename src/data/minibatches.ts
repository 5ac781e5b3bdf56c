import type { InkLists } from "../backend/backend.js";
import { ShapeError } from "../errors.js";
import { expectBoolean, expectThat, expectWholeNumber, hasFunctions } from "../system/expected.js";
import { isOptions, type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import type { Batch } from "../tensor/batch.js";
import type { LayerInput } from "../tensor/layer-input.js";
import type { TensorOptions } from "../tensor/tensor.js";
import {
  type BatchMemory,
  checkBatchMemory,
  createBatchMemory,
  gatherBatch,
  gatherInput,
} from "./batch-memory.js";
import { type Dataset, expectDataset, type Inputs, isDataset } from "./dataset.js";
import type { Features } from "./features.js";

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
  /** How many minibatches to leave out at the beginning, as a training that goes on in an epoch does. Default: 0. */
  readonly skip?: number | undefined;
  /** [at least rows.length], overwritten: where the shuffled order is kept. Pass the same one each epoch to allocate nothing. */
  readonly scratch?: Int32Array | undefined;
}

const OPTIONS: KnownOptions<MinibatchOptions> = {
  batchSize: true,
  shuffle: true,
  dropLast: true,
  skip: true,
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
  const { batchSize, shuffle, dropLast = false, skip = 0, scratch } = options;
  expectWholeNumber("batchSize", batchSize);
  expectBoolean("dropLast", dropLast);
  expectThat(Number.isSafeInteger(skip) && skip >= 0, "a whole number of at least 0", "skip", skip);
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
    for (let start = skip * batchSize; start < end; start += batchSize) {
      yield order.subarray(start, start + batchSize);
    }
  }
}

/** How many minibatches there are of `count` rows. */
export function minibatchCount(
  count: number,
  { batchSize, dropLast }: Pick<MinibatchOptions, "batchSize" | "dropLast">,
): number {
  return dropLast === true ? Math.floor(count / batchSize) : Math.ceil(count / batchSize);
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
  readonly memory?: BatchMemory | undefined;
}

const BATCHES_OPTIONS: KnownOptions<BatchesOptions> = {
  batchSize: true,
  shuffle: true,
  dropLast: true,
  skip: true,
  ink: true,
  memory: true,
};

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
 * @returns Minibatches, each valid until the next is asked for: `x`, [n_examples, n_inputs], which are pixels from -1 to 1 or the
 *   numbers that the dataset has; the classes or the values of its examples; and their weights, where the dataset has some. Numbers are
 *   of the type and the backend of `memory`; without it they are `float32`, of the backend that {@link selectBackend} chooses.
 * @throws InvalidArgumentError when there is no such option, or when `batchSize` is not an integer of at least 1.
 *   Also when `ink` belongs to other images, or `memory` to data of another kind.
 * @throws ShapeError when `memory` is too small.
 */
export function batches(dataset: Dataset, options: BatchesOptions): Generator<Batch, void> {
  requireKnownOptions("batches", options, BATCHES_OPTIONS, "{ batchSize: 100 }");
  expectDataset(isDataset(dataset), "dataset", dataset);
  const { batchSize, shuffle, dropLast, skip, ink = null, memory } = options;
  const { features, rows } = dataset;
  const isInk = ink === null || (isOptions(ink) && isInkOf(ink, features));
  expectThat(isInk, "what listInk returned for this dataset's images,", "ink", ink);
  if (memory !== undefined) checkBatchMemory(memory, dataset);
  const groups = minibatches(rows, { batchSize, shuffle, dropLast, skip, scratch: memory?.order }); // Checks the options.
  return generate(dataset, groups, memory ?? createBatchMemory(rows.length, batchSize, { dataset }), ink);
}

function isInkOf({ images, width }: InkLists, features: Features): boolean {
  return features.kind === "bytes" && images === features.data && width === features.width;
}

function* generate(
  dataset: Dataset,
  groups: Iterable<Int32Array>,
  memory: BatchMemory,
  ink: InkLists | null,
): Generator<Batch, void> {
  for (const rows of groups) yield gatherBatch(dataset, rows, memory, ink);
}

/** The inputs of examples in their order, in minibatches, each valid until the next is asked for: for what has no targets. */
export function* inputBatches(
  { features, rows }: Inputs,
  { batchSize, dtype, backend }: Pick<MinibatchOptions, "batchSize"> & TensorOptions,
): Generator<LayerInput, void> {
  const memory = createBatchMemory(rows.length, batchSize, { dtype, backend, dataset: { features } });
  for (const group of minibatches(rows, { batchSize })) {
    yield gatherInput(features, group, memory.forRows(group.length).x, null);
  }
}
