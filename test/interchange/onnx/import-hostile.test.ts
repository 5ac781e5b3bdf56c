import { describe, expect, it } from "vitest";
import { InvalidArgumentError, ModelFormatError } from "../../../src/errors.js";
import { importOnnx } from "../../../src/interchange/index.js";
import { DATA_TYPE } from "../../../src/interchange/onnx/messages.js";
import { fileOf, node, numbers, wholeNumbers } from "./graphs-by-hand.js";
import { afterMatMul, matMul, sentenceOf, tensors } from "./refused-graphs.js";

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
    expect(await sentenceOf(afterMatMul(node("Sum", ["z", "b", "b"], "y")))).toBe(
      'the Sum "Sum_y" has 3 inputs, and 2 were expected.',
    );
    const trained = {
      ...node("BatchNormalization", ["z", "b", "b", "b", "b"], "y"),
      output: ["y", "mean", "variance"],
    };
    expect(await sentenceOf({ ...afterMatMul(trained), opset: 9 })).toMatch(
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
    expect((await sentenceOf(afterMatMul(node(name, ["z"], "y")))).length).toBeLessThan(300);
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
