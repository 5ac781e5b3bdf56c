import type { FloatArray } from "../backend.js";

/** Memory for intermediate results that is kept for the next call: the first elements of it, of the type of `like`. */
export type Reserve = (like: FloatArray, length: number) => FloatArray;

/** What one call returned is no longer valid after the next. */
export function createScratch(): Reserve {
  let [floats, doubles] = [new Float32Array(0), new Float64Array(0)];
  return (like, length) => {
    if (like instanceof Float32Array) {
      if (floats.length < length) floats = new Float32Array(length);
      return floats.subarray(0, length);
    }
    if (doubles.length < length) doubles = new Float64Array(length);
    return doubles.subarray(0, length);
  };
}
