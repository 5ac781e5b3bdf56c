import { describe, expect, it } from "vitest";
import { importOnnx } from "../../../src/interchange/index.js";
import { backend, each, expectOutputs, matMul, softmaxOf, tensors } from "./graph-outputs.js";
import { fileOf, float, node, numbers, products } from "./graphs-by-hand.js";

describe("an activation", () => {
  const erf = (z: number) => {
    // Simpson's rule; the integrand is smooth.
    const steps = 2000;
    let sum = 0;
    for (let i = 0; i <= steps; i++) {
      const weight = i === 0 || i === steps ? 1 : i % 2 === 0 ? 2 : 4;
      sum += weight * Math.exp(-(((z * i) / steps) ** 2));
    }
    return ((z / steps / 3) * sum * 2) / Math.sqrt(Math.PI);
  };
  const gelu = (z: number) => (z * (1 + erf(z / Math.SQRT2))) / 2;
  const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
  const elu = (z: number) => (z > 0 ? z : Math.expm1(z));
  const constants = [
    numbers("zero", [], [0]),
    numbers("one", [], [1]),
    numbers("minus", [], [-1]),
    numbers("half", [1], [0.5]),
    numbers("root", [], [Math.SQRT2]),
    numbers("inverse", [], [Math.SQRT1_2]),
    numbers("slope", [1], [0.01]),
  ];
  const n = node;

  it.each([
    ["Relu", "relu", [n("Relu", ["z"], "y")], (z: number) => Math.max(z, 0)],
    ["LeakyRelu", "leakyRelu", [n("LeakyRelu", ["z"], "y")], (z: number) => (z > 0 ? z : 0.01 * z)],
    [
      "LeakyRelu with its slope",
      "leakyRelu",
      [n("LeakyRelu", ["z"], "y", { alpha: float(0.01) })],
      (z: number) => (z > 0 ? z : 0.01 * z),
    ],
    ["PRelu", "leakyRelu", [n("PRelu", ["z", "slope"], "y")], (z: number) => (z > 0 ? z : 0.01 * z)],
    ["Elu", "elu", [n("Elu", ["z"], "y")], elu],
    ["Sigmoid", "sigmoid", [n("Sigmoid", ["z"], "y")], sigmoid],
    ["Tanh", "tanh", [n("Tanh", ["z"], "y")], Math.tanh],
    ["Gelu", "gelu", [n("Gelu", ["z"], "y", { approximate: "none" })], gelu],
    [
      "Mul and Sigmoid",
      "silu",
      [n("Sigmoid", ["z"], "s"), n("Mul", ["s", "z"], "y")],
      (z: number) => z * sigmoid(z),
    ],
    [
      "1 / (1 + exp(-z))",
      "sigmoid",
      [n("Neg", ["z"], "m"), n("Exp", ["m"], "e"), n("Add", ["one", "e"], "s"), n("Div", ["one", "s"], "y")],
      sigmoid,
    ],
    [
      "z / (1 + exp(-z))",
      "silu",
      [
        n("Mul", ["z", "minus"], "m"),
        n("Exp", ["m"], "e"),
        n("Add", ["e", "one"], "s"),
        n("Div", ["z", "s"], "y"),
      ],
      (z: number) => z * sigmoid(z),
    ],
    [
      "Erf, half last",
      "gelu",
      [
        n("Div", ["z", "root"], "d"),
        n("Erf", ["d"], "e"),
        n("Add", ["e", "one"], "a"),
        n("Mul", ["z", "a"], "m"),
        n("Mul", ["m", "half"], "y"),
      ],
      gelu,
    ],
    [
      "Erf, half first",
      "gelu",
      [
        n("Mul", ["inverse", "z"], "d"),
        n("Erf", ["d"], "e"),
        n("Add", ["one", "e"], "a"),
        n("Mul", ["z", "half"], "h"),
        n("Mul", ["a", "h"], "y"),
      ],
      gelu,
    ],
    [
      "Erf, half in the sum",
      "gelu",
      [
        n("Mul", ["inverse", "z"], "d"),
        n("Erf", ["d"], "e"),
        n("Mul", ["half", "e"], "g"),
        n("Add", ["half", "g"], "a"),
        n("Mul", ["a", "z"], "y"),
      ],
      gelu,
    ],
    [
      "Where of Greater and Exp",
      "elu",
      [
        n("Greater", ["z", "zero"], "c"),
        n("Exp", ["z"], "e"),
        n("Sub", ["e", "one"], "l"),
        n("Where", ["c", "z", "l"], "y"),
      ],
      elu,
    ],
    [
      "Where of Less and Exp of Min",
      "elu",
      [
        n("Less", ["z", "zero"], "c"),
        n("Min", ["z", "zero"], "m"),
        n("Exp", ["m"], "e"),
        n("Add", ["minus", "e"], "l"),
        n("Where", ["c", "l", "z"], "y"),
      ],
      elu,
    ],
    [
      "Where of Less the other way round",
      "elu",
      [
        n("Less", ["zero", "z"], "c"),
        n("Exp", ["z"], "e"),
        n("Sub", ["e", "one"], "l"),
        n("Where", ["c", "z", "l"], "y"),
      ],
      elu,
    ],
  ] as const)("is %s: %s", async (_, activation, after, f) => {
    // A linear layer with no effect makes an end of it.
    const [final] = after.slice(-1);
    const last = [...after.slice(0, -1), { ...(final ?? matMul), output: ["result"] }];
    const nodes = [matMul, ...last, node("MatMul", ["result", "unit"], "y")];
    const graph = { nodes, tensors: [...tensors, ...constants, numbers("unit", [2, 2], [1, 0, 0, 1])] };
    await expectOutputs(graph, each(f));
    const { network } = await importOnnx(fileOf(graph), { backend });
    expect(network.specification.layers).toEqual([
      { type: "dense", units: 2, activation },
      { type: "dense", units: 2, activation: "identity" },
    ]);
  });

  it.each([
    [13, {}],
    [13, { axis: -1 }],
    [13, { axis: 1 }],
    [11, {}],
    [11, { axis: 1 }],
  ])("is a Softmax of operator set %i with %j", async (opset, attributes) => {
    const nodes = [matMul, node("Softmax", ["z"], "y", attributes)];
    await expectOutputs({ nodes, opset }, products().map(softmaxOf));
  });
});
