import { closeSync, ftruncateSync, openSync, statSync, writeSync } from "node:fs";

/**
 * Writes a file that begins with `start` and is zero up to `size`, without taking room for the zeros.
 *
 * @returns Why not, where the file system cannot do that.
 */
export function writeSparseFile(path: string, start: Uint8Array, size: number): string | null {
  const file = openSync(path, "w");
  try {
    writeSync(file, start);
    ftruncateSync(file, size);
  } catch (error) {
    return `a file of ${size} bytes cannot be made here: ${error instanceof Error ? error.message : error}`;
  } finally {
    closeSync(file);
  }
  const { blocks } = statSync(path);
  return 512 * blocks > size / 2 ? "this file system stores every zero of a large file" : null;
}
