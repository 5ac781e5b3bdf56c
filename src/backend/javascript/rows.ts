import type { ArgmaxRowsArguments, ColumnSumsArguments, FloatArray } from "../backend.js";
import type { GatherImagesArguments, GatherRowsArguments } from "../operations/rows.js";

/** out[i, :] = images[rows[i], :] * scale + offset */
export function gatherImages({ images, rows, width, scale, offset, out }: GatherImagesArguments): void {
  for (let i = 0; i < rows.length; i++) {
    const from = (rows[i] as number) * width;
    const to = i * width;
    for (let j = 0; j < width; j++) {
      out[to + j] = (images[from + j] as number) * scale + offset;
    }
  }
}

/** out[i, :] = x[rows[i], :] */
export function gatherRows({ x, rows, width, out }: GatherRowsArguments): void {
  for (let i = 0; i < rows.length; i++) {
    const from = (rows[i] as number) * width;
    const to = i * width;
    for (let j = 0; j < width; j++) out[to + j] = x[from + j] as number;
  }
}

// How many columns are summed at a time. Their sums are kept in double, and a row is read in the order in which it lies.
const sums = new Float64Array(64);

/** out[j] = sum over i of x[i, j] */
export function columnSums({ x, rows, columns, out }: ColumnSumsArguments): void {
  for (let first = 0; first < columns; first += sums.length) {
    const width = Math.min(sums.length, columns - first);
    sums.fill(0);
    for (let i = 0; i < rows; i++) {
      const row = i * columns + first;
      for (let j = 0; j < width; j++) {
        sums[j] = (sums[j] as number) + (x[row + j] as number);
      }
    }
    for (let j = 0; j < width; j++) {
      out[first + j] = sums[j] as number;
    }
  }
}

/** out[i] = the column of the largest value of row i */
export function argmaxRows({ x, rows, columns, out }: ArgmaxRowsArguments): void {
  for (let i = 0; i < rows; i++) {
    out[i] = argmax(x, i * columns, columns);
  }
}

/** As NumPy: the first of equals, and the first NaN before any number. */
export function argmax(x: FloatArray, start: number, columns: number): number {
  let best = 0;
  let largest = x[start] as number;
  for (let j = 1; j < columns && !Number.isNaN(largest); j++) {
    const value = x[start + j] as number;
    if (value > largest || Number.isNaN(value)) {
      best = j;
      largest = value;
    }
  }
  return best;
}
