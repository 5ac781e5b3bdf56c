import { Readable } from "node:stream";
import { DataFormatError, InvalidArgumentError } from "../errors.js";
import { LARGEST_FILE } from "../system/regular-file.js";
import { byteReader } from "./byte-source.js";
import { type NpyArray, readNpyArray } from "./npy-array.js";
import { withZipBytes } from "./zip.js";

// Several named arrays in one file, as numpy.savez writes them: a zip archive of files NAME.npy.

const ENDING = ".npy";
/** The library takes larger ones as streams alone. */
const LARGEST_BUFFER = 0x3fffffff;
/** More than any model needs, and read in a second. */
const MOST_ARRAYS = 4096;
/** Weights are compressed to some nine tenths, zeros to a thousandth. */
const MOST_TIMES_COMPRESSED = 100;
const ALWAYS_ALLOWED = 256 * 2 ** 20;

/**
 * Writes arrays as numpy.savez does, uncompressed. The same arrays give the same bytes: no date is written.
 *
 * @param arrays What `encodeNpy` and `encodeNpyText` have made, by their names.
 * @throws InvalidArgumentError when they are more than a file may have.
 */
export async function encodeNpz(arrays: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  const total = [...arrays.values()].reduce((sum, { length }) => sum + length, 0);
  if (total > LARGEST_FILE.model) {
    throw new InvalidArgumentError(
      `Expected arrays of at most ${LARGEST_FILE.model} bytes in a file but received ${total}.`,
    );
  }
  const { ZipFile } = await import("yazl");
  const zip = new ZipFile();
  // The first day that a zip archive knows, in whatever time zone.
  const options = { mtime: new Date(1980, 0, 1), forceDosTimestamp: true, compress: false };
  for (const [name, { buffer, byteOffset, length }] of arrays) {
    const bytes = Buffer.from(buffer, byteOffset, length);
    if (length <= LARGEST_BUFFER) zip.addBuffer(bytes, `${name}${ENDING}`, options);
    else zip.addReadStream(Readable.from([bytes]), `${name}${ENDING}`, { ...options, size: length });
  }
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  const { buffer, byteOffset, length } = Buffer.concat(chunks);
  return new Uint8Array(buffer, byteOffset, length);
}

/** What is in such a file. */
export interface Npz {
  readonly arrays: ReadonlyMap<string, NpyArray>;
  /** The files in the archive that are no arrays. */
  readonly others: readonly string[];
}

/**
 * Reads all arrays that numpy.savez or numpy.savez_compressed wrote, in the order of the file. Nothing in it is trusted: memory is taken
 * for what the bytes can hold.
 *
 * @param fileName What messages call it.
 * @throws DataFormatError when it is not such a file, or damaged; when it has arrays of other things than numbers and texts; or when it is
 *   compressed so far that it cannot hold weights.
 */
export function readNpz(bytes: Uint8Array, fileName: string): Promise<Npz> {
  return withZipBytes(bytes, fileName, async ({ names, sizeOf, read }) => {
    const files = names.filter((name) => name.endsWith(ENDING));
    if (files.length > MOST_ARRAYS) {
      throw new DataFormatError(
        `${fileName} holds ${files.length} arrays, and at most ${MOST_ARRAYS} are read.`,
      );
    }
    const total = files.reduce((sum, name) => sum + sizeOf(name), 0);
    const most = Math.min(LARGEST_FILE.model, Math.max(ALWAYS_ALLOWED, bytes.length * MOST_TIMES_COMPRESSED));
    if (total > most) {
      throw new DataFormatError(
        `${fileName} has ${bytes.length} bytes and claims to hold arrays of ${total}, and at most ${most} were expected; save them by numpy.savez, uncompressed.`,
      );
    }
    const arrays = new Map<string, NpyArray>();
    for (const file of files) {
      const name = file.slice(0, -ENDING.length);
      const reader = byteReader(read(file));
      arrays.set(name, await readNpyArray(reader, `${name} in ${fileName}`, sizeOf(file)));
    }
    return { arrays, others: names.filter((name) => !name.endsWith(ENDING)) };
  });
}
