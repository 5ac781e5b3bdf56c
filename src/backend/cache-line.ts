import type { DType } from "./float-array.js";

/** A line of the processor's cache, in bytes: where weights begin, and what their columns are padded to. `kLineBytes` of the addon. */
export const LINE_BYTES = 64;

/** How many elements a line has. */
export function lineLength(dtype: DType): number {
  return LINE_BYTES / (dtype === "float32" ? 4 : 8);
}
