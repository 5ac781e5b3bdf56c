import type { Tensor } from "./tensor.js";

/** The Euclidean norm of all numbers of some tensors together: sqrt(sum of x²). */
export function norm(tensors: readonly Tensor[]): number {
  const squares = new Float64Array(1);
  // What lies between the numbers of a tensor is 0.
  for (const { backend, data } of tensors) backend.sumOfSquares({ x: data, totals: squares });
  return Math.sqrt(squares[0] as number);
}
