import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { InvalidArgumentError, ModelFormatError } from "../../../src/errors.js";
import { importOnnx } from "../../../src/interchange/index.js";
import { DATA_TYPE, onnxGraph, onnxTensor, onnxValueInfo } from "../../../src/interchange/onnx/messages.js";
import {
  BIAS,
  fileOf,
  float,
  floats,
  type GraphByHand,
  node,
  numbers,
  TRANSPOSED,
  WEIGHT,
  wholeNumbers,
} from "./graphs-by-hand.js";

const backend = createJavaScriptBackend();
const zero = numbers("zero", [], [0]);
const one = numbers("one", [], [1]);
const square = numbers("square", [2, 2], [1, 0, 0, 1]);
const tensors = [WEIGHT, TRANSPOSED, BIAS, zero, one, square];
const matMul = node("MatMul", ["x", "w"], "z");

async function sentenceOf(graph: GraphByHand): Promise<string> {
  const file = fileOf({ ...graph, tensors: [...tensors, ...(graph.tensors ?? [])] });
  const error = await importOnnx(file, { backend, name: "a.onnx" }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ModelFormatError);
  return (error as Error).message.replace(/^a\.onnx cannot be imported: /, "");
}

/** After a MatMul of 3 columns into 2. */
const then = (...nodes: GraphByHand["nodes"]): GraphByHand => ({ nodes: [matMul, ...nodes] });

describe("an operator that there is not here", () => {
  it.each([
    [
      "one",
      then(node("Softplus", ["z"], "y")),
      'it needs the operator "Softplus", which no multilayer perceptron here has; the first is the node "Softplus_y".',
    ],
    [
      "several",
      then(
        node("HardSwish", ["z"], "s"),
        node("Conv", ["s", "w"], "c"),
        node("Mish", ["c"], "y", {}, "com.example"),
      ),
      'it needs the operators "HardSwish", "Conv" and "com.example.Mish", which no multilayer perceptron here has; the first is the node "HardSwish_s".',
    ],
    [
      "very many",
      then(
        ...Array.from({ length: 9 }, (_, i) =>
          node(`Odd${i}`, [i === 0 ? "z" : `v${i}`], i === 8 ? "y" : `v${i + 1}`),
        ),
      ),
      'it needs the operators "Odd0", "Odd1", "Odd2", "Odd3", "Odd4" and 4 more, which no multilayer perceptron here has; the first is the node "Odd0_v1".',
    ],
    [
      "of a name that is none",
      then(node("toString", ["z"], "y")),
      'it needs the operator "toString", which no multilayer perceptron here has; the first is the node "toString_y".',
    ],
  ])("is named: %s", async (_, graph, sentence) => {
    expect(await sentenceOf(graph)).toBe(sentence);
  });
});

describe("an operator in a way that there is not here", () => {
  it.each([
    [
      then(node("LeakyRelu", ["z"], "y", { alpha: float(0.2) })),
      'the LeakyRelu "LeakyRelu_y" has the slope 0.2 below 0, and a leakyRelu here has 0.01.',
    ],
    [
      then(node("PRelu", ["z", "b"], "y")),
      'the PRelu "PRelu_y" has the slope 0.5 below 0, and a leakyRelu here has 0.01.',
    ],
    [
      then(node("Elu", ["z"], "y", { alpha: float(0.5) })),
      'the Elu "Elu_y" has the alpha 0.5, and an elu here has 1.',
    ],
    [
      then(node("Gelu", ["z"], "y", { approximate: "tanh" })),
      'the Gelu "Gelu_y" is the approximation by tanh, and a gelu here is the exact one.',
    ],
    [
      then(node("Softmax", ["z"], "y", { axis: 0 })),
      'the Softmax "Softmax_y" works along the dimension 0 of rows of the shape [2], and along their columns was expected.',
    ],
    [then(node("Exp", ["z"], "y")), 'the Exp "Exp_y" is not a part of an activation that is known here.'],
    [then(node("Greater", ["z", "one"], "y")), 'the Greater "Greater_y" compares with what is not 0.'],
    [
      then(node("Greater", ["z", "zero"], "c"), node("Where", ["c", "z", "z"], "y")),
      'the Where "Where_y" is no elu, which is the one choice that is known here.',
    ],
    [
      then(node("Div", ["one", "z"], "y")),
      'the Div "Div_y" divides by what the network computes, and only x / (1 + exp(-x)) and 1 / (1 + exp(-x)) are known here.',
    ],
    [
      then(node("Relu", ["x"], "r"), node("MatMul", ["r", "w"], "q"), node("Add", ["z", "q"], "y")),
      'the Add "Add_y" adds two values of which neither is computed of the other, or whose shapes differ, and x + block(x) was expected.',
    ],
    [
      then(node("Sub", ["z", "z"], "y")),
      'the Sub "Sub_y" has an input that depends on what the network is given, where a constant was expected.',
    ],
    [
      then(node("Relu", ["z"], "r"), node("Mul", ["r", "one"], "m"), node("Add", ["m", "one"], "y")),
      'the Mul "Mul_m" multiplies or adds to columns where no layer can take that up; leave it out, or put it next to a linear layer.',
    ],
    [
      { nodes: [node("MatMul", ["w", "x"], "y")] },
      'the MatMul "MatMul_y" has the weights before what the network is given, and x W was expected.',
    ],
    [
      { nodes: [node("Gemm", ["x", "w"], "y", { transA: 1 })] },
      'the Gemm "Gemm_y" does not work on rows as they are: it transposes them, or they have the shape [3].',
    ],
    [
      then(node("BatchNormalization", ["z", "b", "b", "b", "b"], "y", { training_mode: 1 })),
      'the BatchNormalization "BatchNormalization_y" normalises by the rows themselves, as in training; export the network for use.',
    ],
    [
      then(node("BatchNormalization", ["z", "b", "b", "b", "b"], "y")),
      'the BatchNormalization "BatchNormalization_y" has the variance -1 and the epsilon 0.00001, and none below 0 and one above 0 were expected.',
    ],
    [
      then(node("Dropout", ["z", "zero", "one"], "y")),
      'the Dropout "Dropout_y" drops units out, as in training; export the network for use.',
    ],
    [
      then(node("Cast", ["z"], "y", { to: DATA_TYPE.int64 })),
      'the Cast "Cast_y" makes no real numbers of what the network gives.',
    ],
    [
      then(node("Flatten", ["z"], "y", { axis: 0 })),
      'the Flatten "Flatten_y" flattens from the dimension 0 on, and 1 was expected, after the rows.',
    ],
    [
      { ...then(node("Reshape", ["z", "sizes"], "y")), tensors: [wholeNumbers("sizes", [-1, 1])] },
      'the Reshape "Reshape_y" brings [rows, 2] into [-1, 1], and the rows were expected to stay rows.',
    ],
    [
      then(node("Transpose", ["z"], "y")),
      'the Transpose "Transpose_y" brings the numbers of a row into another order.',
    ],
    [
      then(node("Concat", ["z", "z"], "y", { axis: 1 })),
      'the Concat "Concat_y" joins values that are not the probabilities 1 - p and p of two classes.',
    ],
    [
      then(node("Slice", ["z", "zero"], "y")),
      'the Slice "Slice_y" works on what the network is given, which is not known here.',
    ],
    [
      { ...then(node("Softmax", ["z"], "y")), opset: 6 },
      "it has the operator set 6, and 7 or later was expected; export it anew, or convert it by onnx.version_converter.",
    ],
  ] satisfies readonly (readonly [GraphByHand, string])[])("is told of: %#", async (graph, sentence) => {
    expect(await sentenceOf(graph)).toBe(sentence);
  });

  it("is told of where the network would end with no linear layer, or with no layer", async () => {
    expect(await sentenceOf({ nodes: [node("Identity", ["x"], "y")] })).toBe("it has no layers.");
    expect(await sentenceOf(then(node("Add", ["z", "p"], "y"), node("MatMul", ["z", "square"], "p")))).toBe(
      "a.onnx is no network that can be used here: Expected a dense layer, whose units are the outputs, at the end of layers but received residual.",
    );
  });
});

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
      { ...then(node("Add", ["z", "c"], "y")), tensors: [numbers("c", [3, 2], [1, 2, 3, 4, 5, 6])] },
      'the Add "Add_y" has rows of the shape [2] and a constant of the shape [3, 2], which do not meet.',
    ],
    [
      then(node("BatchNormalization", ["z", "one", "b", "b", "b"], "y")),
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

describe("a hostile graph", () => {
  it("cannot nest residual connections without end", async () => {
    const nodes = [matMul];
    let block = "z";
    for (let i = 0; i < 3000; i++) {
      const next = `v${i}`;
      nodes.push(node("Relu", [block], `r${i}`), node("Add", ["z", `r${i}`], next));
      block = next;
    }
    expect(await sentenceOf({ nodes, outputs: [block] })).toMatch(
      /^the Add "Add_v64" is the 65th residual connection/,
    );
  });

  it("cannot use a few weights for a network that fills the memory", async () => {
    const n = 500;
    const big = numbers("big", [n, n], new Array<number>(n * n).fill(0.5));
    const nodes = Array.from({ length: 5000 }, (_, i) =>
      node("MatMul", [i === 0 ? "x" : `v${i}`, "big"], `v${i + 1}`),
    );
    expect(await sentenceOf({ nodes, tensors: [big], shape: ["rows", n], outputs: ["v5000"] })).toMatch(
      /^it makes far more numbers than its \d+ bytes hold\.$/,
    );
  });

  it("cannot have operators of so many inputs that they overflow a call", async () => {
    const many = new Array<string>(200_000).fill("x");
    expect(await sentenceOf({ nodes: [node("Sum", many, "y")] })).toMatch(
      /^the Sum "Sum_y" has 200000 inputs, and 2 were expected/,
    );
  });

  it("cannot have values of ever more dimensions", async () => {
    const nodes = Array.from({ length: 20 }, (_, i) =>
      node("Unsqueeze", [i === 0 ? "x" : `v${i}`], `v${i + 1}`, { axes: [1] }),
    );
    expect(await sentenceOf({ nodes, outputs: ["v20"] })).toBe(
      'the Unsqueeze "Unsqueeze_v7" puts dimensions where none are said, or makes more than 8.',
    );
    expect(
      await sentenceOf({
        nodes: [node("MatMul", ["x", "s"], "y")],
        tensors: [numbers("s", new Array<number>(9).fill(1), [1])],
      }),
    ).toBe('the tensor "s" has 9 dimensions, and at most 8 were expected.');
    const shape = ["rows", ...new Array<number>(20).fill(1)];
    expect(await sentenceOf({ nodes: [node("MatMul", ["x", "w"], "y")], shape })).toBe(
      'the input "x" has more than 8 dimensions.',
    );
  });

  it("cannot have an operator of more inputs than are looked at", async () => {
    expect(await sentenceOf(then(node("Sum", ["z", "b", "b"], "y")))).toBe(
      'the Sum "Sum_y" has 3 inputs, and 2 were expected.',
    );
    const trained = {
      ...node("BatchNormalization", ["z", "b", "b", "b", "b"], "y"),
      output: ["y", "mean", "variance"],
    };
    expect(await sentenceOf({ ...then(trained), opset: 9 })).toMatch(
      /normalises by the rows themselves, as in training/,
    );
  });

  it("cannot add values that would be repeated over the rows", async () => {
    const nodes = [
      matMul,
      node("Relu", ["z"], "r"),
      node("Reshape", ["r", "sizes"], "s"),
      node("Add", ["z", "s"], "y"),
    ];
    expect(await sentenceOf({ nodes, tensors: [wholeNumbers("sizes", [-1, 1, 2])] })).toMatch(
      /whose shapes differ/,
    );
  });

  it("cannot make a sentence long", async () => {
    const name = "x".repeat(100_000);
    expect((await sentenceOf(then(node(name, ["z"], "y")))).length).toBeLessThan(300);
    expect((await sentenceOf({ nodes: [node("MatMul", [name, "w"], "y")] })).length).toBeLessThan(300);
  });
});

describe("importOnnx", () => {
  const file = fileOf({ nodes: [node("MatMul", ["x", "w"], "y")], tensors });

  it("refuses what is no ONNX file", async () => {
    for (const bytes of [new Uint8Array(), Uint8Array.of(1, 2, 3), new TextEncoder().encode("a text")]) {
      await expect(importOnnx(bytes, { name: "a.onnx" })).rejects.toThrow(ModelFormatError);
    }
    await expect(importOnnx("a.onnx" as never)).rejects.toThrow(
      'Expected the bytes of a file for the first argument of importOnnx but received "a.onnx".',
    );
  });

  it("refuses what the file tells itself", async () => {
    await expect(importOnnx(file, { name: "a.onnx", activation: "relu" })).rejects.toThrow(
      new InvalidArgumentError(
        "Expected no activation for a.onnx, because an ONNX file tells of every layer's own; leave it out.",
      ),
    );
    const bytes = fileOf({
      nodes: [node("Cast", ["x"], "f", { to: 1 }), node("MatMul", ["f", "w"], "y")],
      tensors,
      inputType: DATA_TYPE.uint8,
    });
    await expect(importOnnx(bytes, { name: "a.onnx", pixels: { scale: 1, offset: 0 } })).rejects.toThrow(
      new InvalidArgumentError(
        "Expected no pixels for a.onnx, because it takes bytes and scales them itself; leave that out.",
      ),
    );
  });

  it("refuses metadata that no model file has", async () => {
    const model = { metadataProps: [{ key: "classNames", value: "a, b" }] };
    const named = fileOf({ nodes: [node("MatMul", ["x", "w"], "y")], tensors, model });
    await expect(importOnnx(named, { name: "a.onnx" })).rejects.toThrow(ModelFormatError);
    const { metadata } = await importOnnx(named, { metadata: { classNames: '["a","b"]' } });
    expect(metadata.classNames).toBe('["a","b"]');
  });
});
