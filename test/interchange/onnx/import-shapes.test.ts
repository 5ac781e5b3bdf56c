import { describe, expect, it } from "vitest";
import { DATA_TYPE, onnxGraph, onnxTensor, onnxValueInfo } from "../../../src/interchange/onnx/messages.js";
import { floats, type GraphByHand, node, numbers } from "./graphs-by-hand.js";
import { afterMatMul, sentenceOf } from "./refused-graphs.js";

describe("shapes that do not meet", () => {
  const four = numbers("four", [4, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
  const short = onnxTensor({
    name: "short",
    dims: [3, 2],
    dataType: DATA_TYPE.float,
    rawData: new Uint8Array(23),
  });
  it.each([
    [
      { nodes: [node("Gemm", ["x", "four"], "y")], tensors: [four] },
      'the Gemm "Gemm_y" has weights of the shape [4, 2], and [3, units] was expected.',
    ],
    [
      { nodes: [node("Gemm", ["x", "w"], "y", { transB: 1 })] },
      'the Gemm "Gemm_y" has weights of the shape [3, 2], and [units, 3] was expected.',
    ],
    [
      { nodes: [node("Gemm", ["x", "w", "c"], "y")], tensors: [numbers("c", [3], [1, 2, 3])] },
      'the Gemm "Gemm_y" has a bias of the shape [3], and [2] was expected.',
    ],
    [
      { ...afterMatMul(node("Add", ["z", "c"], "y")), tensors: [numbers("c", [3, 2], [1, 2, 3, 4, 5, 6])] },
      'the Add "Add_y" has rows of the shape [2] and a constant of the shape [3, 2], which do not meet.',
    ],
    [
      afterMatMul(node("BatchNormalization", ["z", "one", "b", "b", "b"], "y")),
      'the BatchNormalization "BatchNormalization_y" has one of the shape [] for its scale, and [2] was expected.',
    ],
    [
      {
        nodes: [
          node("Scaler", ["x"], "s", { offset: floats([1, 2]) }, "ai.onnx.ml"),
          node("MatMul", ["s", "w"], "y"),
        ],
      },
      'the ai.onnx.ml.Scaler "Scaler_s" has 2 numbers for its offset, and 3 were expected.',
    ],
    [
      { nodes: [node("MatMul", ["x", "w"], "y")], shape: ["rows", 3, 3] },
      'the MatMul "MatMul_y" works on rows of the shape [3, 3], and [9] was expected.',
    ],
    [
      { nodes: [node("MatMul", ["x", "short"], "y")], tensors: [short] },
      'the tensor "short" has the shape [3, 2], but its data are 23 bytes.',
    ],
    [
      { nodes: [node("MatMul", ["x", "s"], "y")], tensors: [numbers("s", [3, 2], [1, 2, 3])] },
      'the tensor "s" has the shape [3, 2], but its data are 3 numbers.',
    ],
    [
      { nodes: [node("MatMul", ["x", "s"], "y")], tensors: [numbers("s", [2 ** 40, 2 ** 40], [])] },
      `the tensor "s" has the shape [${2 ** 40}, ${2 ** 40}], which is none.`,
    ],
    [
      { nodes: [node("MatMul", ["x", "s"], "y")], tensors: [numbers("s", [-3, -2], [1, 2, 3, 4, 5, 6])] },
      'the tensor "s" has the shape [-3, -2], which is none.',
    ],
    [
      { nodes: [node("MatMul", ["x", "s"], "y")], tensors: [numbers("s", [10 ** 6, 10 ** 6], [1])] },
      'the tensor "s" has the shape [1000000, 1000000], but its data are 1 numbers.',
    ],
    [
      { nodes: [node("MatMul", ["x", "s"], "y")], tensors: [numbers("s", [3, 1], [1, Number.NaN, 2])] },
      'the tensor "s" holds NaN, and finite numbers were expected.',
    ],
    [
      {
        nodes: [node("MatMul", ["x", "s"], "y")],
        tensors: [onnxTensor({ name: "s", dims: [3, 1], dataType: DATA_TYPE.uint64 })],
      },
      'the tensor "s" has elements of the type uint64, and float, double, float16, bfloat16, bool, uint8, int8, int32 or int64 was expected.',
    ],
    [
      {
        nodes: [node("MatMul", ["x", "s"], "y")],
        tensors: [onnxTensor({ name: "s", dims: [3, 1], dataType: 99 })],
      },
      'the tensor "s" has elements of the type number 99, and float, double, float16, bfloat16, bool, uint8, int8, int32 or int64 was expected.',
    ],
    [
      { nodes: [node("Div", ["x", "zero"], "d"), node("MatMul", ["d", "w"], "y")] },
      "its numbers come to NaN where they are put together, and finite ones were expected.",
    ],
  ] satisfies readonly (readonly [GraphByHand, string])[])("are told: %#", async (graph, sentence) => {
    expect(await sentenceOf(graph)).toBe(sentence);
  });
});

describe("a graph that is none of rows in and rows out", () => {
  const plain = [node("MatMul", ["x", "w"], "y")];
  it.each([
    [
      { nodes: plain, shape: ["rows", "width"] },
      'the input "x" has the shape [rows, "width"], whose width is not a number; export the network with a fixed number of inputs.',
    ],
    [
      { nodes: plain, shape: ["rows", 1, "h", 28] },
      'the input "x" has the shape [rows, 1, "h", 28], whose width is not a number; export the network with a fixed number of inputs.',
    ],
    [{ nodes: plain, shape: [3] }, 'the input "x" has no shape of rows and columns, such as [rows, 784].'],
    [
      { nodes: plain, shape: ["rows", 2 ** 20, 2 ** 20] },
      `the input "x" has ${2 ** 40} numbers in a row, and 1 to 1000000 were expected.`,
    ],
    [
      { nodes: plain, shape: ["rows", 0] },
      'the input "x" has 0 numbers in a row, and 1 to 1000000 were expected.',
    ],
    [{ nodes: plain, outputs: [] }, "its graph has no output."],
    [
      { nodes: [...plain, node("Relu", ["y"], "r")], outputs: ["y", "r"] },
      'its graph has several outputs, "y" and "r", and one was expected; export the network with one output.',
    ],
    [{ nodes: [node("Identity", ["w"], "y")] }, "its output is computed of no input."],
    [
      { nodes: [node("MatMul", ["other", "w"], "y")] },
      'a node of its graph reads "other", and nothing gives that.',
    ],
    [
      { nodes: [node("Add", ["x", "b2"], "a"), node("Relu", ["a"], "b2"), node("Identity", ["b2"], "y")] },
      'its graph goes in a circle, through the Relu "Relu_b2".',
    ],
    [{ nodes: [...plain, node("Relu", ["x"], "y")] }, 'two nodes of its graph give "y".'],
    [
      { nodes: plain, tensors: [numbers("w", [3, 2], [1, 2, 3, 4, 5, 6])] },
      'it has two tensors of the name "w".',
    ],
    [
      {
        nodes: Array.from({ length: 10_001 }, (_, i) => node("Relu", [i === 0 ? "x" : `v${i}`], `v${i + 1}`)),
        outputs: ["v10001"],
      },
      "its graph has 10001 nodes, and at most 10000 were expected of a plain network.",
    ],
  ] satisfies readonly (readonly [GraphByHand, string])[])("is told of: %#", async (graph, sentence) => {
    expect(await sentenceOf(graph)).toBe(sentence);
  });

  it("is told of where there are several inputs", async () => {
    const type = { tensorType: { elemType: 1, shape: undefined } };
    const inputs = ["x", "z"].map((name) => onnxValueInfo({ name, type }));
    const outputs = [onnxValueInfo({ name: "y", type })];
    const graph = onnxGraph({ node: [node("Add", ["x", "z"], "y")], input: inputs, output: outputs });
    expect(await sentenceOf({ nodes: [], model: { graph } })).toBe(
      'its output is computed of several inputs, "x" and "z", and one was expected.',
    );
  });
});
