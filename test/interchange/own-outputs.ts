import type { FloatArray } from "../../src/backend/backend.js";
import type { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { type Tensor, tensor, toArray } from "../../src/tensor/tensor.js";

/** What a network itself makes of rows of numbers, [n_rows, n_outputs] row by row. */
export function ownOutputs(network: MultilayerPerceptron, rows: FloatArray): readonly number[] {
  const { inputs, dtype, backend } = network;
  const x = tensor(rows, [rows.length / inputs, inputs], { dtype, backend });
  return [...toArray(network.forward(x).at(-1) as Tensor)]; // A network has at least one layer.
}

/** The largest difference; infinite where there are not as many numbers, or where one is NaN. */
export function largestDifference(found: readonly number[], expected: readonly number[]): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  const differences = found.map((value, i) => Math.abs(value - (expected[i] as number)));
  return differences.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(...differences);
}
