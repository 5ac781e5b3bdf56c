import type { SoftmaxArguments } from "../operations/softmax.js";

/** out[i, :] = exp(x[i, :] - max) / sum, where max is the largest of the row: exp is only taken of numbers that are not positive. */
export function softmax({ x, rows, columns, out }: SoftmaxArguments): void {
  for (let i = 0; i < rows; i++) {
    const start = i * columns;
    const end = start + columns;
    let largest = Number.NEGATIVE_INFINITY;
    for (let j = start; j < end; j++) {
      largest = Math.max(largest, x[j] as number); // NaN where one is.
    }
    let sum = 0;
    for (let j = start; j < end; j++) {
      const e = Math.exp((x[j] as number) - largest);
      sum += e;
      out[j] = e;
    }
    for (let j = start; j < end; j++) {
      out[j] = (out[j] as number) / sum;
    }
  }
}
