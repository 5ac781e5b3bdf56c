import { describe, expect, it } from "vitest";
import { importOnnx } from "../../../src/interchange/index.js";
import { DATA_TYPE, onnxTensor } from "../../../src/interchange/onnx/messages.js";
import { toArray } from "../../../src/tensor/tensor.js";
import { backend, bias, each, expectOutputs, matMul, plusBias, tensors } from "./graph-outputs.js";
import {
  fileOf,
  float,
  floats,
  node,
  numbers,
  products,
  ROWS,
  WEIGHT,
  wholeNumbers,
} from "./graphs-by-hand.js";

describe("a linear layer", () => {
  it.each([
    ["Gemm", node("Gemm", ["x", "w", "b"], "y"), plusBias(products())],
    ["Gemm of transposed weights", node("Gemm", ["x", "wt", "b"], "y", { transB: 1 }), plusBias(products())],
    ["Gemm without a bias", node("Gemm", ["x", "w"], "y"), products()],
    ["Gemm with an empty bias", node("Gemm", ["x", "w", ""], "y"), products()],
    [
      "Gemm with factors",
      node("Gemm", ["x", "w", "b"], "y", { alpha: float(0.5), beta: float(2) }),
      plusBias(
        each((z) => z / 2),
        2,
      ),
    ],
    ["MatMul", node("MatMul", ["x", "w"], "y"), products()],
  ])("is a %s", async (_, made, expected) => {
    await expectOutputs({ nodes: [made] }, expected);
  });

  it.each([
    ["after", ["z", "b"]],
    ["before", ["b", "z"]],
  ])("is a MatMul and an Add with the bias %s", async (_, inputs) => {
    await expectOutputs({ nodes: [matMul, node("Add", inputs, "y")] }, plusBias(products()));
  });

  it.each([[[2]], [[1, 2]]])("has a bias of the shape %j", async (shape) => {
    const nodes = [matMul, node("Add", ["z", "c"], "y")];
    await expectOutputs({ nodes, tensors: [WEIGHT, numbers("c", shape, bias)] }, plusBias(products()));
  });

  it("takes up sums and products of its columns, before and after", async () => {
    const constants = [
      numbers("s", [3], [2, -1, 0]),
      numbers("o", [1, 3], [0.5, 1, -2]),
      numbers("t", [], [-3]),
    ];
    const nodes = [
      node("Mul", ["x", "s"], "p"),
      node("Add", ["o", "p"], "q"),
      node("MatMul", ["q", "w"], "r"),
      node("Mul", ["r", "t"], "u"),
      node("Sub", ["b", "u"], "y"),
    ];
    const changed = ROWS.map((row) =>
      row.map((x, j) => x * ([2, -1, 0][j] as number) + ([0.5, 1, -2][j] as number)),
    );
    const expected = plusBias(each((z) => 3 * z, products(changed)));
    await expectOutputs({ nodes, tensors: [...tensors, ...constants] }, expected);
    const { network } = await importOnnx(fileOf({ nodes, tensors: [...tensors, ...constants] }), { backend });
    expect(network.specification.layers).toEqual([{ type: "dense", units: 2, activation: "identity" }]);
  });

  it.each([
    ["Transpose", [node("Transpose", ["wt"], "v")]],
    ["Transpose by its order", [node("Transpose", ["wt"], "v", { perm: [1, 0] })]],
    ["Identity", [node("Identity", ["w"], "v")]],
    ["Reshape", [node("Reshape", ["w", "flat"], "f"), node("Reshape", ["f", "back"], "v")]],
    ["Unsqueeze and Squeeze", [node("Unsqueeze", ["w", "axis"], "f"), node("Squeeze", ["f", "axis"], "v")]],
    ["Cast", [node("Cast", ["w"], "v", { to: DATA_TYPE.float })]],
    ["Constant", [node("Constant", [], "v", { value: WEIGHT })]],
    ["Mul", [node("Mul", ["w", "one"], "v")]],
  ])("has weights that are computed of constants by %s", async (_, before) => {
    const constants = [
      wholeNumbers("flat", [-1]),
      wholeNumbers("back", [3, -1]),
      wholeNumbers("axis", [0]),
      numbers("one", [1], [1]),
    ];
    const nodes = [...before, node("MatMul", ["x", "v"], "y")];
    await expectOutputs({ nodes, tensors: [...tensors, ...constants] }, products());
  });

  it.each([
    ["float16", DATA_TYPE.float16, [0x3c00, 0xb800, 0x3400, 0x4000, 0xbc00, 0x3a00]],
    ["bfloat16", DATA_TYPE.bfloat16, [0x3f80, 0xbf00, 0x3e80, 0x4000, 0xbf80, 0x3f40]],
  ])("has weights in %s, in a list or raw", async (_, dataType, bits) => {
    const raw = new Uint8Array(Uint16Array.from(bits).buffer);
    for (const data of [{ int32Data: bits }, { rawData: raw }]) {
      const weight = onnxTensor({ name: "w", dims: [3, 2], dataType, ...data });
      await expectOutputs({ nodes: [node("MatMul", ["x", "w"], "y")], tensors: [weight] }, products());
    }
  });

  it("is float64 where its weights are doubles", async () => {
    const weight = numbers("w", [3, 2], [...WEIGHT.floatData], DATA_TYPE.double);
    const raw = onnxTensor({
      ...weight,
      doubleData: new Float64Array(),
      rawData: new Uint8Array(weight.doubleData.buffer),
    });
    for (const tensor of [weight, raw]) {
      const file = fileOf({
        nodes: [node("MatMul", ["x", "w"], "y")],
        tensors: [tensor],
        inputType: DATA_TYPE.double,
      });
      expect((await importOnnx(file, { backend })).network.dtype).toBe("float64");
    }
  });
});

describe("what has no layer here", () => {
  it.each([
    ["Identity", [node("Identity", ["x"], "p")], undefined],
    ["Dropout", [node("Dropout", ["x", "half"], "p")], undefined],
    ["Dropout that is told not to train", [node("Dropout", ["x", "half", "no"], "p")], undefined],
    ["Cast", [node("Cast", ["x"], "p", { to: DATA_TYPE.float })], undefined],
    ["Flatten", [node("Flatten", ["x"], "p")], undefined],
    ["Flatten of an image", [node("Flatten", ["x"], "p", { axis: 1 })], ["rows", 1, 3, 1]],
    ["Flatten from the back", [node("Flatten", ["x"], "p", { axis: -3 })], ["rows", 1, 3, 1]],
    ["Reshape to what is left", [node("Reshape", ["x", "left"], "p")], ["rows", 3, 1]],
    ["Reshape by the width", [node("Reshape", ["x", "width"], "p")], ["rows", 1, 3]],
    ["Reshape that copies the rows", [node("Reshape", ["x", "copied"], "p")], ["rows", 3, 1]],
    ["Reshape of one row", [node("Reshape", ["x", "one"], "p")], [1, 3, 1]],
    ["Squeeze", [node("Squeeze", ["x", "axis"], "p")], ["rows", 1, 3]],
    ["Squeeze of an old operator set", [node("Squeeze", ["x"], "p", { axes: [1] })], ["rows", 1, 3]],
    [
      "Unsqueeze and Squeeze",
      [node("Unsqueeze", ["x", "axis"], "u"), node("Squeeze", ["u", "axis"], "p")],
      undefined,
    ],
    [
      "Transpose of one channel",
      [node("Transpose", ["x"], "t", { perm: [0, 2, 1] }), node("Flatten", ["t"], "p")],
      ["rows", 3, 1],
    ],
    [
      "Reshape by the number of rows",
      [
        node("Shape", ["x"], "s"),
        node("Gather", ["s", "zero"], "g"),
        node("Unsqueeze", ["g", "zeros"], "u"),
        node("Concat", ["u", "minus"], "c", { axis: 0 }),
        node("Reshape", ["x", "c"], "p"),
      ],
      ["rows", 1, 1, 3],
    ],
    [
      "Reshape by a piece of the shape",
      [
        node("Shape", ["x"], "s"),
        node("Slice", ["s", "zeros", "axis"], "g"),
        node("Concat", ["g", "minus"], "c", { axis: 0 }),
        node("Reshape", ["x", "c"], "p"),
      ],
      ["rows", 1, 3],
    ],
  ])("is passed over: %s", async (_, before, shape) => {
    const constants = [
      numbers("half", [], [0.5]),
      onnxTensor({ name: "no", dims: [], dataType: DATA_TYPE.bool, int32Data: [0] }),
      wholeNumbers("left", [0, -1]),
      wholeNumbers("width", [-1, 3]),
      wholeNumbers("copied", [0, 3]),
      wholeNumbers("one", [1, -1]),
      wholeNumbers("axis", [1]),
      wholeNumbers("zeros", [0]),
      wholeNumbers("minus", [-1]),
      onnxTensor({ name: "zero", dims: [], dataType: DATA_TYPE.int64, int64Data: [0] }),
    ];
    const nodes = [...before, node("MatMul", ["p", "w"], "y")];
    await expectOutputs({ nodes, tensors: [...tensors, ...constants], ...(shape && { shape }) }, products());
  });

  it("is left out where the output does not need it, even operators that are not known", async () => {
    const nodes = [
      node("MatMul", ["x", "w"], "y"),
      node("ArgMax", ["y"], "label"),
      node("Conv", ["nothing"], "other"),
    ];
    await expectOutputs({ nodes }, products());
  });

  it("does not have to be in order", async () => {
    await expectOutputs({ nodes: [node("Add", ["z", "b"], "y"), matMul] }, plusBias(products()));
  });
});

describe("columns that are standardised", () => {
  const mean = [0.5, -1, 2];
  const deviation = [2, 0.5, 4];
  const standardized = ROWS.map((row) =>
    row.map((x, j) => (x - (mean[j] as number)) / (deviation[j] as number)),
  );
  const constants = [
    numbers("mean", [3], mean),
    numbers("deviation", [1, 3], deviation),
    numbers(
      "inverse",
      [3],
      deviation.map((d) => 1 / d),
    ),
  ];
  const last = node("MatMul", ["s", "w"], "y");

  it.each([
    ["Sub and Div", [node("Sub", ["x", "mean"], "c"), node("Div", ["c", "deviation"], "s")]],
    ["Sub and Mul", [node("Sub", ["x", "mean"], "c"), node("Mul", ["inverse", "c"], "s")]],
    [
      "Scaler",
      [
        node(
          "Scaler",
          ["x"],
          "s",
          { offset: floats(mean), scale: floats(deviation.map((d) => 1 / d)) },
          "ai.onnx.ml",
        ),
      ],
    ],
  ])("by %s become a layer", async (_, before) => {
    const graph = { nodes: [...before, last], tensors: [...tensors, ...constants] };
    await expectOutputs(graph, products(standardized));
    const { network } = await importOnnx(fileOf(graph), { backend });
    expect(network.specification.layers.map(({ type }) => type)).toEqual(["standardize", "dense"]);
    expect([...toArray(network.buffers[0]?.value as never)]).toEqual(mean);
    expect([...toArray(network.buffers[1]?.value as never)]).toEqual(deviation);
  });

  it("by a batch normalisation keep it, with the epsilon that was meant", async () => {
    const rows = ["gamma", "beta", "mean", "variance"].map((name, i) =>
      numbers(
        name,
        [2],
        [
          [2, 1],
          [0, 1],
          [1, -1],
          [4, 1],
        ][i] as number[],
      ),
    );
    const nodes = [
      matMul,
      node("BatchNormalization", ["z", "gamma", "beta", "mean", "variance"], "n", { epsilon: float(1e-3) }),
      node("Mul", ["n", "three"], "m"),
      node("Gemm", ["m", "unit"], "y"),
    ];
    const graph = {
      nodes,
      tensors: [...tensors, ...rows, numbers("three", [], [3]), numbers("unit", [2, 2], [1, 0, 0, 1])],
    };
    const expected = products().map(([a = 0, b = 0]) => [
      3 * ((2 * (a - 1)) / Math.sqrt(4 + 1e-3)),
      3 * ((b + 1) / Math.sqrt(1 + 1e-3) + 1),
    ]);
    await expectOutputs(graph, expected);
    const { network } = await importOnnx(fileOf(graph), { backend });
    expect(network.specification.layers[1]).toEqual({ type: "batchNormalization", epsilon: 1e-3 });
  });
});
