import { expect } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { importOnnx } from "../../../src/interchange/index.js";
import {
  BIAS,
  fileOf,
  type GraphByHand,
  node,
  products,
  ROWS,
  TRANSPOSED,
  WEIGHT,
} from "./graphs-by-hand.js";
import { largestDifference, outputsFor } from "./recorded-models.js";

export const backend = createJavaScriptBackend();
export const tensors = [WEIGHT, TRANSPOSED, BIAS];
export const bias = [0.5, -1];

export const plusBias = (rows: readonly (readonly number[])[], factor = 1) =>
  rows.map((row) => row.map((z, unit) => z + factor * (bias[unit] as number)));

export const each = (f: (z: number) => number, rows = products()) => rows.map((row) => row.map(f));

export async function outputsOf(graph: GraphByHand): Promise<readonly (readonly number[])[]> {
  const { network } = await importOnnx(fileOf({ tensors, ...graph }), { backend });
  return outputsFor(network, ROWS);
}

export async function expectOutputs(
  graph: GraphByHand,
  expected: readonly (readonly number[])[],
): Promise<void> {
  expect(largestDifference(await outputsOf(graph), expected)).toBeLessThan(1e-6);
}

export const matMul = node("MatMul", ["x", "w"], "z");

export const softmaxOf = (z: readonly number[]) => {
  const powers = z.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
};
