import type { FileHandle } from "node:fs/promises";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { DataFormatError } from "../errors.js";
import { openRegularFile } from "../system/regular-file.js";
import { asFileAccessError } from "../system/system-error.js";

/** As many as pay for a whole file. */
const CHUNK_BYTES = 1 << 20;

/** The content of an open file, from its first byte on, decompressed where it is compressed. */
export interface ByteSource {
  /** The size of the file itself, before decompression. */
  readonly fileBytes: number;
  readonly compressed: boolean;
  readonly read: ByteReader;
}

/** Fills `target` from where the last read ended; returns how many bytes, fewer than asked only at the end. */
export type ByteReader = (target: Uint8Array) => Promise<number>;

/**
 * Opens a file, raw or gzip-compressed, for `use`, and closes it whatever happens. Its content decides whether it is
 * compressed.
 *
 * @param chunkBytes How many bytes are read and decompressed at a time. Few are enough for the beginning of a file.
 * @throws FileAccessError when the file is missing, is not a file, or cannot be read.
 * @throws DataFormatError when compressed data are damaged or end too early.
 * @throws OutOfMemoryError when there is not enough memory to decompress them.
 */
export async function withByteSource<T>(
  path: string,
  use: (source: ByteSource) => Promise<T>,
  chunkBytes = CHUNK_BYTES,
): Promise<T> {
  try {
    const handle = await openRegularFile(path);
    try {
      const { size: fileBytes } = await handle.stat();
      const compressed = await hasGzipMagic(handle);
      const stream = byteStream(handle, compressed, chunkBytes);
      try {
        return await use({ fileBytes, compressed, read: byteReader(stream) });
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

/**
 * The bytes of a file, raw or gzip-compressed, piece by piece, so that it may be larger than the memory. The file is closed when the last
 * piece was taken, or nobody wants more.
 *
 * @param onRead Told how many bytes of the file itself have been read, after each piece of a file that is not compressed.
 * @throws as {@link withByteSource}.
 */
export async function* contentOf(
  path: string,
  { chunkBytes = CHUNK_BYTES, onRead }: ContentOptions = {},
): AsyncGenerator<Uint8Array, void> {
  try {
    const handle = await openRegularFile(path);
    try {
      const { size } = await handle.stat();
      const compressed = await hasGzipMagic(handle);
      const stream = byteStream(handle, compressed, chunkBytes);
      let read = 0;
      try {
        for await (const chunk of stream as AsyncIterable<Uint8Array>) {
          read += chunk.length;
          if (!compressed) onRead?.(read, size);
          yield chunk;
        }
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

export interface ContentOptions {
  readonly chunkBytes?: number;
  readonly onRead?: ((bytes: number, ofBytes: number) => void) | undefined;
}

/**
 * How many bytes a file has.
 *
 * @throws FileAccessError when there is none, or when it is a folder, a device or a pipe.
 */
export async function sizeOfFile(path: string): Promise<number> {
  const handle = await openRegularFile(path);
  try {
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

/** Reads from a stream of bytes in pieces of the caller's choice. */
export function byteReader(stream: AsyncIterable<Uint8Array>): ByteReader {
  const chunks = stream[Symbol.asyncIterator]();
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

async function hasGzipMagic(handle: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await handle.read(new Uint8Array(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}

function byteStream(handle: FileHandle, compressed: boolean, chunkBytes: number): Readable {
  const file = handle.createReadStream({ start: 0, autoClose: false, highWaterMark: chunkBytes });
  // The callback has nothing to do: an error of either stream reaches whoever reads from the second.
  return compressed ? pipeline(file, createGunzip({ chunkSize: chunkBytes }), () => {}) : file;
}

function asUserError(error: unknown, path: string): unknown {
  const userError = asFileAccessError(error, path);
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException;
  if (userError !== error || !code?.startsWith("Z_")) {
    return userError;
  }
  const fault = code === "Z_BUF_ERROR" ? "its compressed data end too early" : message;
  return new DataFormatError(`${path} is a damaged gzip file (${fault}); get the file again.`, {
    cause: error,
  });
}
