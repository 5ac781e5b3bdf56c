import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { DataFormatError, InvalidArgumentError, ShapeError } from "../../errors.js";
import { idxHeaderBytes, readIdx, readIdxHeader } from "../../formats/idx.js";
import { expectThat, expectWholeNumber } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { openRegularFile } from "../../system/regular-file.js";
import { asFileAccessError } from "../../system/system-error.js";
import type { ImageDataset } from "../dataset.js";
import { imageFormat } from "../features.js";
import type { Shuffler } from "../minibatches.js";
import { checkLabels, classCount, classFormat, labelsOfRows, type NoticeOption } from "../targets.js";
import {
  type Chunks,
  checkNumbers,
  orderChunks,
  rowCountOf,
  type Selection,
  selectAll,
  selectRows,
} from "./chunks.js";

export interface OpenIdxWindowsOptions extends NoticeOption {
  /** A raw IDX file of images, of any size. */
  readonly images: string;
  /** The IDX file of their labels, raw or compressed. */
  readonly labels: string;
  /** How many classes the labels tell apart, 1 to 256. Default: the number of names, or the largest label plus 1. */
  readonly classes?: number;
  readonly classNames?: readonly string[];
  /**
   * Bytes of images in memory at a time, in one window; another one is being filled while it is in use. At least one
   * chunk. Default: 64 MiB.
   */
  readonly windowBytes?: number;
  /** Bytes of images that are read at once and stay together, at least one image. Default: 1 MiB. */
  readonly chunkBytes?: number;
}

const OPTIONS: KnownOptions<OpenIdxWindowsOptions> = {
  images: true,
  labels: true,
  classes: true,
  classNames: true,
  windowBytes: true,
  chunkBytes: true,
  onNotice: true,
};

export interface IdxWindowsEpochOptions {
  /**
   * The rows of the file that belong to the set that is gone through, such as a part of a split, in any order, each at most
   * once. Default: all.
   */
  readonly rows?: Int32Array | undefined;
  /** The chunks to read and their order, by number. Default: all, from the first. */
  readonly chunks?: Int32Array;
  /** Shuffles the order of the chunks. */
  readonly shuffle?: Shuffler | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Of the chunks in the order of this epoch only those of one of several processes, which take them in turn: those whose place, counted from
   * 0, leaves `rank` when divided by `size`. Chunks without any of `rows` do not count. Default: all.
   */
  readonly share?: { readonly rank: number; readonly size: number } | undefined;
}

const EPOCH_OPTIONS: KnownOptions<IdxWindowsEpochOptions> = {
  rows: true,
  chunks: true,
  shuffle: true,
  signal: true,
  share: true,
};

/** A part of the file that fits in memory. */
export interface DatasetWindow {
  /** Its images, labels and the rows that were asked for. Valid until the next window is asked for: memory is used again. */
  readonly dataset: ImageDataset;
  /** The row in the file of each image of `dataset`, [n_images]. */
  readonly fileRows: Int32Array;
}

/** An IDX file that is read in parts: `count` images in `chunkCount` chunks of `chunkRows`. */
export interface IdxWindows extends Chunks {
  readonly imageShape: readonly [height: number, width: number];
  readonly classes: number;
  readonly classNames?: readonly string[];
  /** The class of every image, [count]: one byte each, so they fit in memory, and rows can be split by class. */
  readonly labels: Uint8Array;
  /** Most images in a window. */
  readonly windowRows: number;
  /**
   * Goes through the file once, as {@link openIdxWindows} describes.
   *
   * @throws InvalidArgumentError when a number of `rows` or `chunks` is out of range. FileAccessError and DataFormatError come
   *   up when a window cannot be read.
   */
  epoch(options?: IdxWindowsEpochOptions): AsyncGenerator<DatasetWindow, void, undefined>;
  /**
   * Tells these rows of the file, and the windows that they come in, from others: the SHA-256, in hexadecimal digits, of sizes, labels,
   * row numbers and about a thousand images.
   */
  fingerprint(rows?: Int32Array): Promise<string>;
  close(): Promise<void>;
}

/**
 * Opens an IDX file that need not fit in memory, to be gone through in windows.
 *
 * The file is divided into chunks of consecutive rows, and a window is as many chunks as fit in `windowBytes`, in the order
 * of the epoch. While a window is in use, the next one is read. So an epoch takes twice `windowBytes` of memory, whatever
 * the size of the file, and one byte of labels for each image.
 *
 * Rows cannot be shuffled over the whole file without reading each from another place. In place of that, an epoch shuffles
 * the order of the chunks, and whoever trains shuffles the rows within each window: a window mixes chunks from all over the
 * file, so that also a file that is sorted by class gives mixed minibatches, and every row is seen once in an epoch. All draws
 * for the order of the chunks are made when an epoch starts, so that a seed gives the same order whatever the disk's speed.
 *
 * `datasetStream` makes of it what `fit` and `evaluate` take.
 *
 * @throws FileAccessError when a file is missing or cannot be read.
 * @throws DataFormatError when a file is not what it should be, or the images are compressed.
 * @throws ShapeError when there is not one label for each image.
 * @throws LabelRangeError when a label is not the number of a class.
 * @throws InvalidArgumentError when an option is out of range.
 */
export async function openIdxWindows(options: OpenIdxWindowsOptions): Promise<IdxWindows> {
  requireKnownOptions(
    "openIdxWindows",
    options,
    OPTIONS,
    '{ images: "images-idx3-ubyte", labels: "labels-idx1-ubyte" }',
  );
  const { windowBytes = 64 << 20, chunkBytes = 1 << 20, classNames } = options;
  checkBytes("windowBytes", windowBytes);
  checkBytes("chunkBytes", chunkBytes);
  const header = await readIdxHeader(options.images, "images", { mustFitInMemory: false });
  if (header.compressed) {
    throw new DataFormatError(
      `${options.images} is compressed, and only a raw file can be read in parts; decompress it first.`,
    );
  }
  const [count = 0, height = 0, width = 0] = header.shape;
  const { data: labels } = await readIdx(options.labels, "labels");
  if (labels.length !== count) {
    throw new ShapeError(
      `${options.images} has ${count} images, but ${options.labels} has ${labels.length} labels; they must belong together.`,
    );
  }
  const classes = classCount(labels, options.classes ?? classNames?.length, {
    ...options,
    source: options.labels,
  });
  checkLabels(labels, classes, options.labels);
  const pixels = height * width;
  const chunkRows = Math.max(1, Math.floor(chunkBytes / pixels));
  const windowChunks = Math.max(1, Math.floor(windowBytes / (chunkRows * pixels)));
  const chunkCount = Math.ceil(count / chunkRows);
  const file = await openRegularFile(options.images);
  const common = {
    count,
    imageShape: [height, width],
    classes,
    ...(classNames && { classNames }),
    labels,
    chunkRows,
    chunkCount,
    windowRows: Math.min(windowChunks * chunkRows, count),
  } as const;
  const pool = createPool(common.windowRows * pixels);
  const reader: ChunkReader = { ...common, path: options.images, file, pixels };
  return {
    ...common,
    epoch(epochOptions = {}) {
      requireKnownOptions("epoch", epochOptions, EPOCH_OPTIONS, "{ shuffle }");
      // Checked here, so that wrong numbers are reported by the call and not by the first use of its result.
      checkNumbers("rows", epochOptions.rows ?? new Int32Array(0), count);
      checkNumbers("chunks", epochOptions.chunks ?? new Int32Array(0), chunkCount);
      if (epochOptions.share !== undefined) checkShare(epochOptions.share);
      return readEpoch(reader, windowChunks, pool, epochOptions);
    },
    fingerprint: (rows) => fingerprintOf(reader, windowChunks, rows),
    close: () => file.close(),
  };
}

type Common = Omit<IdxWindows, "epoch" | "fingerprint" | "close">;

interface ChunkReader extends Common {
  readonly path: string;
  readonly file: FileHandle;
  readonly pixels: number;
}

/** Memory for windows, used again by the next epoch. */
interface Pool {
  take(): Uint8Array;
  give(buffer: Uint8Array): void;
}

async function* readEpoch(
  reader: ChunkReader,
  windowChunks: number,
  pool: Pool,
  options: IdxWindowsEpochOptions,
): AsyncGenerator<DatasetWindow, void, undefined> {
  const { rows, chunks, shuffle, signal, share = { rank: 0, size: 1 } } = options;
  const selection = rows === undefined ? selectAll(reader) : selectRows(rows, reader);
  const order = orderChunks(reader, chunks, shuffle)
    .filter((chunk) => selection.count(chunk) > 0)
    .filter((_, place) => place % share.size === share.rank);
  const buffers = [pool.take(), pool.take()] as const;
  const readFrom = (start: number) => {
    const buffer = buffers[(start / windowChunks) % 2 === 0 ? 0 : 1];
    const window = readWindow(reader, order.subarray(start, start + windowChunks), selection, buffer);
    // An error is met when the window is asked for; until then, it is not one that nobody handles.
    window.catch(() => {});
    return window;
  };
  let next = readFrom(0);
  try {
    for (let start = 0; start < order.length; start += windowChunks) {
      signal?.throwIfAborted();
      const window = await next;
      next = readFrom(start + windowChunks);
      yield window;
    }
  } finally {
    // Whoever leaves early does not need what is being read, but its memory must not be used before it is.
    await next.catch(() => {});
    pool.give(buffers[0]);
    pool.give(buffers[1]);
  }
}

async function readWindow(
  reader: ChunkReader,
  chunks: Int32Array,
  selection: Selection,
  buffer: Uint8Array,
): Promise<DatasetWindow> {
  const { labels, pixels, imageShape, classes, classNames } = reader;
  const sizes = Array.from(chunks, (chunk) => rowCountOf(chunk, reader));
  const fileRows = new Int32Array(sizes.reduce((total, size) => total + size, 0));
  const rows = new Int32Array(chunks.reduce((total, chunk) => total + selection.count(chunk), 0));
  let imageEnd = 0;
  let rowEnd = 0;
  for (const [i, chunk] of chunks.entries()) {
    const firstRow = chunk * reader.chunkRows;
    const size = sizes[i] ?? 0;
    await readImages(reader, firstRow, buffer.subarray(imageEnd * pixels, (imageEnd + size) * pixels));
    for (let row = 0; row < size; row++) {
      fileRows[imageEnd + row] = firstRow + row;
    }
    const selected = selection.rows(chunk);
    for (const fileRow of selected) {
      rows[rowEnd++] = imageEnd + fileRow - firstRow;
    }
    imageEnd += size;
  }
  const dataset: ImageDataset = {
    features: { ...imageFormat(imageShape), data: buffer.subarray(0, imageEnd * pixels) },
    targets: {
      ...classFormat(classes, classNames),
      labels: labelsOfRows(labels, fileRows),
    },
    rows,
  };
  return { dataset, fileRows };
}

async function readImages(reader: ChunkReader, firstRow: number, target: Uint8Array): Promise<void> {
  const { file, path, pixels } = reader;
  const start = idxHeaderBytes("images") + firstRow * pixels;
  for (let filled = 0; filled < target.length; ) {
    const { bytesRead } = await file
      .read(target, filled, target.length - filled, start + filled)
      .catch((error: unknown) => {
        throw asFileAccessError(error, path);
      });
    if (bytesRead === 0) {
      throw new DataFormatError(`${path} was cut short while it was being read; get the file again.`);
    }
    filled += bytesRead;
  }
}

/** Images that are looked at: enough to tell files apart, in some milliseconds. */
const SAMPLED_IMAGES = 1024;

async function fingerprintOf(
  reader: ChunkReader,
  windowChunks: number,
  rows: Int32Array | undefined,
): Promise<string> {
  const { count, imageShape, classes, labels, chunkRows, pixels } = reader;
  const hash = createHash("sha256").update(
    JSON.stringify([count, imageShape, classes, chunkRows, windowChunks]),
  );
  hash.update(labels);
  if (rows !== undefined) hash.update(rows);
  const image = new Uint8Array(pixels);
  const step = Math.max(1, Math.floor(count / SAMPLED_IMAGES));
  for (let row = 0; row < count; row += step) {
    await readImages(reader, row, image);
    hash.update(image);
  }
  return hash.digest("hex");
}

function createPool(byteLength: number): Pool {
  const free: Uint8Array[] = [];
  return {
    take: () => free.pop() ?? new Uint8Array(byteLength),
    give: (buffer) => free.push(buffer),
  };
}

function checkShare({ rank, size }: { readonly rank: number; readonly size: number }): void {
  expectWholeNumber("the size of share", size);
  const isRank = Number.isInteger(rank) && rank >= 0 && rank < size;
  expectThat(isRank, `a whole number from 0 to ${size - 1}`, "the rank of share", rank);
}

function checkBytes(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError(
      `Expected a whole number of at least 1 for ${name} but received ${value}.`,
    );
  }
}
