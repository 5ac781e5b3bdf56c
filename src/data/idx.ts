import { constants } from "node:buffer";
import { type FileHandle, open, stat } from "node:fs/promises";
import { totalmem } from "node:os";
import { pipeline, type Readable } from "node:stream";
import { getSystemErrorMap } from "node:util";
import { createGunzip } from "node:zlib";
import { DataFormatError, FileAccessError, MnistNativeError, ShapeError } from "../errors.js";

/** What an IDX file holds: images are [n_images, height, width], labels [n_labels]; both are unsigned bytes. */
export type IdxKind = "images" | "labels";

/** What the first bytes of an IDX file say. */
export interface IdxHeader {
  readonly path: string;
  readonly kind: IdxKind;
  /** [n_images, height, width] or [n_labels], each at least 1. */
  readonly shape: readonly number[];
  /** Bytes in the body: the product of the shape. */
  readonly byteLength: number;
}

const MAGIC: Readonly<Record<IdxKind, number>> = { images: 0x00000803, labels: 0x00000801 };
const DIMENSIONS: Readonly<Record<IdxKind, number>> = { images: 3, labels: 1 };

/** No deflate stream expands further (zlib's technical notes): a larger claim is false, whatever follows. */
const DEFLATE_MAX_EXPANSION = 1032;
const CHUNK_BYTES = 1 << 20;

/**
 * Reads the header of an IDX file, raw or gzip-compressed, and checks it against the size of the file and the memory of
 * the machine, so that the caller may allocate what it promises.
 *
 * The format is described at http://yann.lecun.com/exdb/mnist/; whether a file is compressed is decided by its content.
 *
 * @throws FileAccessError when the file is missing, is a folder, or cannot be read.
 * @throws DataFormatError when the file is not an IDX file of this kind, or when its header cannot be true.
 */
export async function readIdxHeader(path: string, kind: IdxKind): Promise<IdxHeader> {
  return withByteSource(path, (source) => parseHeader(source, path, kind));
}

/**
 * Reads the body of an IDX file into `target`, decompressing on the way, without a second copy of the data.
 *
 * @param target Exactly `header.byteLength` bytes. Its content is undefined when this throws.
 * @throws ShapeError when `target` has another length.
 * @throws FileAccessError when the file cannot be read.
 * @throws DataFormatError when the body is shorter or longer than the header promises, or damaged.
 */
export async function readIdxBody(header: IdxHeader, target: Uint8Array): Promise<void> {
  const { path, kind, shape, byteLength } = header;
  if (target.length !== byteLength) {
    throw new ShapeError(`Expected ${byteLength} bytes to read ${path} into but received ${target.length}.`);
  }
  await withByteSource(path, async (source) => {
    const current = await parseHeader(source, path, kind);
    if (current.shape.join() !== shape.join()) {
      throw new DataFormatError(`${path} changed while it was being read; try again when it is complete.`);
    }
    const received = await source.read(target);
    if (received < byteLength) {
      throw truncated(header, received);
    }
    const excess = await source.read(new Uint8Array(1));
    if (excess > 0) {
      throw overlong(header);
    }
  });
}

/** Reads a whole IDX file. Throws as {@link readIdxHeader} and {@link readIdxBody} do. */
export async function readIdx(path: string, kind: IdxKind): Promise<IdxHeader & { data: Uint8Array }> {
  const header = await readIdxHeader(path, kind);
  const data = new Uint8Array(header.byteLength);
  await readIdxBody(header, data);
  return { ...header, data };
}

/** The bytes that come before the body of an IDX file: the magic number and the shape, big-endian. */
export function encodeIdxHeader(kind: IdxKind, shape: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(headerBytes(kind));
  const view = new DataView(bytes.buffer);
  for (const [i, value] of [MAGIC[kind], ...shape].entries()) {
    view.setUint32(4 * i, value);
  }
  return bytes;
}

/**
 * Checks that `byteLength` bytes can be had in one piece.
 *
 * @param source What needs them, for the message.
 * @throws DataFormatError when they cannot.
 */
export function checkFitsInMemory(byteLength: number, source: string): void {
  const limit = Math.min(constants.MAX_LENGTH, totalmem());
  if (byteLength > limit) {
    throw new DataFormatError(
      `${source} needs ${gibibytes(byteLength)} of memory, but at most ${gibibytes(limit)} can be had here.`,
    );
  }
}

async function parseHeader(source: ByteSource, path: string, kind: IdxKind): Promise<IdxHeader> {
  const bytes = new Uint8Array(headerBytes(kind));
  const received = await source.read(bytes);
  checkMagic(bytes.subarray(0, received), path, kind);
  if (received < bytes.length) {
    throw new DataFormatError(
      `${path} ends after ${received} bytes, inside its header; the file is truncated: get it again.`,
    );
  }

  const view = new DataView(bytes.buffer);
  const shape = Array.from({ length: DIMENSIONS[kind] }, (_, i) => view.getUint32(4 + 4 * i));
  const byteLength = shape.reduce((product, size) => product * size, 1);
  const header = { path, kind, shape, byteLength };
  if (byteLength === 0) {
    throw new DataFormatError(`${path} holds no ${kind}: its header gives the shape ${describe(shape)}.`);
  }
  checkClaim(header, source);
  return header;
}

function checkMagic(bytes: Uint8Array, path: string, kind: IdxKind): void {
  const other = kind === "images" ? "labels" : "images";
  const magic = Buffer.from(bytes.subarray(0, 4)).toString("hex");
  if (magic === hex(MAGIC[kind])) {
    return;
  }
  if (magic === hex(MAGIC[other])) {
    throw new DataFormatError(
      `${path} holds ${other} where ${kind} were expected; the two files may have been swapped.`,
    );
  }
  const found = magic === "" ? "is empty" : `starts with the bytes ${magic}`;
  throw new DataFormatError(
    `${path} is not an IDX file of ${kind}: it ${found}, and ${hex(MAGIC[kind])} was expected.`,
  );
}

/** Compares what the header claims with what there is, before anybody allocates for it. */
function checkClaim(header: IdxHeader, { fileBytes, compressed }: ByteSource): void {
  const { path, kind, byteLength } = header;
  const bodyBytes = fileBytes - headerBytes(kind);
  if (compressed && byteLength > fileBytes * DEFLATE_MAX_EXPANSION) {
    throw new DataFormatError(
      `${path} claims ${promise(header)}, more than its ${fileBytes} compressed bytes can hold; get the file again.`,
    );
  }
  if (!compressed && byteLength > bodyBytes) {
    throw truncated(header, bodyBytes);
  }
  if (!compressed && byteLength < bodyBytes) {
    throw overlong(header);
  }
  checkFitsInMemory(byteLength, path);
}

function truncated(header: IdxHeader, received: number): DataFormatError {
  return new DataFormatError(
    `${header.path} is truncated: its header promises ${promise(header)}, but only ${received} bytes follow; get the file again.`,
  );
}

function overlong(header: IdxHeader): DataFormatError {
  return new DataFormatError(
    `${header.path} is too long: its header promises ${promise(header)}, but more bytes follow; get the file again.`,
  );
}

function promise({ kind, shape, byteLength }: IdxHeader): string {
  return `${kind} of shape ${describe(shape)}, ${byteLength} bytes`;
}

function describe(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

function headerBytes(kind: IdxKind): number {
  return 4 + 4 * DIMENSIONS[kind];
}

function hex(magic: number): string {
  return magic.toString(16).padStart(8, "0");
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

/** The content of an open file, from its first byte on, decompressed where it is compressed. */
interface ByteSource {
  /** The size of the file itself, before decompression. */
  readonly fileBytes: number;
  readonly compressed: boolean;
  /** Fills `target` from where the last read ended; returns how many bytes, fewer than asked only at the end. */
  read(target: Uint8Array): Promise<number>;
}

/** Opens a file for `use` and closes it whatever happens; failures come out as errors that name the file. */
async function withByteSource<T>(path: string, use: (source: ByteSource) => Promise<T>): Promise<T> {
  try {
    // Asked before opening, because opening a named pipe would wait for its writer.
    const stats = await stat(path);
    if (!stats.isFile()) {
      const found = stats.isDirectory() ? "a folder" : "a device or a pipe";
      throw new FileAccessError(`${path} is ${found} where a data file was expected.`);
    }
    const handle = await open(path);
    try {
      const compressed = await hasGzipMagic(handle);
      const stream = byteStream(handle, compressed);
      try {
        return await use({ fileBytes: stats.size, compressed, read: readerOf(stream) });
      } finally {
        stream.destroy();
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw asUserError(error, path);
  }
}

async function hasGzipMagic(handle: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await handle.read(new Uint8Array(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}

function byteStream(handle: FileHandle, compressed: boolean): Readable {
  const file = handle.createReadStream({ start: 0, autoClose: false, highWaterMark: CHUNK_BYTES });
  // The callback has nothing to do: an error of either stream reaches whoever reads from the second.
  return compressed ? pipeline(file, createGunzip({ chunkSize: CHUNK_BYTES }), () => {}) : file;
}

function readerOf(stream: Readable): ByteSource["read"] {
  const chunks: AsyncIterator<Uint8Array> = stream[Symbol.asyncIterator]();
  let chunk: Uint8Array = new Uint8Array(0);
  return async (target) => {
    let filled = 0;
    while (filled < target.length) {
      if (chunk.length === 0) {
        const next = await chunks.next();
        if (next.done) {
          break;
        }
        chunk = next.value;
      }
      const part = chunk.subarray(0, target.length - filled);
      target.set(part, filled);
      filled += part.length;
      chunk = chunk.subarray(part.length);
    }
    return filled;
  };
}

function asUserError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof MnistNativeError) {
    return error;
  }
  const { code = "", errno = 0 } = error as NodeJS.ErrnoException;
  if (code.startsWith("Z_")) {
    const fault = code === "Z_BUF_ERROR" ? "its compressed data end too early" : error.message;
    return new DataFormatError(`${path} is a damaged gzip file (${fault}); get the file again.`, {
      cause: error,
    });
  }
  const [, reason] = getSystemErrorMap().get(errno) ?? [];
  return reason === undefined
    ? error
    : new FileAccessError(`${path} cannot be read: ${reason}.`, { cause: error });
}
