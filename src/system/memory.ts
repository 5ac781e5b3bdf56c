import { constants } from "node:buffer";
import { totalmem } from "node:os";
import { DataFormatError } from "../errors.js";
import { shortageOf } from "./shortage.js";

/**
 * Checks that `byteLength` bytes can be had in one piece, before anybody allocates for a claim that cannot be true.
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

/**
 * What `make` allocates, such as a typed array.
 *
 * @throws OutOfMemoryError when there is not enough memory for it.
 */
export function allocate<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw shortageOf(error) ?? error;
  }
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
