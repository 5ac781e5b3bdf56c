import { expect } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { ModelFormatError } from "../../../src/errors.js";
import { importOnnx } from "../../../src/interchange/index.js";
import { BIAS, fileOf, type GraphByHand, node, numbers, TRANSPOSED, WEIGHT } from "./graphs-by-hand.js";

export const backend = createJavaScriptBackend();
export const zero = numbers("zero", [], [0]);
export const one = numbers("one", [], [1]);
export const square = numbers("square", [2, 2], [1, 0, 0, 1]);
export const tensors = [WEIGHT, TRANSPOSED, BIAS, zero, one, square];
export const matMul = node("MatMul", ["x", "w"], "z");

export async function sentenceOf(graph: GraphByHand): Promise<string> {
  const file = fileOf({ ...graph, tensors: [...tensors, ...(graph.tensors ?? [])] });
  const error = await importOnnx(file, { backend, name: "a.onnx" }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ModelFormatError);
  return (error as Error).message.replace(/^a\.onnx cannot be imported: /, "");
}

/** After a MatMul of 3 columns into 2. */
export const afterMatMul = (...nodes: GraphByHand["nodes"]): GraphByHand => ({ nodes: [matMul, ...nodes] });
