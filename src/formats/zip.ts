import type { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import type { Entry, ZipFile } from "yauzl";
import { DataFormatError } from "../errors.js";
import { asFileAccessError } from "../system/system-error.js";
import { sizeOfFile } from "./byte-source.js";

/** An open zip archive. */
export interface ZipArchive {
  /** The names of its files. */
  readonly names: readonly string[];
  /** What the archive claims of a file's size, which {@link read} holds it to; 0 where there is no such file. */
  sizeOf(name: string): number;
  /**
   * The content of one of its files, valid while the archive is open.
   *
   * @throws DataFormatError while it is read, at the latest after the last byte: when the archive has no file of this name, or
   *   when the content has not the size and the CRC-32 that the archive gives.
   */
  read(name: string): AsyncIterable<Uint8Array>;
}

/**
 * Opens a zip archive for `use`, and closes it whatever happens.
 *
 * @throws FileAccessError when the file is missing, is not a file, or cannot be read.
 * @throws DataFormatError when it is not a zip archive, or damaged.
 */
export async function withZip<T>(path: string, use: (archive: ZipArchive) => Promise<T>): Promise<T> {
  await sizeOfFile(path);
  const { openPromise } = await import("yauzl");
  return useZip(() => openPromise(path, OPEN_OPTIONS), path, use);
}

/**
 * As {@link withZip}, of an archive in memory.
 *
 * @param name What messages call it.
 * @throws DataFormatError when it is not a zip archive, or damaged.
 */
export async function withZipBytes<T>(
  bytes: Uint8Array,
  name: string,
  use: (archive: ZipArchive) => Promise<T>,
): Promise<T> {
  const { fromBufferPromise } = await import("yauzl");
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return useZip(() => fromBufferPromise(buffer, OPEN_OPTIONS), name, use);
}

const OPEN_OPTIONS = { autoClose: false, lazyEntries: true } as const;

async function useZip<T>(
  open: () => Promise<ZipFile>,
  path: string,
  use: (archive: ZipArchive) => Promise<T>,
): Promise<T> {
  const zip = await open().catch((error: unknown) => {
    throw asUserError(error, path);
  });
  const streams: Readable[] = [];
  try {
    const entries = await listEntries(zip, path);
    return await use({
      names: [...entries.keys()],
      sizeOf: (name) => entries.get(name)?.uncompressedSize ?? 0,
      async *read(name) {
        const entry = entries.get(name);
        if (entry === undefined) {
          throw new DataFormatError(`${path} has no file ${name} in it.`);
        }
        try {
          const stream = await zip.openReadStreamPromise(entry);
          streams.push(stream);
          let sum = 0;
          for await (const chunk of stream as AsyncIterable<Buffer>) {
            sum = crc32(chunk, sum);
            yield chunk;
          }
          if (sum !== entry.crc32) {
            throw new Error(`the CRC-32 of ${name} does not match`);
          }
        } catch (error) {
          throw asUserError(error, path);
        }
      },
    });
  } finally {
    for (const stream of streams) {
      stream.destroy();
    }
    zip.close();
  }
}

async function listEntries(zip: ZipFile, path: string): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) {
      entries.set(entry.fileName, entry);
    }
  } catch (error) {
    throw asUserError(error, path);
  }
  return entries;
}

/** What is no fault of the system is one of the archive: the library gives its faults no class and no code. */
function asUserError(error: unknown, path: string): unknown {
  const userError = asFileAccessError(error, path);
  return userError !== error || !(error instanceof Error)
    ? userError
    : new DataFormatError(`${path} is a damaged zip archive (${error.message}); get the file again.`, {
        cause: error,
      });
}
