import { readFileSync } from "node:fs";
import type { Backend } from "../../../src/backend/backend.js";
import type { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { tensor, toArray } from "../../../src/tensor/tensor.js";

// Networks that other programs wrote, with what these made of some rows (scripts/record-onnx.py).

interface Recorded {
  /** The same for all, [n_examples, n_inputs]. */
  readonly x: readonly (readonly number[])[];
  readonly models: readonly RecordedModel[];
}

export interface RecordedModel {
  readonly name: string;
  /** [n_examples, n_outputs] */
  readonly outputs: readonly (readonly number[])[];
}

const FOLDER = new URL("../../golden/onnx/", import.meta.url);

export const RECORDED = JSON.parse(readFileSync(new URL("recorded.json", FOLDER), "utf8")) as Recorded;

export function recordedBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`${name}.onnx`, FOLDER)));
}

/** What a network makes of rows, [n_examples, n_outputs]. */
export function outputsFor(
  network: MultilayerPerceptron,
  rows: readonly (readonly number[])[],
  backend: Backend = network.backend,
): readonly number[][] {
  const x = tensor(rows.flat(), [rows.length, network.inputs], { dtype: network.dtype, backend });
  const last = network.forward(x).at(-1);
  const numbers = last === undefined ? [] : [...toArray(last)];
  return rows.map((_, i) => numbers.slice(i * network.outputs, (i + 1) * network.outputs));
}

/** The largest difference between two tables of numbers of one shape. */
export function largestDifference(
  found: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
): number {
  const [a, b] = [found.flat(), expected.flat()];
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))));
}
