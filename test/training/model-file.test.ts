import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { FileAccessError, InvalidArgumentError, ModelFormatError, OutputError } from "../../src/errors.js";
import {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsTensor,
} from "../../src/formats/safetensors.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import type { Parameter } from "../../src/tensor/parameter.js";
import { assign, toArray } from "../../src/tensor/tensor.js";
import { decodeModel, encodeModel, loadModel, saveModel } from "../../src/training/model-file.js";
import { predict } from "../../src/training/predict.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { dtypes, sameBytes } from "../support/guarded-memory.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { randomDataset } from "./datasets.js";

const folder = temporaryFolder();
const path = join(folder, "model.safetensors");
const backend = createJavaScriptBackend();
const FORMAT = { format: "mnist-native multilayer perceptron 1", activation: "sigmoid" };

describeOnEveryBackend((create) => {
  it.each(dtypes)("a model of %s comes back bit for bit, and predicts the same", async (dtype) => {
    const network = new MultilayerPerceptron({ layers: [25, 7, 5, 3], dtype, seed: 9, backend: create() });
    const [{ bias } = { bias: undefined }] = network.denseLayers;
    bias?.data.set([-0, 1e-40, Number.MIN_VALUE, 1 / 3, -1e30]);
    await saveModel(path, network, { seed: "9", note: "ä 数" });

    const loaded = await loadModel(path, { backend: create() });
    expect(loaded.network.sizes).toEqual([25, 7, 5, 3]);
    expect(loaded.network.dtype).toBe(dtype);
    expect(loaded.network.parameters.map(({ value }) => value.shape)).toEqual(
      network.parameters.map(({ value }) => value.shape),
    );
    for (const [i, { value }] of loaded.network.parameters.entries()) {
      expect(sameBytes(value.data, (network.parameters[i] as Parameter).value.data)).toBe(true);
    }
    expect(loaded.metadata).toEqual({ seed: "9", note: "ä 数" });
    expect(sameBytes(encodeModel(loaded.network, loaded.metadata), readFileSync(path))).toBe(true);
    expect(loaded.network.specification).toEqual(JSON.parse(JSON.stringify(network.specification)));
    const images = randomDataset(20, 5, 3);
    expect(await predict(loaded.network, images)).toEqual(await predict(network, images));
  });
});

describe("the weights of a file", () => {
  const golden = join(import.meta.dirname, "../golden/runs");

  describeOnEveryBackend((create) => {
    it.each(dtypes)("are [n_units, n_inputs], one unit after the other, %s", (dtype) => {
      const network = new MultilayerPerceptron({ layers: [4, 3, 2], dtype, backend: create() });
      // Unit 0 has the weights 0, 1, 2, 3, and so on.
      for (const { value } of network.parameters) assign(value, [...toArray(value).keys()]);
      const { tensors } = decodeSafetensors(encodeModel(network), "m");
      const shapes = { "layers.0.weight": [3, 4], "layers.0.bias": [3], "layers.1.weight": [2, 3] };
      for (const [name, shape] of Object.entries(shapes)) {
        const { shape: written, data } = tensors.get(name) ?? {};
        expect(written).toEqual(shape);
        expect([...(data ?? [])]).toEqual([...Array(shape.reduce((size, n) => size * n)).keys()]);
      }
      const back = decodeModel(encodeModel(network), { backend: create() }).network;
      expect(back.parameters.map(({ value }) => toArray(value))).toEqual(
        network.parameters.map(({ value }) => toArray(value)),
      );
    });

    it.each(["0.1.0", "0.2.0"])(
      "of version %s are read as they stand there, and written so again",
      async (version) => {
        const file = join(golden, version, "model.safetensors");
        const bytes = readFileSync(file);
        const { tensors } = decodeSafetensors(bytes, file);
        const { network, metadata } = await loadModel(file, { backend: create() });
        expect(network.parameters.length).toBe(tensors.size);
        for (const { name, value } of network.parameters) {
          const { data } = tensors.get(name) as SafetensorsTensor;
          expect(sameBytes(toArray(value), data), name).toBe(true);
        }
        expect(decodeSafetensors(encodeModel(network, metadata), "again").tensors).toEqual(tensors);
      },
    );
  });
});

describe("saveModel", () => {
  it("refuses a name that no file can have", async () => {
    const network = new MultilayerPerceptron({ layers: [2, 2], backend });
    const error = await saveModel("a\0b", network).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OutputError);
    const message = "a\0b cannot be written: no file can have this name; name another place.";
    expect(error).toMatchObject({ message });
  });

  it("writes tensors named as in PyTorch, and nothing beside the file", async () => {
    const lone = temporaryFolder();
    const network = new MultilayerPerceptron({ layers: [4, 3, 2], backend });
    await saveModel(join(lone, "m.safetensors"), network);
    const { tensors } = decodeSafetensors(readFileSync(join(lone, "m.safetensors")), "m");
    expect(
      Object.fromEntries([...tensors].map(([name, { shape, dtype }]) => [name, [dtype, ...shape]])),
    ).toEqual({
      "layers.0.weight": ["F32", 3, 4],
      "layers.0.bias": ["F32", 3],
      "layers.1.weight": ["F32", 2, 3],
      "layers.1.bias": ["F32", 2],
    });
    expect(readdirSync(lone)).toEqual(["m.safetensors"]);
  });

  it.each(["format", "network", "layers", "activation"])(
    "refuses metadata that would hide its own: %s",
    async (name) => {
      const network = new MultilayerPerceptron({ layers: [2, 2], backend });
      const target = join(folder, "reserved.safetensors");
      const saving = saveModel(target, network, { [name]: "mine" });
      await expect(saving).rejects.toThrow(InvalidArgumentError);
      await expect(saving).rejects.toThrow(`Expected metadata without ${name},`);
      expect(existsSync(target)).toBe(false);
    },
  );

  it("says when the file cannot be written", async () => {
    const network = new MultilayerPerceptron({ layers: [2, 2], backend });
    await expect(saveModel(join(folder, "none", "m.safetensors"), network)).rejects.toThrow(OutputError);
  });
});

describe("loadModel refuses", () => {
  const array = (name: string, shape: readonly number[], dtype: "F32" | "F64" = "F32"): SafetensorsTensor => {
    const size = shape.reduce((product, count) => product * count, 1);
    return { name, shape, dtype, data: dtype === "F32" ? new Float32Array(size) : new Float64Array(size) };
  };
  const good = [
    array("layers.0.weight", [3, 4]),
    array("layers.0.bias", [3]),
    array("layers.1.weight", [2, 3]),
    array("layers.1.bias", [2]),
  ];
  const replaced = (tensor: SafetensorsTensor) => [
    ...good.filter(({ name }) => name !== tensor.name),
    tensor,
  ];
  const load = (tensors: readonly SafetensorsTensor[], metadata: Record<string, string> = FORMAT) => {
    const file = join(folder, "given.safetensors");
    writeFileSync(file, encodeSafetensors(tensors, metadata));
    return loadModel(file, { backend });
  };

  it("nothing of a file that is right", async () => {
    expect((await load(good)).network.sizes).toEqual([4, 3, 2]);
  });

  it.each<[string, readonly SafetensorsTensor[], string]>([
    ["without tensors", [], "a weight and a bias for each layer"],
    ["without a bias", good.slice(0, 3), "a weight and a bias for each layer"],
    ["without a layer between", good.slice(2), "a weight and a bias for each layer"],
    ["with one tensor more", [...good, array("optimizer.state", [1])], "and nothing else"],
    [
      "with another tensor for a bias",
      [...good.slice(0, 3), array("b", [2])],
      "b is no tensor of its network",
    ],
    [
      "with a bias of another size",
      replaced(array("layers.0.bias", [4])),
      "layers.0.bias is missing, or has",
    ],
    ["with a bias that is a matrix", replaced(array("layers.0.bias", [1, 3])), "layers.0.bias"],
    ["with a weight that is a vector", replaced(array("layers.0.weight", [12])), "not a matrix"],
    ["with a weight of three dimensions", replaced(array("layers.0.weight", [3, 4, 1])), "not a matrix"],
    [
      "with a weight of a million rows and no bytes",
      replaced(array("layers.0.weight", [1e6, 1e6, 0])),
      "not a matrix",
    ],
    ["with an empty weight", replaced(array("layers.0.weight", [3, 0])), "not a matrix"],
    [
      "with layers that do not fit",
      replaced(array("layers.1.weight", [2, 5])),
      "5 inputs, but the layer before",
    ],
    ["with two types", replaced(array("layers.1.bias", [2], "F64")), "has another shape or type"],
    [
      "with more inputs than a layer may have",
      [array("layers.0.weight", [1, 1_000_001]), array("layers.0.bias", [1])],
      "at most 1000000",
    ],
  ])("a model %s", async (_, tensors, fault) => {
    const loaded = load(tensors);
    await expect(loaded).rejects.toThrow(ModelFormatError);
    await expect(loaded).rejects.toThrow(fault);
    await expect(loaded).rejects.toThrow("given.safetensors");
  });

  it.each([{}, { ...FORMAT, format: "pt" }, { ...FORMAT, activation: "relu" }])(
    "a safetensors file of another program: %j",
    async (metadata) => {
      await expect(load(good, metadata)).rejects.toThrow(ModelFormatError);
      await expect(load(good, metadata)).rejects.toThrow("not a model of this program");
    },
  );

  it.each([
    ["an empty file", Buffer.alloc(0)],
    ["a file of text", Buffer.from("Dear model,\nplease load.\n")],
    [
      "a truncated model",
      Buffer.from(encodeSafetensors([array("layers.0.weight", [3, 4])], FORMAT)).subarray(0, -1),
    ],
  ])("%s", async (_, bytes) => {
    const file = join(folder, "garbage.safetensors");
    writeFileSync(file, bytes);
    await expect(loadModel(file)).rejects.toThrow(ModelFormatError);
    await expect(loadModel(file)).rejects.toThrow("garbage.safetensors");
  });

  it("a file that is missing, or is a folder", async () => {
    const missing = join(folder, "missing.safetensors");
    await expect(loadModel(missing)).rejects.toThrow(FileAccessError);
    await expect(loadModel(missing)).rejects.toThrow("there is no such file");
    const directory = join(folder, "directory.safetensors");
    mkdirSync(directory);
    await expect(loadModel(directory)).rejects.toThrow(FileAccessError);
    await expect(loadModel(directory)).rejects.toThrow(
      `The model ${directory} cannot be read: it is a folder; name a model.safetensors that training wrote.`,
    );
    await expect(loadModel("nul\0")).rejects.toThrow("no file can have this name");
  });
});

describe("a model as bytes", () => {
  it("comes back bit for bit, also from a view of other memory", () => {
    const network = new MultilayerPerceptron({
      layers: [6, 3, 2],
      backend: createJavaScriptBackend(),
      seed: 4,
    });
    const bytes = encodeModel(network, { note: "sent" });
    const memory = new Uint8Array(bytes.length + 3);
    memory.set(bytes, 3);
    const { network: back, metadata } = decodeModel(structuredClone(memory.subarray(3)));
    expect(metadata.note).toBe("sent");
    expect(back.parameters.map(({ value }) => value.data)).toEqual(
      network.parameters.map(({ value }) => value.data),
    );
  });

  it("is refused when it is something else", () => {
    expect(() => decodeModel(new Uint8Array(9))).toThrow(ModelFormatError);
  });
});
