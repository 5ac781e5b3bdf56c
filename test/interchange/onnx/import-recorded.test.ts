import { describe, expect, it } from "vitest";
import { ModelFormatError } from "../../../src/errors.js";
import { importOnnx } from "../../../src/interchange/index.js";
import { describeOnEveryBackend } from "../../support/backends.js";
import { largestDifference, outputsFor, RECORDED, recordedBytes } from "./recorded-models.js";

/** What they write that no network here is, and what a person is told. */
const REFUSED: Readonly<Record<string, string>> = {
  "pytorch-tanh-gelu":
    'tanh-gelu.onnx cannot be imported: the Mul "/1/Mul" multiplies two values that the network computes, and only silu, x sigmoid(x), and the exact gelu, x (1 + erf(x / sqrt 2)) / 2, are known here.',
  "pytorch-log-softmax":
    'log-softmax.onnx cannot be imported: the LogSoftmax "/3/LogSoftmax" gives the logarithms of probabilities, and a network here gives the probabilities themselves; ask for the output softmax to get those.',
  // The converter makes two rows of each.
  "sklearn-regressor-two":
    'regressor-two.onnx cannot be imported: the Reshape "Reshape" brings [rows, 2] into [-1, 1], and the rows were expected to stay rows.',
};

const usable = RECORDED.models.filter(({ name }) => !(name in REFUSED));

describeOnEveryBackend((createBackend) => {
  it.each(usable)("a file computes what its program does: $name", async ({ name, outputs }) => {
    const { network } = await importOnnx(recordedBytes(name), { backend: createBackend() });
    expect(network.dtype).toBe(/float64|regressor-scaled/.test(name) ? "float64" : "float32");
    expect(largestDifference(outputsFor(network, RECORDED.x), outputs)).toBeLessThan(
      network.dtype === "float64" ? 1e-12 : 1e-6,
    );
  });

  it("the logarithms of a softmax become probabilities where these are asked for", async () => {
    const { outputs } = RECORDED.models.find(({ name }) => name === "pytorch-log-softmax") ?? { outputs: [] };
    const options = { backend: createBackend(), output: "softmax" } as const;
    const { network } = await importOnnx(recordedBytes("pytorch-log-softmax"), options);
    const probabilities = outputs.map((row) => row.map(Math.exp));
    expect(largestDifference(outputsFor(network, RECORDED.x), probabilities)).toBeLessThan(1e-6);
    expect(network.loss.specification.type).toBe("crossEntropy");
  });
});

describe("a file of another program", () => {
  it.each(Object.entries(REFUSED))(
    "is refused in words where it is no network here: %s",
    async (name, sentence) => {
      const error = await importOnnx(recordedBytes(name), {
        name: `${name.replace(/^\w+-/, "")}.onnx`,
      }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ModelFormatError);
      expect(error).toHaveProperty("message", sentence);
    },
  );

  it("keeps its kinds of layers, so that training goes on with them", async () => {
    const { network } = await importOnnx(recordedBytes("pytorch-residual"));
    expect(network.specification.layers).toEqual([
      { type: "dense", units: 6, activation: "identity" },
      { type: "batchNormalization", epsilon: 1e-5 },
      { type: "activation", activation: "gelu" },
      {
        type: "residual",
        layers: [
          { type: "dense", units: 12, activation: "silu" },
          { type: "dense", units: 6, activation: "identity" },
        ],
      },
      { type: "activation", activation: "relu" },
      { type: "dense", units: 3, activation: "identity" },
    ]);
  });

  it.each([
    ["sklearn-classifier", ["apple", "pear", "plum"]],
    ["sklearn-classifier-scaled", ["apple", "pear", "plum"]],
    ["sklearn-classifier-two", ["no", "yes"]],
  ])("tells the names of classes: %s", async (name, classNames) => {
    const { metadata } = await importOnnx(recordedBytes(name));
    expect(JSON.parse(metadata.classNames ?? "null")).toEqual(classNames);
    expect(metadata.producer).toBe("skl2onnx 1.14.0");
  });

  it.each([
    ["sklearn-classifier-two", { type: "binaryCrossEntropy" }],
    ["sklearn-classifier", { type: "crossEntropy" }],
    ["sklearn-regressor", { type: "squaredError", averageOutputs: true }],
    ["pytorch-sigmoid-output", { type: "squaredError" }],
  ])("tells of the loss where its program has but one: %s", async (name, loss) => {
    expect((await importOnnx(recordedBytes(name))).network.loss.specification).toEqual(loss);
  });

  it.each(["pytorch-flatten", "pytorch-view", "keras-style-batch-norm"])(
    "tells the shape of images: %s",
    async (name) => {
      expect((await importOnnx(recordedBytes(name))).metadata.imageShape).toBe("[4,5]");
    },
  );

  it("tells that a regressor of scikit-learn's gives values, and no network of classes", async () => {
    expect((await importOnnx(recordedBytes("sklearn-regressor"))).metadata.learns).toBe("values");
    for (const name of ["sklearn-classifier-numbers", "sklearn-classifier-two", "pytorch-one-value"])
      expect((await importOnnx(recordedBytes(name))).metadata).not.toHaveProperty("learns");
  });

  it("has no names of classes where they are numbers from 0 on", async () => {
    expect((await importOnnx(recordedBytes("sklearn-classifier-numbers"))).metadata).toEqual({
      producer: "skl2onnx 1.14.0",
    });
  });
});
