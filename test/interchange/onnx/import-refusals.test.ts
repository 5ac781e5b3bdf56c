import { describe, expect, it } from "vitest";
import { DATA_TYPE } from "../../../src/interchange/onnx/messages.js";
import { float, type GraphByHand, node, wholeNumbers } from "./graphs-by-hand.js";
import { afterMatMul, sentenceOf } from "./refused-graphs.js";

describe("an operator that there is not here", () => {
  it.each([
    [
      "one",
      afterMatMul(node("Softplus", ["z"], "y")),
      'it needs the operator "Softplus", which no multilayer perceptron here has; the first is the node "Softplus_y".',
    ],
    [
      "several",
      afterMatMul(
        node("HardSwish", ["z"], "s"),
        node("Conv", ["s", "w"], "c"),
        node("Mish", ["c"], "y", {}, "com.example"),
      ),
      'it needs the operators "HardSwish", "Conv" and "com.example.Mish", which no multilayer perceptron here has; the first is the node "HardSwish_s".',
    ],
    [
      "very many",
      afterMatMul(
        ...Array.from({ length: 9 }, (_, i) =>
          node(`Odd${i}`, [i === 0 ? "z" : `v${i}`], i === 8 ? "y" : `v${i + 1}`),
        ),
      ),
      'it needs the operators "Odd0", "Odd1", "Odd2", "Odd3", "Odd4" and 4 more, which no multilayer perceptron here has; the first is the node "Odd0_v1".',
    ],
    [
      "of a name that is none",
      afterMatMul(node("toString", ["z"], "y")),
      'it needs the operator "toString", which no multilayer perceptron here has; the first is the node "toString_y".',
    ],
  ])("is named: %s", async (_, graph, sentence) => {
    expect(await sentenceOf(graph)).toBe(sentence);
  });
});

describe("an operator in a way that there is not here", () => {
  it.each([
    [
      afterMatMul(node("LeakyRelu", ["z"], "y", { alpha: float(0.2) })),
      'the LeakyRelu "LeakyRelu_y" has the slope 0.2 below 0, and a leakyRelu here has 0.01.',
    ],
    [
      afterMatMul(node("PRelu", ["z", "b"], "y")),
      'the PRelu "PRelu_y" has the slope 0.5 below 0, and a leakyRelu here has 0.01.',
    ],
    [
      afterMatMul(node("Elu", ["z"], "y", { alpha: float(0.5) })),
      'the Elu "Elu_y" has the alpha 0.5, and an elu here has 1.',
    ],
    [
      afterMatMul(node("Gelu", ["z"], "y", { approximate: "tanh" })),
      'the Gelu "Gelu_y" is the approximation by tanh, and a gelu here is the exact one.',
    ],
    [
      afterMatMul(node("Softmax", ["z"], "y", { axis: 0 })),
      'the Softmax "Softmax_y" works along the dimension 0 of rows of the shape [2], and along their columns was expected.',
    ],
    [
      afterMatMul(node("Exp", ["z"], "y")),
      'the Exp "Exp_y" is not a part of an activation that is known here.',
    ],
    [afterMatMul(node("Greater", ["z", "one"], "y")), 'the Greater "Greater_y" compares with what is not 0.'],
    [
      afterMatMul(node("Greater", ["z", "zero"], "c"), node("Where", ["c", "z", "z"], "y")),
      'the Where "Where_y" is no elu, which is the one choice that is known here.',
    ],
    [
      afterMatMul(node("Div", ["one", "z"], "y")),
      'the Div "Div_y" divides by what the network computes, and only x / (1 + exp(-x)) and 1 / (1 + exp(-x)) are known here.',
    ],
    [
      afterMatMul(node("Relu", ["x"], "r"), node("MatMul", ["r", "w"], "q"), node("Add", ["z", "q"], "y")),
      'the Add "Add_y" adds two values of which neither is computed of the other, or whose shapes differ, and x + block(x) was expected.',
    ],
    [
      afterMatMul(node("Sub", ["z", "z"], "y")),
      'the Sub "Sub_y" has an input that depends on what the network is given, where a constant was expected.',
    ],
    [
      afterMatMul(node("Relu", ["z"], "r"), node("Mul", ["r", "one"], "m"), node("Add", ["m", "one"], "y")),
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
      afterMatMul(node("BatchNormalization", ["z", "b", "b", "b", "b"], "y", { training_mode: 1 })),
      'the BatchNormalization "BatchNormalization_y" normalises by the rows themselves, as in training; export the network for use.',
    ],
    [
      afterMatMul(node("BatchNormalization", ["z", "b", "b", "b", "b"], "y")),
      'the BatchNormalization "BatchNormalization_y" has the variance -1 and the epsilon 0.00001, and none below 0 and one above 0 were expected.',
    ],
    [
      afterMatMul(node("Dropout", ["z", "zero", "one"], "y")),
      'the Dropout "Dropout_y" drops units out, as in training; export the network for use.',
    ],
    [
      afterMatMul(node("Cast", ["z"], "y", { to: DATA_TYPE.int64 })),
      'the Cast "Cast_y" makes no real numbers of what the network gives.',
    ],
    [
      afterMatMul(node("Flatten", ["z"], "y", { axis: 0 })),
      'the Flatten "Flatten_y" flattens from the dimension 0 on, and 1 was expected, after the rows.',
    ],
    [
      { ...afterMatMul(node("Reshape", ["z", "sizes"], "y")), tensors: [wholeNumbers("sizes", [-1, 1])] },
      'the Reshape "Reshape_y" brings [rows, 2] into [-1, 1], and the rows were expected to stay rows.',
    ],
    [
      afterMatMul(node("Transpose", ["z"], "y")),
      'the Transpose "Transpose_y" brings the numbers of a row into another order.',
    ],
    [
      afterMatMul(node("Concat", ["z", "z"], "y", { axis: 1 })),
      'the Concat "Concat_y" joins values that are not the probabilities 1 - p and p of two classes.',
    ],
    [
      afterMatMul(node("Slice", ["z", "zero"], "y")),
      'the Slice "Slice_y" works on what the network is given, which is not known here.',
    ],
    [
      { ...afterMatMul(node("Softmax", ["z"], "y")), opset: 6 },
      "it has the operator set 6, and 7 or later was expected; export it anew, or convert it by onnx.version_converter.",
    ],
  ] satisfies readonly (readonly [GraphByHand, string])[])("is told of: %#", async (graph, sentence) => {
    expect(await sentenceOf(graph)).toBe(sentence);
  });

  it("is told of where the network would end with no linear layer, or with no layer", async () => {
    expect(await sentenceOf({ nodes: [node("Identity", ["x"], "y")] })).toBe("it has no layers.");
    expect(
      await sentenceOf(afterMatMul(node("Add", ["z", "p"], "y"), node("MatMul", ["z", "square"], "p"))),
    ).toBe(
      "a.onnx is no network that can be used here: Expected a dense layer, whose units are the outputs, at the end of layers but received residual.",
    );
  });
});
