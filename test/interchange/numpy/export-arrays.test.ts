import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { InvalidArgumentError, ModelFormatError } from "../../../src/errors.js";
import { readNpz } from "../../../src/formats/npz.js";
import { exportCsv } from "../../../src/interchange/export-csv.js";
import { exportNpz } from "../../../src/interchange/numpy/export-npz.js";
import { importNpz } from "../../../src/interchange/numpy/import-npz.js";
import { exportPyTorch } from "../../../src/interchange/pytorch/export-pytorch.js";
import { importSafetensors } from "../../../src/interchange/pytorch/import-safetensors.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { batchNormalization, dense } from "../../../src/nn/specification.js";
import { assign, tensor, toArray } from "../../../src/tensor/tensor.js";
import { encodeModel, learnedTensors } from "../../../src/training/model-file.js";
import { pythonWith, runPython } from "../../support/python.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { INPUTS, SAMPLE_NETWORKS, sampleRows } from "../sample-networks.js";

const backend = createJavaScriptBackend();
const METADATA = { dataset: "mnist", classNames: '["a","b","c","d","é"]' };
const DTYPES = ["float32", "float64"] as const;

function bitsOf(network: MultilayerPerceptron): readonly string[] {
  return learnedTensors(network).map(({ name, value }) => {
    const { buffer, byteOffset, byteLength } = toArray(value);
    return `${name} ${value.shape} ${Buffer.from(buffer, byteOffset, byteLength).toString("hex")}`;
  });
}

/** What an exported network computes, from what stands in its file alone; and its table, read in two ways. */
const PROGRAM = `
import csv, io, json, math, sys
import numpy as np

erf = np.vectorize(math.erf)

def activate(name, z):
    if name == "identity": return z
    if name == "sigmoid": return 1 / (1 + np.exp(-z))
    if name == "tanh": return np.tanh(z)
    if name == "relu": return np.maximum(z, 0)
    if name == "leakyRelu": return np.where(z > 0, z, 0.01 * z)
    if name == "elu": return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))
    if name == "gelu": return z * 0.5 * (1 + erf(z / math.sqrt(2)))
    if name == "silu": return z / (1 + np.exp(-z))
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

def forward(arrays, layers, x, prefix="layers"):
    for i, layer in enumerate(layers):
        of = lambda name: arrays[f"{prefix}.{i}.{name}"].astype(np.float64)
        kind = layer["type"]
        if kind == "dense": x = activate(layer["activation"], x @ of("weight").T + of("bias"))
        elif kind == "activation": x = activate(layer["activation"], x)
        elif kind == "standardize": x = (x - of("mean")) / of("deviation")
        elif kind == "residual": x = x + forward(arrays, layer["layers"], x, f"{prefix}.{i}.layers")
        elif kind == "batchNormalization":
            scale = np.sqrt(of("runningVariance") + layer["epsilon"])
            x = (x - of("runningMean")) / scale * of("gamma") + of("beta")
    return x

def from_table(text, arrays):
    """Whether the table has all numbers of the arrays, exactly, in both types."""
    columns = {}
    for tensor, row, column, value in csv.reader(io.StringIO(text)):
        columns.setdefault(tensor, []).append((row, column, value))
    header = columns.pop("tensor")
    assert header == [("row", "column", "value")], header
    names = [name for name, array in arrays.items() if array.dtype.kind == "f"]
    assert sorted(columns) == sorted(names), names
    for name, lines in columns.items():
        array = arrays[name]
        assert len(lines) == array.size, name
        for row, column, value in lines:
            at = (int(row), int(column)) if array.ndim == 2 else int(row)
            for kind in [np.float64, array.dtype.type]:
                found = kind(value)
                assert found == array[at] and np.signbit(found) == np.signbit(array[at]), (name, row, column, value)

def same_bytes(path, arrays):
    """Whether the files in the archive are as this NumPy writes them."""
    import zipfile
    with zipfile.ZipFile(path) as archive:
        for name, array in arrays.items():
            file = io.BytesIO()
            np.save(file, array)
            if archive.read(name + ".npy") != file.getvalue(): return name
    return None

results = []
for folder in sys.stdin.read().split("\\n"):
    with np.load(f"{folder}/model.npz", allow_pickle=False) as file: arrays = dict(file)
    network = json.loads(str(arrays["network"]))
    x = np.frombuffer(open(f"{folder}/x.bin", "rb").read()).reshape(-1, network["inputs"])
    from_table(open(f"{folder}/model.csv", newline="").read(), arrays)
    results.append({
        "outputs": forward(arrays, network["layers"], x).ravel().tolist(),
        "metadata": json.loads(str(arrays["metadata"])),
        "dtypes": sorted({str(a.dtype) for a in arrays.values() if a.dtype.kind == "f"}),
        "other": same_bytes(f"{folder}/model.npz", arrays),
        "numpy": [int(part) for part in np.__version__.split(".")[:2]],
    })
print(json.dumps(results))
`;

interface Result {
  readonly outputs: readonly number[];
  readonly metadata: unknown;
  readonly dtypes: readonly string[];
  readonly other: string | null;
  readonly numpy: readonly [major: number, minor: number];
}

const python = pythonWith("numpy");

it.skipIf(python === undefined)(
  "NumPy computes the same from the arrays, and reads the same numbers from the table",
  async () => {
    const folder = temporaryFolder();
    const cases = SAMPLE_NETWORKS.flatMap(({ name, create }) =>
      DTYPES.map((dtype) => ({ name, dtype, network: create(dtype) })),
    );
    const folders = cases.map((_, i) => join(folder, String(i)));
    for (const [i, { dtype, network }] of cases.entries()) {
      const own = folders[i] as string;
      mkdirSync(own);
      for (const { value } of network.parameters.slice(0, 1)) assign(value, toArray(value).fill(-0, 0, 1));
      writeFileSync(join(own, "model.npz"), await exportNpz(network, { metadata: METADATA }));
      writeFileSync(join(own, "model.csv"), exportCsv(network, { metadata: METADATA }));
      writeFileSync(join(own, "x.bin"), Float64Array.from(sampleRows(9, dtype)));
    }
    const results = JSON.parse(
      runPython(python as string, PROGRAM, [], folders.join("\n")),
    ) as readonly Result[];
    expect(results).toHaveLength(cases.length);
    for (const [i, { name, dtype, network }] of cases.entries()) {
      const { outputs, metadata, dtypes, other, numpy } = results[i] as Result;
      const x = tensor(sampleRows(9, dtype), [9, INPUTS], { dtype, backend });
      const expected = toArray(network.forward(x).at(-1) as typeof x);
      const tolerance = dtype === "float32" ? 1e-6 : 1e-12;
      for (const [j, value] of expected.entries())
        expect(Math.abs(value - (outputs[j] as number)), name).toBeLessThan(tolerance);
      expect(metadata).toEqual(METADATA);
      expect(dtypes).toEqual([dtype]);
      // Since 1.23, NumPy leaves room for a longer first size.
      if (numpy[0] > 1 || numpy[1] >= 23) expect(other, name).toBeNull();
    }
  },
);

describe("a network comes back with the same bits", () => {
  it.each(SAMPLE_NETWORKS)("from arrays and from a model file: $name", async ({ create }) => {
    for (const dtype of DTYPES) {
      const network = create(dtype);
      const bytes = await exportNpz(network, { metadata: METADATA });
      const models = [
        await importNpz(bytes, { backend }),
        importSafetensors(encodeModel(network, METADATA), { backend }),
      ];
      for (const { network: copy, metadata } of models) {
        expect(bitsOf(copy)).toEqual(bitsOf(network));
        expect(metadata).toEqual(METADATA);
        expect(copy.loss.specification).toEqual(network.loss.specification);
        expect(copy.specification.layers.map(({ type }) => type)).toEqual(
          network.specification.layers.map(({ type }) => type),
        );
      }
      const again = await exportNpz(models[0]?.network as MultilayerPerceptron, { metadata: METADATA });
      expect(Buffer.compare(again, bytes)).toBe(0);
    }
  });

  it.each(SAMPLE_NETWORKS)("from what PyTorch reads, but for auxiliary outputs: $name", ({ create }) => {
    for (const dtype of DTYPES) {
      const network = create(dtype);
      const { weights } = exportPyTorch(network, { metadata: METADATA });
      const { network: copy, metadata } = importSafetensors(weights, { backend });
      expect(metadata).toEqual(METADATA);
      const numbers = (all: readonly string[]) => all.map((text) => text.replace(/^\S+ /, ""));
      const expected = numbers(bitsOf(network));
      const found = numbers(bitsOf(copy));
      const isWhole = !JSON.stringify(network.specification).includes("auxiliary");
      if (isWhole) expect(found).toEqual(expected);
      else expect(expected).toEqual(expect.arrayContaining([...found]));
      const x = tensor(sampleRows(3, dtype), [3, INPUTS], { dtype, backend });
      const outputsOf = (one: MultilayerPerceptron) => toArray(one.forward(x).at(-1) as typeof x);
      expect(outputsOf(copy)).toEqual(outputsOf(network));
    }
  });

  it("and is not told what it tells itself", async () => {
    const network = new MultilayerPerceptron({ layers: [4, dense(3, "relu"), dense(2, "softmax")], backend });
    const bytes = await exportNpz(network);
    const told = { backend, activation: "relu", output: "softmax", metadata: { seed: "1" } } as const;
    expect((await importNpz(bytes, told)).metadata).toEqual({ seed: "1" });
    for (const [options, sentence] of [
      [
        { activation: "tanh" },
        "a.npz was made by this package and tells of its hidden layers itself; leave that out.",
      ],
      [{ output: "identity" }, "tells of its output, softmax, itself"],
      [{ pixels: { scale: 1, offset: 0 } }, "tells of the pixels that it has learned from itself"],
    ] as const) {
      await expect(importNpz(bytes, { backend, name: "a.npz", ...options })).rejects.toThrow(sentence);
    }
  });

  it("but not with numbers that are not finite", async () => {
    const network = new MultilayerPerceptron({ layers: [2, dense(2)], backend });
    assign((network.parameters[0] as { value: ReturnType<typeof tensor> }).value, [1, Number.NaN, 1, 1]);
    expect(exportCsv(network)).toContain("layers.0.weight,0,1,NaN\n");
    const bytes = await exportNpz(network);
    await expect(importNpz(bytes, { backend })).rejects.toThrow("holds NaN in layers.0.weight");
  });
});

describe("what is exported", () => {
  const network = new MultilayerPerceptron({
    layers: [2, dense(3), batchNormalization(), dense(1)],
    backend,
  });

  it("tells what was taken where nothing was said", async () => {
    const { arrays } = await readNpz(await exportNpz(network), "a.npz");
    const text = arrays.get("network");
    const { layers } = JSON.parse(text?.kind === "texts" ? (text.texts[0] as string) : "");
    expect(layers[1]).toEqual({ type: "batchNormalization", momentum: 0.1, epsilon: 1e-5 });
  });

  it("is a line for each number", () => {
    const lines = exportCsv(network).split("\n");
    expect(lines[0]).toBe("tensor,row,column,value");
    expect(lines).toHaveLength(1 + 6 + 3 + 4 * 3 + 3 + 1 + 1);
    expect(lines[6]).toMatch(/^layers\.0\.weight,2,1,-?0\.\d+$/);
    expect(lines[7]).toBe("layers.0.bias,0,0,0");
  });

  it("is a network, with metadata that are as a model's", async () => {
    const wrong = { metadata: { classNames: "[" } };
    await expect(exportNpz(network, wrong)).rejects.toThrow(ModelFormatError);
    expect(() => exportCsv(network, wrong)).toThrow(ModelFormatError);
    await expect(exportNpz({} as MultilayerPerceptron)).rejects.toThrow(InvalidArgumentError);
    expect(() => exportCsv(network, { metadata: { seed: 1 } as never })).toThrow(InvalidArgumentError);
  });
});
