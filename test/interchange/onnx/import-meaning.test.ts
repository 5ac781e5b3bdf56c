import { describe, expect, it } from "vitest";
import { importOnnx } from "../../../src/interchange/index.js";
import { DATA_TYPE, onnxAttribute } from "../../../src/interchange/onnx/messages.js";
import { imageRows } from "../../../src/tensor/layer-input.js";
import { toArray } from "../../../src/tensor/tensor.js";
import { backend, each, expectOutputs, matMul, softmaxOf, tensors } from "./graph-outputs.js";
import { fileOf, node, numbers, products, ROWS } from "./graphs-by-hand.js";
import { largestDifference, outputsFor } from "./recorded-models.js";

describe("a residual connection", () => {
  it("is a sum of a value and of what is computed of it, within another one, too", async () => {
    const square = numbers("square", [2, 2], [0.5, 1, -1, 0.25]);
    const unit = numbers("unit", [2, 2], [1, 0, 0, 1]);
    const nodes = [
      matMul,
      node("MatMul", ["z", "square"], "p"),
      node("Relu", ["p"], "r"),
      node("Add", ["r", "p"], "inner"),
      node("Add", ["z", "inner"], "sum"),
      node("MatMul", ["sum", "unit"], "y"),
    ];
    const expected = products().map(([a = 0, b = 0]) => {
      const p = [0.5 * a - b, a + 0.25 * b];
      return [a, b].map((z, i) => z + Math.max(p[i] as number, 0) + (p[i] as number));
    });
    await expectOutputs({ nodes, tensors: [...tensors, square, unit] }, expected);
  });

  it("is a sum of a value with itself, which is its double", async () => {
    await expectOutputs(
      { nodes: [matMul, node("Add", ["z", "z"], "y")] },
      each((z) => 2 * z),
    );
  });
});

describe("bytes for an input", () => {
  const pixels = Uint8Array.of(0, 100, 255, 7, 8, 9);

  it.each([
    ["this package's scale", 2 / 255, -1, ["dense"]],
    ["another scale", 1 / 255, 0, ["standardize", "dense"]],
    ["no scale", 1, 0, ["standardize", "dense"]],
  ])("are seen as the graph scales them: %s", async (_, scale, offset, kinds) => {
    const nodes = [
      node("Cast", ["x"], "f", { to: DATA_TYPE.float }),
      node("Mul", ["f", "s"], "m"),
      node("Add", ["m", "o"], "p"),
      node("MatMul", ["p", "w"], "y"),
    ];
    const constants = [numbers("s", [], [scale]), numbers("o", [1], [offset])];
    const file = fileOf({ nodes, tensors: [...tensors, ...constants], inputType: DATA_TYPE.uint8 });
    const { network } = await importOnnx(file, { backend });
    expect(network.specification.layers.map(({ type }) => type)).toEqual(kinds);
    const x = imageRows({ images: pixels, rows: Int32Array.of(0, 1), width: 3, scale: 2 / 255, offset: -1 });
    const found = [...toArray(network.forward(x).at(-1) as never)];
    const rows = [0, 3].map((start) =>
      [...pixels.slice(start, start + 3)].map((byte) => byte * scale + offset),
    );
    const expected = products(rows).flat();
    for (const [i, value] of found.entries()) {
      expect(Math.abs(value - (expected[i] as number))).toBeLessThan(
        2e-6 * Math.max(1, Math.abs(expected[i] as number)),
      );
    }
  });
});

describe("what a file tells of its network", () => {
  it("is kept, with the program that made it, but not what is told of other forms", async () => {
    const props = [
      { key: "author", value: "somebody" },
      { key: "network", value: "{}" },
      { key: "training", value: "x" },
    ];
    const model = { producerName: "tool", producerVersion: "2", metadataProps: props };
    const { metadata } = await importOnnx(
      fileOf({ nodes: [node("MatMul", ["x", "w"], "y")], tensors, model }),
      { backend },
    );
    expect(metadata).toEqual({ producer: "tool 2", author: "somebody" });
  });

  it("is the output of numbers where there are labels beside it", async () => {
    const nodes = [
      matMul,
      node("Softmax", ["z"], "p"),
      node(
        "ZipMap",
        ["p"],
        "y",
        {
          classlabels_strings: onnxAttribute({
            type: 8,
            strings: [new TextEncoder().encode("a"), new TextEncoder().encode("b")],
          }),
        },
        "ai.onnx.ml",
      ),
    ];
    const { metadata, network } = await importOnnx(fileOf({ nodes, tensors }), { backend });
    expect(metadata).toEqual({ classNames: '["a","b"]' });
    expect(network.loss.specification.type).toBe("crossEntropy");
  });

  it("is the activation of the output, unless it ends with a linear layer and another is asked for", async () => {
    const file = fileOf({ nodes: [node("MatMul", ["x", "w"], "y")], tensors });
    const { network } = await importOnnx(file, { backend, output: "softmax" });
    expect(largestDifference(outputsFor(network, ROWS), products().map(softmaxOf))).toBeLessThan(1e-6);
  });
});
