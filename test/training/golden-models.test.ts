import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Backend } from "../../src/backend/backend.js";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { createTable } from "../../src/data/create-table.js";
import { createDataset, type Inputs } from "../../src/data/dataset.js";
import { ModelFormatError } from "../../src/errors.js";
import { MLPClassifier } from "../../src/estimators/mlp-classifier.js";
import { MLPRegressor } from "../../src/estimators/mlp-regressor.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/formats/safetensors.js";
import { modelFacts } from "../../src/live/runs/model-facts.js";
import type { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { AdamW } from "../../src/optim/adamw.js";
import { decodeCheckpoint, loadCheckpoint } from "../../src/training/checkpoint-file.js";
import { fit } from "../../src/training/fit.js";
import { decodeModel, decodeModelInPieces, loadModel } from "../../src/training/model-file.js";
import { predict } from "../../src/training/predict.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { temporaryFolder } from "../support/temporary-folder.js";

// Model files of every format that there ever was, as test/golden/README.md tells.

const golden = join(import.meta.dirname, "../golden/models");
const file = (name: string) => join(golden, name);

interface Expected {
  /** Bytes of pixels, or numbers. */
  readonly images?: readonly (readonly number[])[];
  readonly rows?: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
  /** Of a checkpoint. */
  readonly epoch?: number;
  readonly options?: { readonly epochs: number; readonly batchSize: number; readonly learningRate: number };
  readonly continued?: readonly (readonly number[])[];
}

const expected: Readonly<Record<string, Expected>> = JSON.parse(readFileSync(file("expected.json"), "utf8"));

function inputsOf({ images, rows = [] }: Expected, { dtype }: MultilayerPerceptron): Inputs {
  if (images !== undefined) {
    const labels = new Uint8Array(images.length);
    return createDataset({ images: Uint8Array.from(images.flat()), labels, imageShape: [3, 4], classes: 3 });
  }
  const data = dtype === "float32" ? Float32Array.from(rows.flat()) : Float64Array.from(rows.flat());
  const features = { kind: "floats", data, width: rows[0]?.length ?? 0 } as const;
  return { features, rows: Int32Array.from(rows.keys()) };
}

function expectClose(found: ArrayLike<number>, outputs: Expected["outputs"], tolerance: number): void {
  const numbers = outputs.flat();
  expect(found.length).toBe(numbers.length);
  const worst = Math.max(...numbers.map((number, i) => Math.abs((found[i] ?? Number.NaN) - number)));
  expect(worst).toBeLessThan(tolerance);
}

/** As the program that wrote the files made them: 24 examples of six numbers. */
function trainingTable() {
  const features = Float64Array.from({ length: 24 * 6 }, (_, i) => ((i * 37) % 101) / 25 - 2);
  const labels = Array.from({ length: 24 }, (_, i) => i % 3);
  return createTable({ features, width: 6, labels, classNames: ["one", "two", "three"] });
}

it("there is a file for all that is expected, and nothing else", () => {
  expect(readdirSync(golden).sort()).toEqual(["expected.json", ...Object.keys(expected)].sort());
  for (const format of ["format-1", "format-2"]) {
    expect(Object.keys(expected).some((name) => name.startsWith(format))).toBe(true);
  }
});

describeOnEveryBackend((create: () => Backend) => {
  it.each(Object.entries(expected))("%s is read, and gives what it gave", async (name, model) => {
    const { network } = await loadModel(file(name), { backend: create() });
    const { activations } = await predict(network, inputsOf(model, network));
    expectClose(activations, model.outputs, network.dtype === "float32" ? 1e-6 : 1e-13);
  });

  it("the checkpoint goes on as it went on then", async () => {
    const name = "format-2-checkpoint.safetensors";
    const model = expected[name] as Expected;
    const checkpoint = await loadCheckpoint(file(name), { backend: create() });
    expect(checkpoint.state.epoch).toBe(model.epoch);
    expect(checkpoint.metadata.note).toBe("after two epochs");
    const { network } = checkpoint;
    const resume = { ...model.options, optimizer: new AdamW(), resume: checkpoint };
    await fit(network, trainingTable(), resume);
    const { activations } = await predict(network, inputsOf(model, network));
    expectClose(activations, model.continued ?? [], 1e-10);
  });

  it("the estimators predict what they predicted", async () => {
    const [classes, values] = ["format-2-classifier.safetensors", "format-2-regressor.safetensors"] as const;
    const { rows = [], outputs } = expected[classes] as Expected;
    const classifier = await MLPClassifier.load<string>(file(classes), { backend: create() });
    expect(classifier.classes).toEqual(["high", "low", "middle"]);
    expectClose((await classifier.predictProba(rows)).flat(), outputs, 1e-13);
    const regressor = await MLPRegressor.load(file(values), { backend: create() });
    const predicted = [...(await regressor.predict(rows))].flat();
    expectClose(predicted, (expected[values] as Expected).outputs, 1e-13);
  });
});

describe("a file of a newer version", () => {
  const backend = createJavaScriptBackend();
  const newer = (name: string, number: number | string = 3) => {
    const { tensors, metadata } = decodeSafetensors(readFileSync(file(name)), name);
    const format = `mnist-native multilayer perceptron ${number}`;
    return encodeSafetensors([...tensors.values()], { ...metadata, format });
  };
  const sentence =
    "was written by a newer version of mnist-native, in model format 3, and this version reads the formats 1 and 2; install a newer version.";
  const model = newer("format-2-every-kind-float32.safetensors");

  it.each<[string, () => unknown]>([
    ["a model", () => decodeModel(model, { name: "m", backend })],
    ["a model in pieces", () => decodeModelInPieces(model, { name: "m", backend }, async () => {})],
    ["a model that is served", () => modelFacts(model, "m")],
    [
      "a checkpoint",
      () => decodeCheckpoint(newer("format-2-checkpoint.safetensors"), { name: "m", backend }),
    ],
    ["a checkpoint that lacks what this version looks for", () => decodeCheckpoint(model, { name: "m" })],
  ])("says so: %s", async (_, read) => {
    const error = await Promise.resolve()
      .then(read)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelFormatError);
    expect(error).toMatchObject({ message: `m ${sentence}` });
  });

  it("says so: an estimator", async () => {
    const path = join(temporaryFolder(), "m.safetensors");
    writeFileSync(path, newer("format-2-classifier.safetensors"));
    await expect(MLPClassifier.load(path, { backend })).rejects.toThrow(`${path} ${sentence}`);
  });

  it("says so also where its numbers are of a type that this version lacks", () => {
    const bytes = Buffer.from(model);
    bytes.write("F16", bytes.indexOf("F32"));
    expect(() => decodeModel(bytes, { name: "m", backend })).toThrow(`m ${sentence}`);
  });

  it.each(["0", "x", "2.5", ""])("is not what a format %j tells of", (number) => {
    const other = newer("format-2-every-kind-float32.safetensors", number);
    expect(() => decodeModel(other, { name: "m", backend })).toThrow("not a model of this program");
  });
});
