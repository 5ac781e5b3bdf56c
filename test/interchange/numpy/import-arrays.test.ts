import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { createTable } from "../../../src/data/create-table.js";
import { InvalidArgumentError, ModelFormatError } from "../../../src/errors.js";
import { encodeNpy, encodeNpyText } from "../../../src/formats/npy-array.js";
import { encodeNpz } from "../../../src/formats/npz.js";
import { importNpz } from "../../../src/interchange/numpy/import-npz.js";
import type { ImportArraysOptions } from "../../../src/interchange/plain-parts.js";
import { importSafetensors } from "../../../src/interchange/pytorch/import-safetensors.js";
import type { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { tensor, toArray } from "../../../src/tensor/tensor.js";
import { fit } from "../../../src/training/fit.js";
import { decodeModel, encodeModel } from "../../../src/training/model-file.js";
import { describeOnEveryBackend } from "../../support/backends.js";
import { zip } from "../../support/zip.js";

interface Recorded {
  readonly inputs: readonly (readonly number[])[];
  readonly cases: readonly {
    readonly file: string;
    readonly options: ImportArraysOptions;
    readonly outputs: readonly (readonly number[])[];
  }[];
}

const golden = (name: string) => readFileSync(new URL(`../../golden/interchange/${name}`, import.meta.url));
const programs = ["pytorch", "scikit-learn", "keras"].map(
  (name) => JSON.parse(golden(`${name}.json`).toString()) as Recorded,
);
const inputs = programs[0]?.inputs ?? [];
const cases = programs.flatMap((program) => program.cases);
const backend = createJavaScriptBackend();

function open(file: string, options: ImportArraysOptions) {
  const read = file.endsWith(".npz") ? importNpz : importSafetensors;
  return read(golden(file), { name: file, ...options });
}

function outputsOf(network: MultilayerPerceptron): readonly number[] {
  const { dtype, backend } = network;
  const x = tensor(inputs.flat(), [inputs.length, network.inputs], { dtype, backend });
  return [...toArray(network.forward(x).at(-1) as ReturnType<typeof tensor>)];
}

it("what other programs recorded has the same inputs", () => {
  for (const program of programs) expect(program.inputs).toEqual(inputs);
  expect(cases.length).toBeGreaterThan(20);
});

describeOnEveryBackend((create) => {
  it.each(cases)("predicts as it did elsewhere, and learns on: $file", async ({ file, options, outputs }) => {
    const model = await open(file, { ...options, backend: create() });
    const { network } = model;
    const tolerance = network.dtype === "float64" ? 1e-12 : 1e-6;
    for (const [i, value] of outputsOf(network).entries())
      expect(Math.abs(value - (outputs.flat()[i] as number))).toBeLessThan(tolerance);
    const saved = decodeModel(encodeModel(network, model.metadata), { backend: network.backend });
    expect(outputsOf(saved.network)).toEqual(outputsOf(network));

    // Three groups of inputs, which it has to tell apart or give values.
    const labels = inputs.map((_, i) => i % Math.min(3, Math.max(2, network.outputs)));
    const targets = network.loss.targets.includes("classes")
      ? { labels }
      : { values: labels.map((label) => Array.from({ length: network.outputs }, (_, j) => label - j)) };
    const data = createTable({ features: inputs, ...targets } as Parameters<typeof createTable>[0]);
    const history = await fit(network, data, { epochs: 2, batchSize: 7, learningRate: 0.05 });
    const [first, second] = history.epochs.map(({ trainLoss }) => trainLoss);
    expect(second).toBeLessThan(first as number);
  });
});

describe("a network from another program", () => {
  it("has the names of its classes, unless they are numbers from 0", async () => {
    const names = async (file: string) => (await open(file, { backend })).metadata.classNames;
    expect(await names("scikit-learn-classifier.npz")).toBe('["high","low","middle"]');
    expect(await names("scikit-learn-binary.npz")).toBeUndefined();
  });

  it("has its scaler as a layer, and one for pixels with it", async () => {
    const types = (model: Awaited<ReturnType<typeof open>>) =>
      model.network.specification.layers.map(({ type }) => type);
    const pixels = { scale: 1 / 255, offset: 0 };
    for (const options of [{ backend }, { backend, pixels }]) {
      const model = await open("scikit-learn-pipeline.npz", options);
      expect(types(model)).toEqual(["standardize", "dense", "dense"]);
    }
  });

  it("gets a softmax where its last layer gave logits", async () => {
    const options = { backend, activation: "relu", output: "softmax" } as const;
    const { network, metadata } = await open("pytorch-sequential.safetensors", {
      ...options,
      metadata: { seed: "1" },
    });
    expect(network.loss.specification.type).toBe("crossEntropy");
    expect(metadata).toEqual({ seed: "1" });
  });

  it("in sixteen bits is none of this package's own", () => {
    const read = () => decodeModel(golden("pytorch-half.safetensors"), { backend });
    expect(read).toThrow(/has the type "F16", and F32 or F64 was expected/);
  });

  it.each<[file: string, options: ImportArraysOptions, sentence: string]>([
    [
      "pytorch-sequential.safetensors",
      {},
      'pytorch-sequential.safetensors has weights alone, which do not tell how they are used; give activation, what its hidden layers apply, such as "relu", and output, what its last layer applies, such as "softmax", or "identity" for nothing.',
    ],
    ["pytorch-linear.safetensors", {}, "give output, what its last layer applies"],
    [
      "keras-dense.npz",
      { output: "softmax" },
      'give activation, what its hidden layers apply, such as "relu".',
    ],
    [
      "keras-batch-norm-after.npz",
      { activation: "relu", output: "softmax" },
      'whether the batch normalisation arr_2 to arr_5 stands before or after the activation; give normalization, "beforeActivation" or "afterActivation".',
    ],
    [
      "pytorch-named-batch-norm.safetensors",
      { activation: "relu", output: "softmax" },
      "the batch normalisation bn1 stands",
    ],
    ["keras-dense.npz", { activation: "swish" as "silu" }, "Expected one of identity, sigmoid, tanh, relu"],
    ["keras-dense.npz", { epsilon: 0 }, "Expected a number above 0 for epsilon but received 0."],
    [
      "keras-dense.npz",
      { normalization: "after" as "afterActivation" },
      "Expected beforeActivation or afterActivation for normalization",
    ],
  ])("asks for what the file does not tell: %s %o", async (file, options, sentence) => {
    const error = await Promise.resolve()
      .then(() => open(file, { backend, ...options }))
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(String(error)).toContain(sentence);
  });

  it("goes on with the log loss of scikit-learn's classifiers, and with what is asked for elsewhere", async () => {
    const lossOf = async (file: string, options: ImportArraysOptions = {}) =>
      (await open(file, { backend, ...options })).network.loss.specification.type;
    expect(await lossOf("scikit-learn-binary.npz")).toBe("binaryCrossEntropy");
    const keras = { activation: "relu", output: "sigmoid" } as const;
    expect(await lossOf("keras-dense.npz", keras)).toBe("squaredError");
    expect(await lossOf("keras-dense.npz", { ...keras, loss: "binaryCrossEntropy" })).toBe(
      "binaryCrossEntropy",
    );
  });

  it.each<[file: string, options: ImportArraysOptions, sentence: string]>([
    [
      "scikit-learn-binary.npz",
      { loss: "squaredError" },
      "tells of binaryCrossEntropy as its loss, and squaredError was asked for",
    ],
    [
      "scikit-learn-binary.npz",
      { activation: "relu" },
      "tells of tanh as the activation of its hidden layers, and relu was asked for",
    ],
    [
      "scikit-learn-binary.npz",
      { output: "softmax" },
      "tells of sigmoid as the activation of its output, and softmax was asked for",
    ],
  ])("is not told otherwise: %s %o", async (file, options, sentence) => {
    await expect(async () => open(file, { backend, ...options })).rejects.toThrow(sentence);
  });
});

describe("arrays are refused", () => {
  const matrix = (rows: number, columns: number, value = 0.5) =>
    encodeNpy(new Float32Array(rows * columns).fill(value), [rows, columns]);
  const vector = (length: number, value = 0.5) => encodeNpy(new Float32Array(length).fill(value), [length]);
  const keras = (...arrays: readonly Uint8Array[]) =>
    Object.fromEntries(arrays.map((array, i) => [`arr_${i}`, array] as const));
  const options = { name: "a.npz", backend, activation: "relu", output: "softmax" } as const;
  const normalization = [vector(3), vector(3), vector(3), vector(3)];
  const scikit = { coefs_0: matrix(3, 2), intercepts_0: vector(2) };

  it.each<[why: string, arrays: Readonly<Record<string, Uint8Array>>, sentence: string]>([
    [
      "that are none of a network",
      { x: vector(2) },
      "a.npz holds the arrays x, and arrays as exportNpz writes them",
    ],
    ["when there are none", {}, "a.npz holds no arrays"],
    [
      "of convolutions",
      keras(encodeNpy(new Float32Array(16), [2, 2, 2, 2])),
      "the shape [2, 2, 2, 2] in arr_0, as no Dense",
    ],
    [
      "whose widths do not meet",
      keras(matrix(3, 4), vector(4), matrix(5, 2)),
      "arr_2 takes 5 numbers, but arr_0 before it gives 4",
    ],
    [
      "with a bias too long",
      keras(matrix(3, 4), vector(5)),
      "bias of arr_0 has 5 numbers, and 4 were expected",
    ],
    [
      "of a batch normalisation without gamma",
      keras(matrix(3, 3), ...normalization.slice(1), matrix(3, 2)),
      "a.npz has 3 vectors from arr_1 on, and a bias, or gamma, beta, moving_mean and moving_variance of a BatchNormalization, or both were expected.",
    ],
    [
      "that end with a batch normalisation",
      keras(matrix(3, 3), ...normalization),
      "its last layer, arr_1 to arr_4, is no linear one",
    ],
    [
      "with a negative variance",
      keras(...normalization.slice(0, 3), vector(3, -1), matrix(3, 2)),
      "variance of arr_0 to arr_3 has -1",
    ],
    ["that are not finite", keras(matrix(3, 2, Number.NaN)), "holds NaN in weight of arr_0"],
    ["without rows", keras(matrix(0, 2)), "arr_0 is 2 x 0, and 1 to 1000000"],
    [
      "without intercepts",
      { coefs_0: matrix(3, 2) },
      "a.npz has none, and an array of numbers with 1 dimensions was expected in intercepts_0",
    ],
    [
      "of another activation",
      { ...scikit, activation: encodeNpyText("gelu") },
      'the activation "gelu", and one of identity, logistic, tanh, relu',
    ],
    [
      "with a scale of 0",
      { ...scikit, mean_: vector(3), scale_: vector(3, 0) },
      "deviation of mean_ and scale_ has 0",
    ],
    [
      "with classes for other outputs",
      { ...scikit, classes_: vector(5) },
      "5 classes in classes_, but its 2 outputs tell 2 apart",
    ],
    ["that are a text", { coefs_0: encodeNpyText("none") }, "has texts of the shape [] there"],
    [
      "of a newer form",
      { format: encodeNpyText("mnist-native multilayer perceptron 99"), network: encodeNpyText("{}") },
      "a.npz was written by a newer version of mnist-native, in model format 99",
    ],
    [
      "without a network",
      { format: vector(1), network: encodeNpyText("{}") },
      "has no single text in format",
    ],
  ])("%s", async (_, arrays, sentence) => {
    const bytes = await encodeNpz(new Map(Object.entries(arrays)));
    const error = await importNpz(bytes, options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelFormatError);
    expect(String(error)).toContain(sentence);
  });

  it.each([
    [
      "\x93NUMPY\x01\x00",
      "a.npz is not what numpy.savez writes, but a single array, as numpy.save writes it; write all arrays by numpy.savez.",
    ],
    ["\x89HDF\r\n", "but an HDF5 file; write numpy.savez(path, *model.get_weights()) instead."],
    ["\x80\x04", "but a pickle, which only Python can read"],
    ["tensor,row", "a.npz is not what numpy.savez writes, but no archive."],
    ["", "but no archive"],
    ["PK\x03\x04", "a.npz is a damaged zip archive"],
  ])("in the form of another file: %j", async (beginning, sentence) => {
    const error = await importNpz(Buffer.from(beginning, "latin1"), options).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ModelFormatError);
    expect(String(error)).toContain(sentence);
  });

  it.each([
    ["archive/data.pkl", "is what torch.save wrote"],
    ["model.weights.h5", "is what Keras' model.save wrote"],
  ])("in the archive of another form, with %s", async (file, sentence) => {
    await expect(importNpz(zip({ [file]: Buffer.from("x") }), options)).rejects.toThrow(sentence);
  });
});
