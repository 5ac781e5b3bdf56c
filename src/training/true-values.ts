import type { Dataset } from "../data/dataset.js";

/** The targets of the dataset's rows, [n_examples, width]; of classes none. */
export function trueValues({ targets, rows }: Dataset): Float64Array {
  if (targets.kind !== "values") return new Float64Array(0);
  const { width, data } = targets;
  const values = new Float64Array(rows.length * width);
  for (const [i, row] of rows.entries()) values.set(data.subarray(row * width, (row + 1) * width), i * width);
  return values;
}
