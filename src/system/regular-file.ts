import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { FileAccessError } from "../errors.js";
import { asFileAccessError } from "./system-error.js";

/** The most bytes of each kind of file that is read as a whole; far more than any of them needs. */
export const LARGEST_FILE = {
  json: 64 * 2 ** 20,
  model: 4 * 2 ** 30,
  picture: 64 * 2 ** 20,
} as const;

/** Opening a named pipe would wait for its writer. Windows, which has no such files, lacks the flag. */
const READ_AT_ONCE = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** How a message names a file, and what to do where it cannot be read. */
export interface FileWords {
  /** Default: its path. */
  readonly name?: string;
  /** The end of the sentence. */
  readonly advice?: string | undefined;
}

/**
 * Opens a file to read. Pipes, devices and folders are refused: reading them may wait or go on for ever.
 *
 * @throws FileAccessError when there is none, when it is not a regular file, or when it cannot be read.
 */
export async function openRegularFile(
  path: string,
  { name = path, advice }: FileWords = {},
): Promise<FileHandle> {
  const handle = await open(path, READ_AT_ONCE).catch((error: unknown) => {
    throw asFileAccessError(error, name, advice);
  });
  const stats = await handle.stat();
  if (stats.isFile()) return handle;
  await handle.close();
  const found = stats.isDirectory() ? "a folder" : "a device or a pipe";
  throw new FileAccessError(`${name} cannot be read: it is ${found}${advice ? `; ${advice}` : ""}.`);
}

/**
 * Reads a whole file.
 *
 * @param largest The most bytes that it may have.
 * @throws FileAccessError as {@link openRegularFile}, and when it is larger.
 */
export async function readRegularFile(path: string, largest: number, words: FileWords = {}): Promise<Buffer> {
  const { name = path, advice } = words;
  const handle = await openRegularFile(path, words);
  try {
    const { size } = await handle.stat();
    if (size > largest) {
      throw new FileAccessError(
        `${name} has ${megabytes(size)}, and at most ${megabytes(largest)} were expected; name another file.`,
      );
    }
    return await handle.readFile();
  } catch (error) {
    throw asFileAccessError(error, name, advice);
  } finally {
    await handle.close();
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
