import { describe, expect, it } from "vitest";
import type { DType } from "../../../src/backend/backend.js";
import { InvalidArgumentError, ModelFormatError } from "../../../src/errors.js";
import { exportOnnx } from "../../../src/interchange/onnx/export-onnx.js";
import { DATA_TYPE, decodeOnnx } from "../../../src/interchange/onnx/messages.js";
import type { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { imageRows } from "../../../src/tensor/layer-input.js";
import { tensor, toArray } from "../../../src/tensor/tensor.js";
import { hasOnnxRuntime, withRuntimeModel } from "../../support/onnx-runtime.js";
import { INPUTS, OUTPUTS, SAMPLE_NETWORKS, sampleRows } from "../sample-networks.js";

const ROWS = 1000;

function sample(name: string, dtype: DType = "float32"): MultilayerPerceptron {
  const found = SAMPLE_NETWORKS.find((network) => network.name === name);
  if (found === undefined) throw new Error(`There is no sample network ${name}.`);
  return found.create(dtype);
}

function outputsOf(network: MultilayerPerceptron, rows: Float32Array | Float64Array): readonly number[] {
  const { dtype, backend } = network;
  const x = tensor(rows, [rows.length / network.inputs, network.inputs], { dtype, backend });
  const last = network.forward(x).at(-1);
  return last === undefined ? [] : [...toArray(last)];
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  // NaN where one of them is, so that no test passes by it.
  return Array.from(a).reduce(
    (largest, value, i) => Math.max(largest, Math.abs(value - (b[i] as number))),
    0,
  );
}

describe("a network as an ONNX file", () => {
  const cases = SAMPLE_NETWORKS.flatMap((network) =>
    (["float32", "float64"] as const).map((dtype) => ({ ...network, dtype })),
  );

  it.skipIf(!hasOnnxRuntime).each(cases)(
    "computes the same in ONNX Runtime, however many rows it gets: $name, $dtype",
    async ({ create, hasGelu, dtype }) => {
      const network = create(dtype);
      const rows = sampleRows(ROWS, dtype);
      const expected = outputsOf(network, rows);
      // ONNX Runtime has Erf in float32 alone.
      const tolerance = dtype === "float32" ? 1e-5 : hasGelu ? 1e-6 : 1e-12;
      await withRuntimeModel(exportOnnx(network), async (model) => {
        expect(model.input).toBe("input");
        for (const count of [1, 7, ROWS]) {
          const { data, dims } = await model.run(rows.subarray(0, count * INPUTS), INPUTS);
          expect(dims).toEqual([count, network.outputs]);
          const difference = largestDifference(data, expected.slice(0, count * network.outputs));
          expect(difference).toBeLessThanOrEqual(tolerance);
        }
      });
    },
  );

  it.skipIf(!hasOnnxRuntime)("computes the same of numbers far from 0", async () => {
    for (const dtype of ["float32", "float64"] as const) {
      for (const name of ["elu", "gelu", "silu", "leakyRelu", "sigmoid", "tanh", "output: linear"]) {
        const network = sample(name, dtype);
        const rows = sampleRows(50, dtype).map((number) => number * 1000);
        await withRuntimeModel(exportOnnx(network), async (model) => {
          const { data } = await model.run(rows, INPUTS);
          const expected = outputsOf(network, rows);
          const tolerance = dtype === "float64" && name !== "gelu" ? 1e-9 : 1e-2;
          expect(largestDifference(data, expected), `${name}, ${dtype}`).toBeLessThanOrEqual(tolerance);
        });
      }
    }
  });

  it.skipIf(!hasOnnxRuntime)("takes bytes of pixels and scales them itself", async () => {
    const pixels = Uint8Array.from({ length: 300 * INPUTS }, (_, i) => (i * 7919) % 256);
    const rows = Int32Array.from({ length: 300 }, (_, i) => i);
    for (const dtype of ["float32", "float64"] as const) {
      const network = sample("relu", dtype);
      const x = imageRows({ images: pixels, rows, width: INPUTS, scale: 2 / 255, offset: -1 });
      const last = network.forward(x).at(-1);
      const expected = last === undefined ? [] : toArray(last);
      await withRuntimeModel(exportOnnx(network, { input: "bytes" }), async (model) => {
        expect(model.input).toBe("pixels");
        const { data } = await model.run(pixels, INPUTS);
        expect(largestDifference(data, expected)).toBeLessThanOrEqual(dtype === "float32" ? 1e-5 : 1e-12);
      });
    }
  });

  it("says what it is, where it comes from and what its classes are called", () => {
    const classNames = JSON.stringify(["a", "b", "c", "d", "e"]);
    const metadata = {
      classNames,
      imageShape: "[4,5]",
      dataset: "letters",
      format: "something",
      network: "{}",
    };
    const network = sample("relu");
    const model = decodeOnnx(exportOnnx(network, { metadata }), "a.onnx");
    expect(model).toMatchObject({
      irVersion: 8,
      opsetImport: [{ domain: "", version: 17 }],
      producerName: "mnist-native",
      producerVersion: expect.stringMatching(/^\d+\.\d+\.\d+/),
      docString: "A multilayer perceptron with layers of 20, 12, 11, 5 units.",
    });
    expect(Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value]))).toEqual({
      classNames,
      imageShape: "[4,5]",
      dataset: "letters",
      network: JSON.stringify(network.specification),
      pixels: JSON.stringify({ scale: 2 / 255, offset: -1 }),
    });
    const [input] = model.graph.input;
    expect(input?.docString).toBe(
      "An image of 4 x 5 pixels in each row, from its upper left corner, line by line, scaled to -1 to 1.",
    );
    expect(input?.type?.tensorType).toMatchObject({
      elemType: DATA_TYPE.float,
      shape: { dim: [{ dimParam: "batch" }, { dimValue: INPUTS }] },
    });
    expect(model.graph.output[0]?.docString).toBe("Probabilities of the classes: a, b, c, d, e.");
  });

  it.each([
    ["softmax", {}, "probabilities"],
    ["sigmoid", {}, "probabilities"],
    ["one sigmoid", {}, "probabilities"],
    ["linear", {}, "output"],
    ["sigmoid", { columns: JSON.stringify({ target: { task: "regress", name: "price" } }) }, "output"],
  ])("calls its output by what it is: %s %j", (name, metadata, output) => {
    const { graph } = decodeOnnx(exportOnnx(sample(`output: ${name}`), { metadata }), "a.onnx");
    expect(graph.output.map((value) => value.name)).toEqual([output]);
    expect(graph.node.at(-1)?.output).toEqual([output]);
  });

  it("has names as PyTorch's exporter gives them, and each number once", () => {
    const { graph } = decodeOnnx(exportOnnx(sample("residual in residual"), { input: "bytes" }), "a.onnx");
    expect(graph.node.map(({ name }) => name)).toEqual([
      "/pixels/Cast",
      "/pixels/Mul",
      "/pixels/Add",
      "/layers.0/Gemm",
      "/layers.0/Tanh",
      "/layers.1.layers.0/Gemm",
      "/layers.1.layers.0/Div",
      "/layers.1.layers.0/Erf",
      "/layers.1.layers.0/Add",
      "/layers.1.layers.0/Mul",
      "/layers.1.layers.0/Mul_1",
      "/layers.1.layers.1/Gemm",
      "/layers.1.layers.2.layers.0/BatchNormalization",
      "/layers.1.layers.2.layers.1/Gemm",
      "/layers.1.layers.2.layers.1/Sigmoid",
      "/layers.1.layers.2.layers.1/Mul",
      "/layers.1.layers.2/Add",
      "/layers.1/Add",
      "/layers.2/Gemm",
      "/layers.2/Softmax",
    ]);
    const names = graph.initializer.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain("layers.1.layers.2.layers.0.gamma");
    expect(names).toContain("layers.2.weight");
  });
});

describe("what is no such file", () => {
  const network = sample("relu");

  it("is refused for wrong options", () => {
    const call = (options: unknown) => () => exportOnnx(network, options as never);
    expect(call({ input: "pixels" })).toThrow(
      'Expected "numbers" or "bytes" for input but received "pixels".',
    );
    expect(call({ metadata: { seed: 3 } })).toThrow(
      'Expected metadata that are an object of texts, such as { dataset: "mnist" }, but received a number for seed.',
    );
    expect(call({ inputs: "bytes" })).toThrow(InvalidArgumentError);
    expect(() => exportOnnx({} as never)).toThrow(
      "Expected a MultilayerPerceptron for network but received an object.",
    );
    expect(call({ metadata: { classNames: "[" } })).toThrow(ModelFormatError);
  });

  it("is refused where it would be longer than such files can be, before its numbers are copied", () => {
    const [weight] = network.parameters;
    const value = { ...weight?.value, shape: [60_000, 10_000] };
    const large = Object.create(network, { parameters: { value: [{ ...weight, value }] } });
    expect(() => exportOnnx(large)).toThrow(InvalidArgumentError);
    expect(() => exportOnnx(large)).toThrow(
      "The numbers of the network take 2400000000 bytes, and an ONNX file has at most 2147483647; export it to npz, or train a smaller one.",
    );
  });
});

it("the sample networks have as many outputs as these tests expect", () => {
  expect(sample("relu").outputs).toBe(OUTPUTS);
});
