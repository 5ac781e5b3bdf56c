import { InvalidArgumentError } from "../errors.js";
import { type KnownOptions, kindOf, requireKnownOptions } from "../system/known-options.js";
import type { Dataset, ImageDataset } from "./dataset.js";
import { type ByteFormat, imageFormat } from "./features.js";
import type { Shuffler } from "./minibatches.js";
import type { IdxWindows } from "./readers/windows.js";
import { type ClassFormat, classFormat } from "./targets.js";

/** One of several processes that deal out the examples of a stream. */
export interface StreamShare {
  /** From 0 to one below `size`. */
  readonly rank: number;
  readonly size: number;
}

export interface StreamOptions {
  /** Shuffles what a stream can shuffle without having all of it in memory: see {@link datasetStream}. */
  readonly shuffle?: Shuffler | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Only the examples that one of several processes gets, of a stream that {@link DatasetStream.deals}. Default: all. */
  readonly share?: StreamShare | undefined;
}

const OPTIONS: KnownOptions<StreamOptions> = {
  share: true,
  shuffle: true,
  signal: true,
};

/** Labelled images that are not in memory, and are read in parts. `fit` and `evaluate` take one in place of a dataset. */
export interface DatasetStream {
  /** How many examples it has. */
  readonly count: number;
  readonly features: ByteFormat;
  readonly targets: ClassFormat;
  /** The most examples in a part. */
  readonly partRows: number;
  /**
   * Tells these examples, and the parts that they come in, from others: what a checkpoint knows a stream by. One without it is known by
   * its sizes alone.
   */
  fingerprint?(): Promise<string>;
  /**
   * Whether `parts` takes a `share`, so that each of several processes reads no more than it needs; then the shares of all of them, for the same
   * draws of `shuffle`, have every example once. Of a stream that does not, they take parts in turn, and each reads all. Default: `false`.
   */
  readonly deals?: boolean;
  /** Goes through every example once. A part is valid until the next one is asked for. */
  parts(options?: StreamOptions): AsyncIterable<ImageDataset>;
}

/** What a network can be trained on and evaluated on: images in memory, or a stream of them. */
export type DatasetOrStream = Dataset | DatasetStream;

/**
 * Some rows of an IDX file that need not fit in memory, for `fit` and `evaluate`:
 *
 * ```ts
 * const windows = await openIdxWindows({ images, labels });
 * const { train, test } = stratifiedSplit(windows.labels, { testSize, seed });
 * await fit(network, datasetStream(windows, train), { validation: datasetStream(windows, test) });
 * await windows.close();
 * ```
 *
 * An epoch of training reads the chunks of the file in shuffled order and shuffles the rows within each window, as
 * `openIdxWindows` describes; tf.data's shuffle buffer and webdataset's shards do the like. Every example is seen once in an
 * epoch, and a seed always gives the same order, but it is another order than that of the same images in memory. No
 * minibatch spans two windows, so the last one of each window may be shorter than the others.
 *
 * Several processes that train together deal out the chunks, in the order that they have in this epoch, in turn: the first to rank 0, the
 * next to rank 1 and so on. Each makes windows of its own.
 *
 * @param rows Rows of the file, each at most once. Default: all.
 * @throws InvalidArgumentError when `rows` are no numbers of rows; from `parts`, when one is out of range.
 */
export function datasetStream(windows: IdxWindows, rows?: Int32Array): DatasetStream {
  if (rows !== undefined && !(rows instanceof Int32Array)) {
    throw new InvalidArgumentError(
      `Expected an Int32Array of row numbers for datasetStream, such as a part of stratifiedSplit, but received ${kindOf(rows)}.`,
    );
  }
  const { count, imageShape, classes, classNames, windowRows } = windows;
  return {
    count: rows?.length ?? count,
    features: imageFormat(imageShape),
    targets: classFormat(classes, classNames),
    partRows: windowRows,
    fingerprint: () => windows.fingerprint(rows),
    deals: true,
    async *parts(options = {}) {
      requireKnownOptions("parts", options, OPTIONS, "{ shuffle }");
      const { shuffle, signal, share } = options;
      for await (const { dataset, fileRows } of windows.epoch({ rows, shuffle, signal, share })) {
        yield { ...dataset, fileRows };
      }
    },
  };
}

export function isStream(source: DatasetOrStream): source is DatasetStream {
  return "parts" in source;
}

/** The parts of a stream; a dataset in memory is its own and only part, and nothing is drawn from `shuffle` for it. */
export function partsOf(
  source: DatasetOrStream,
  options?: StreamOptions,
): Iterable<Dataset> | AsyncIterable<Dataset> {
  return isStream(source) ? source.parts(options) : [source];
}

/** The parts of a stream that one of several processes gets; of one that does not deal them out, every `size`-th. */
export async function* dealtParts(
  stream: DatasetStream,
  { share, ...options }: StreamOptions & { readonly share: StreamShare },
): AsyncGenerator<ImageDataset, void> {
  if (stream.deals === true) {
    yield* stream.parts({ ...options, share });
    return;
  }
  let i = 0;
  for await (const part of stream.parts(options)) if (i++ % share.size === share.rank) yield part;
}

/** The most examples in a part. */
export function partRows(source: DatasetOrStream): number {
  return isStream(source) ? Math.min(source.partRows, source.count) : source.rows.length;
}

/** How many examples there are. */
export function exampleCount(source: DatasetOrStream): number {
  return isStream(source) ? source.count : source.rows.length;
}
