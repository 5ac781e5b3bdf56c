import type { InkLists } from "../backend/backend.js";
import { selectBackend } from "../backend/select.js";
import { InvalidArgumentError, ShapeError } from "../errors.js";
import { expectThat, expectWholeNumber, hasFunctions } from "../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import type { Batch } from "../tensor/batch.js";
import { imageRows, type LayerInput } from "../tensor/layer-input.js";
import { firstRows, type Tensor, type TensorOptions, zeros } from "../tensor/tensor.js";
import type { Dataset, Inputs } from "./dataset.js";
import type { FeatureFormat } from "./features.js";
import { gatherLabels, gatherRows } from "./gather.js";
import type { Labels, TargetFormat, Targets } from "./targets.js";

/** What the minibatches of an epoch are made in: {@link createBatchMemory} makes it. */
export interface BatchMemory {
  /** The shuffled order, [at least the examples of a part]. */
  readonly order: Int32Array;
  /** The most examples in a minibatch. */
  readonly rows: number;
  /** Views for a number of examples, made when they are first asked for, so that the minibatch loop allocates nothing. */
  forRows(examples: number): BatchViews;
}

/** Memory for a minibatch with a certain number of examples. */
export interface BatchViews {
  /** [n_examples, width]; of images there is none, for they are read where they are. */
  readonly x: Tensor | undefined;
  /** [n_examples] classes, or [n_examples, width] values. */
  readonly values: Labels | Tensor;
  /** [n_examples] */
  readonly weights: Tensor | undefined;
}

export interface BatchMemoryOptions extends TensorOptions {
  /** What the minibatches are of: a dataset, or a stream of one. Default: images of at most 256 classes, without weights. */
  readonly dataset?: BatchFormat | undefined;
}

/** What the memory of a minibatch depends on. */
interface BatchFormat {
  readonly features: FeatureFormat;
  /** Examples to predict have none. */
  readonly targets?: TargetFormat | Targets;
  readonly weights?: unknown;
}

const OPTIONS: KnownOptions<BatchMemoryOptions> = { dtype: true, backend: true, dataset: true };

/**
 * Memory for minibatches of a dataset, for a network of this type and backend:
 *
 * ```ts
 * const { dtype, backend } = network;
 * const memory = createBatchMemory(train.rows.length, 100, { dtype, backend, dataset: train });
 * ```
 *
 * @param examples The most examples that will be gone through at a time.
 * @param batchSize The most in a minibatch.
 * @throws InvalidArgumentError when there is no such option, or `batchSize` is not an integer of at least 1.
 */
export function createBatchMemory(
  examples: number,
  batchSize: number,
  options: BatchMemoryOptions = {},
): BatchMemory {
  requireKnownOptions("createBatchMemory", options, OPTIONS, '{ dtype: "float64", dataset }');
  expectWholeNumber("batchSize", batchSize);
  const rows = Math.min(batchSize, examples);
  const { dataset } = options;
  const x = inputMemory(rows, dataset?.features, options);
  const values = targetMemory(rows, dataset?.targets, options);
  const weights = dataset?.weights === undefined ? undefined : zeros([rows], tensorOptions(options));
  const views = new Map<number, BatchViews>();
  return {
    order: new Int32Array(examples),
    rows,
    forRows(count) {
      let view = views.get(count);
      if (view === undefined) {
        requireRoom(rows, count);
        view = {
          x: x && firstRows(x, count),
          values: "shape" in values ? firstRows(values, count) : values.subarray(0, count),
          weights: weights && firstRows(weights, count),
        };
        views.set(count, view);
      }
      return view;
    },
  };
}

function inputMemory(
  rows: number,
  features: FeatureFormat | undefined,
  options: TensorOptions,
): Tensor | undefined {
  return features?.kind === "floats" ? zeros([rows, features.width], tensorOptions(options)) : undefined;
}

function targetMemory(
  rows: number,
  targets: TargetFormat | Targets | undefined,
  options: TensorOptions,
): Labels | Tensor {
  if (targets?.kind === "values") return zeros([rows, targets.width], tensorOptions(options));
  const isWide = targets !== undefined && "labels" in targets && targets.labels instanceof Int32Array;
  return isWide ? new Int32Array(rows) : new Uint8Array(rows);
}

function tensorOptions({ dtype = "float32", backend = selectBackend() }: TensorOptions) {
  return { dtype, backend };
}

function requireRoom(rows: number, count: number): void {
  if (count > rows) {
    throw new ShapeError(`Expected memory for minibatches of ${count} examples but received it for ${rows}.`);
  }
}

/**
 * Whether memory is of the kind that a dataset's minibatches need.
 *
 * @throws InvalidArgumentError when it was made for another.
 */
export function checkBatchMemory(memory: BatchMemory, { features, targets, weights }: Dataset): void {
  const isMemory = hasFunctions(memory, "forRows");
  expectThat(isMemory, "memory, such as createBatchMemory makes,", "memory", memory);
  const { x, values, weights: ownWeights } = memory.forRows(0);
  const isInput = features.kind === "floats" ? x?.shape[1] === features.width : x === undefined;
  const isTarget =
    targets.kind === "classes"
      ? !("shape" in values) && values instanceof Int32Array === targets.labels instanceof Int32Array
      : "shape" in values && values.shape[1] === targets.width;
  if (!isInput || !isTarget || (weights === undefined) !== (ownWeights === undefined)) {
    throw new InvalidArgumentError(
      "Expected memory that was made for data of this kind; pass createBatchMemory the dataset.",
    );
  }
}

/** Brings rows of a dataset into memory, as a network takes them. It holds them until the next are brought. */
export function gatherBatch(
  { features, targets, weights }: Dataset,
  rows: Int32Array,
  memory: BatchMemory,
  ink: InkLists | null,
): Batch {
  const views = memory.forRows(rows.length);
  const x = gatherInput(features, rows, views.x, ink);
  const { values } = views;
  if (targets.kind === "classes") gatherLabels(targets.labels, rows, values as Labels);
  else gatherRows(targets.data, rows, targets.width, values as Tensor); // As checkBatchMemory says.
  if (weights === undefined || views.weights === undefined) return { x, values };
  gatherRows(weights, rows, 1, views.weights);
  return { x, values, weights: views.weights.data };
}

/** Images are read where they are; numbers are copied to `out`. */
export function gatherInput(
  features: Inputs["features"],
  rows: Int32Array,
  out: Tensor | undefined,
  ink: InkLists | null,
): LayerInput {
  if (features.kind === "bytes") {
    const { data: images, width, scale, offset } = features;
    return imageRows({ images, rows, width, scale, offset, ink });
  }
  const x = out as Tensor; // As checkBatchMemory says.
  gatherRows(features.data, rows, features.width, x);
  return x;
}
