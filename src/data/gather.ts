import type { FloatArray } from "../backend/backend.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Labels } from "./targets.js";

// How rows of a dataset come into a minibatch's memory, converted to its type on the way.

/** out[i, :] = x[rows[i], :] for matrices of `width` columns: by the backend, but for numbers of another type than `out` is of. */
export function gatherRows(x: FloatArray, rows: Int32Array, width: number, { data, backend }: Tensor): void {
  if (x.constructor === data.constructor) backend.gatherRows({ x, rows, width, out: data });
  else convertRows(x, rows, width, data);
}

function convertRows(x: FloatArray, rows: Int32Array, width: number, out: FloatArray): void {
  for (let i = 0; i < rows.length; i++) {
    const start = (rows[i] as number) * width; // Each row is one of the dataset's.
    for (let j = 0; j < width; j++) out[i * width + j] = x[start + j] as number;
  }
}

/** out[i] = labels[rows[i]] */
export function gatherLabels(labels: Labels, rows: Int32Array, out: Labels): void {
  for (let i = 0; i < rows.length; i++) out[i] = labels[rows[i] as number] as number; // Each row is one of the dataset's.
}
