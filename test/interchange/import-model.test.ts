import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import {
  FileAccessError,
  InvalidArgumentError,
  MnistNativeError,
  ModelFormatError,
} from "../../src/errors.js";
import { formOfBytes } from "../../src/interchange/form-of-bytes.js";
import { importModel } from "../../src/interchange/import-model.js";
import { exportNpz } from "../../src/interchange/numpy/export-npz.js";
import { exportOnnx } from "../../src/interchange/onnx/export-onnx.js";
import { DATA_LOCATION, decodeOnnx, encodeOnnx } from "../../src/interchange/onnx/messages.js";
import { exportPyTorch } from "../../src/interchange/pytorch/export-pytorch.js";
import { originOfModel } from "../../src/runs/import-origin.js";
import { encodeModel } from "../../src/training/model-file.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { zip } from "../support/zip.js";
import { SAMPLE_NETWORKS } from "./sample-networks.js";

const backend = createJavaScriptBackend();
const folder = temporaryFolder();
const golden = join(import.meta.dirname, "../golden");
const [sample] = SAMPLE_NETWORKS.filter(({ name }) => name === "every kind");
const network = (sample ?? SAMPLE_NETWORKS[0])?.create("float32");
if (network === undefined) throw new Error("There are no networks to export.");

let files = 0;
function write(bytes: Uint8Array | string, name = `model-${files++}`): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe("importModel", () => {
  it.each<[string, () => Uint8Array | Promise<Uint8Array>]>([
    ["ONNX", () => exportOnnx(network)],
    ["npz", () => exportNpz(network)],
    ["safetensors", () => exportPyTorch(network).weights],
    ["mnist-native", () => encodeModel(network)],
  ])("tells %s by its content, whatever its name", async (form, make) => {
    const bytes = await make();
    const path = write(bytes, `${form}.txt`);
    const { network: read, metadata } = await importModel(path, { backend });
    expect(read.sizes.slice(-1)).toEqual(network.sizes.slice(-1));
    expect(originOfModel(metadata)).toEqual({
      file: basename(path),
      form,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    });
  });

  it("reads what PyTorch and Keras wrote", async () => {
    const options = { backend, activation: "relu", output: "softmax" } as const;
    for (const name of ["interchange/pytorch-sequential.safetensors", "interchange/keras-dense.npz"]) {
      const { network: read } = await importModel(join(golden, name), options);
      expect(read.inputs).toBeGreaterThan(0);
    }
    const { metadata } = await importModel(join(golden, "onnx/pytorch-relu.onnx"), { backend });
    expect(originOfModel(metadata)?.form).toBe("ONNX");
  });

  it.each<[string, Uint8Array | string, RegExp]>([
    [
      "HDF5",
      Buffer.from("\x89HDF\r\n\x1a\n", "latin1"),
      /HDF5 .* numpy\.savez\(path, \*model\.get_weights\(\)\)/,
    ],
    ["one array of NumPy's", Buffer.from("\x93NUMPY\x01\x00", "latin1"), /single array of NumPy's/],
    ["a pickle", Buffer.from([0x80, 2, 0x7d, 0x71, 0]), /pickle .* safetensors\.torch\.save_file/],
    ["what torch.save writes", zip({ "m/data.pkl": Buffer.of(1) }), /torch\.save .*save_file/],
    ["what Keras saves", zip({ "model.weights.h5": Buffer.of(1) }), /Keras' model\.save .*get_weights/],
    ["another archive", zip({ "a.txt": Buffer.of(1) }), /holds no arrays/],
    ["nothing", "", /Expected a network in ONNX, safetensors or npz, but .* is empty/],
    ["a text", "{ weights: 3 }, and so on", /is none of these/],
  ])("refuses %s, and says what to do", async (_, bytes, sentence) => {
    const path = write(bytes);
    const error = await importModel(path, { backend }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelFormatError);
    const { message } = error as Error;
    expect(message).toMatch(sentence);
    expect(message).toContain(path);
    expect(message).toMatch(/^[^\n]*\.$/);
  });

  it("refuses options that are not for the form, and paths that are none", async () => {
    const path = write(exportOnnx(network));
    await expect(importModel(path, { backend, epsilon: 1e-3 })).rejects.toThrow(InvalidArgumentError);
    await expect(importModel(3 as never)).rejects.toThrow(InvalidArgumentError);
    await expect(importModel(join(folder, "none.onnx"))).rejects.toThrow(FileAccessError);
    await expect(importModel(folder)).rejects.toThrow("it is a folder");
  });

  it("gives an error of its own for any bytes", async () => {
    const starts = ["\x08\x08", "PK\x03\x04", "\x10\0\0\0\0\0\0\0{", "", "\x80\x04"];
    const any = fc.tuple(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 200 }));
    await fc.assert(
      fc.asyncProperty(any, async ([start, rest]) => {
        const path = write(Buffer.concat([Buffer.from(start, "latin1"), rest]), "any");
        const error = await importModel(path, { backend }).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(MnistNativeError);
      }),
      { numRuns: 100 },
    );
  });

  it("takes fields in another order for ONNX, too", () => {
    // The graph first: field 7 with two bytes, and the version after it.
    expect(formOfBytes(Uint8Array.of(0x3a, 2, 0x08, 1, 0x08, 8), "m")).toBe("ONNX");
    expect(() => formOfBytes(Uint8Array.of(0x3a, 9, 0x08, 1), "m")).toThrow(ModelFormatError);
  });
});

describe("weights beside an ONNX file", () => {
  /** The model with its first weight in another file. */
  function withExternal(directory: string, location: string, { missing = 0 } = {}): string {
    mkdirSync(directory, { recursive: true });
    const model = decodeOnnx(exportOnnx(network as NonNullable<typeof network>), "m");
    const { graph } = model;
    const tensor = graph?.initializer.find(({ rawData }) => (rawData?.length ?? 0) > 8);
    const raw = tensor?.rawData;
    if (graph === undefined || tensor === undefined || raw === undefined)
      throw new Error("There is no weight.");
    const externalData = [
      { key: "location", value: location },
      { key: "offset", value: "16" },
      { key: "length", value: String(raw.length) },
    ];

    const moved = { ...tensor, rawData: undefined, dataLocation: DATA_LOCATION.external, externalData };
    const initializer = graph.initializer.map((one) => (one === tensor ? moved : one));
    const path = join(directory, "model.onnx");
    writeFileSync(path, encodeOnnx({ ...model, graph: { ...graph, initializer } }));
    const bytes = Buffer.concat([Buffer.alloc(16), raw]);
    writeFileSync(join(directory, "weights.bin"), bytes.subarray(0, bytes.length - missing));
    return path;
  }

  it("are read from its own folder", async () => {
    const path = withExternal(join(folder, "whole"), "weights.bin");
    const [read, expected] = await Promise.all([
      importModel(path, { backend }),
      importModel(write(exportOnnx(network)), { backend }),
    ]);
    expect(read.network.parameters.map(({ value }) => value.data)).toEqual(
      expected.network.parameters.map(({ value }) => value.data),
    );
  });

  it.each<[string, string, RegExp, { missing?: number }?]>([
    ["are missing", "other.bin", /other\.bin, where .* has weights, cannot be read: there is no such file/],
    ["are too few", "weights.bin", /it may be truncated/, { missing: 1 }],
    ["are a folder", "sub", /it is a folder/],
    ["are behind a link that leads out", "link.bin", /a link out of the model's folder/],
    ["are in a folder that is a link out", "out/secret.bin", /a link out of the model's folder/],
    ["are above", "../secret.bin", /stays in the model's own folder/],
    ["are at a place of the machine", "/etc/passwd", /stays in the model's own folder/],
  ])("that %s are refused", async (name, location, sentence, options) => {
    const directory = join(folder, name);
    const path = withExternal(directory, location, options);
    mkdirSync(join(directory, "sub"));
    mkdirSync(join(folder, "outside"), { recursive: true });
    const secret = write(readFileSync(join(directory, "weights.bin")), "outside/secret.bin");
    symlinkSync(secret, join(directory, "link.bin"));
    symlinkSync(join(folder, "outside"), join(directory, "out"));
    const error = await importModel(path, { backend }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MnistNativeError);
    expect((error as Error).message).toMatch(sentence);
  });

  it("may be behind a link that stays in the folder", async () => {
    const directory = join(folder, "inner");
    const path = withExternal(directory, "alias.bin");
    symlinkSync("weights.bin", join(directory, "alias.bin"));
    expect((await importModel(path, { backend })).network.inputs).toBe(network.inputs);
  });
});
