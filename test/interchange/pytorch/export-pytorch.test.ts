import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { decodeSafetensors } from "../../../src/formats/safetensors.js";
import { type ExportPyTorchOptions, exportPyTorch } from "../../../src/interchange/pytorch/export-pytorch.js";
import { crossEntropy } from "../../../src/nn/losses/cross-entropy.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { auxiliary, dense, residual, standardize } from "../../../src/nn/specification.js";
import { imageRows } from "../../../src/tensor/layer-input.js";
import { type Tensor, toArray } from "../../../src/tensor/tensor.js";
import { pythonWith, runPython } from "../../support/python.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { largestDifference, ownOutputs } from "../own-outputs.js";
import { INPUTS, SAMPLE_NETWORKS, sampleRows } from "../sample-networks.js";

const folder = temporaryFolder();
const backend = createJavaScriptBackend();
const python = pythonWith("torch");

/** Loads each module as a program would, computes what it makes of its rows, and tells of its modules. */
const LOAD_ALL = `
import contextlib, importlib.util, io, json, py_compile, runpy, sys
import torch

results = []
for case in json.load(sys.stdin):
    path = case["folder"] + "/model.py"
    py_compile.compile(path, doraise=True)
    spec = importlib.util.spec_from_file_location("model", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    network = module.load()
    result = {"text": str(network), "names": getattr(module, "CLASSES", None) or module.VALUES}
    dtype = next(network.parameters()).dtype
    result["dtype"] = str(dtype)
    if "pixels" in case:
        x = module.prepare(torch.tensor(case["pixels"], dtype=torch.uint8))
        try:
            module.prepare(torch.ones(1, 4))
        except TypeError as error:
            result["refusal"] = str(error)
    else:
        x = torch.tensor(case["rows"], dtype=dtype).reshape(case["count"], -1)
    with torch.inference_mode():
        result["outputs"] = network(x).flatten().tolist()
    printed = io.StringIO()
    sys.argv = [path] + case["arguments"]
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            runpy.run_path(path, run_name="__main__")
        except SystemExit as end:
            result["status"] = end.code
    result["printed"] = printed.getvalue()
    results.append(result)
print(json.dumps(results))
`;

interface Case {
  readonly network: MultilayerPerceptron;
  readonly options?: ExportPyTorchOptions;
  readonly rows?: Float32Array | Float64Array;
  readonly pixels?: readonly number[][];
  readonly arguments?: readonly string[];
}

interface Result {
  readonly text: string;
  readonly names: readonly string[];
  readonly dtype: string;
  readonly outputs: readonly number[];
  readonly printed: string;
  readonly status?: number;
  readonly refusal?: string;
}

const HOSTILE = [
  '"""\nimport os',
  "'); raise SystemExit(3) #",
  "\\",
  "\u202eevil\u2028",
  "Schuh 靴 \\N{DASH}",
];
const images = new MultilayerPerceptron({ layers: [4, dense(5, "softmax")], seed: 3, backend });
const values = new MultilayerPerceptron({ layers: [2, dense(1)], seed: 3, backend });
const columns = {
  features: ["age", "height"].map((name) => ({ name, kind: "numeric" })),
  target: { name: "price in €", task: "regress" },
};
const two = new MultilayerPerceptron({ layers: [2, dense(1, "sigmoid")], seed: 3, backend });
const YES_OR_NO = { metadata: { classNames: '["no","yes"]' } };
const EXAMPLES = [
  [0.5, -2],
  [-0.5, 2],
];
const unlearned = new MultilayerPerceptron({ layers: [INPUTS, standardize(), dense(3)], backend });

const SAMPLES: readonly Case[] = SAMPLE_NETWORKS.flatMap(({ create }) =>
  (["float32", "float64"] as const).map((dtype) => ({ network: create(dtype), rows: sampleRows(9, dtype) })),
);
const CASES: readonly Case[] = [
  ...SAMPLES,
  { network: unlearned, rows: sampleRows(2, "float32") },
  {
    network: images,
    options: {
      metadata: { classNames: JSON.stringify(HOSTILE), imageShape: "[2,2]" },
      weightsFile: 'of "images".safetensors',
    },
    pixels: [
      [0, 100, 200, 255],
      [9, 8, 7, 6],
    ],
    arguments: ["PICTURE"],
  },
  {
    network: values,
    options: { metadata: { columns: JSON.stringify(columns) } },
    rows: Float32Array.of(0.5, -2),
    arguments: ["0.5", "-2"],
  },
  ...[values, two].flatMap((network) =>
    EXAMPLES.map(
      (x): Case => ({ network, options: YES_OR_NO, rows: Float32Array.from(x), arguments: x.map(String) }),
    ),
  ),
  { network: values, rows: Float32Array.of(0.5, -2), arguments: ["0.5"] },
];

/** All in one process, as PyTorch takes seconds to be loaded. */
function loadAll(): readonly Result[] {
  const picture = join(folder, "picture");
  writeFileSync(picture, Uint8Array.of(0, 100, 200, 255));
  const cases = CASES.map(({ network, options = {}, rows, pixels, arguments: given = [] }, i) => {
    const own = join(folder, String(i));
    mkdirSync(own);
    const { weights, module } = exportPyTorch(network, options);
    writeFileSync(join(own, options.weightsFile ?? "weights.safetensors"), weights);
    writeFileSync(join(own, "model.py"), module);
    return {
      folder: own,
      arguments: given.map((argument) => (argument === "PICTURE" ? picture : argument)),
      ...(pixels === undefined
        ? { rows: [...(rows ?? [])], count: (rows?.length ?? 0) / network.inputs }
        : { pixels }),
    };
  });
  return JSON.parse(runPython(python as string, LOAD_ALL, [], JSON.stringify(cases)));
}

describe.skipIf(python === undefined)("in PyTorch", () => {
  let results: readonly Result[] = [];
  beforeAll(() => {
    results = loadAll();
  });
  const resultsOf = (of: MultilayerPerceptron) => results.filter((_, i) => CASES[i]?.network === of);
  const resultOf = (of: MultilayerPerceptron) => resultsOf(of)[0] as Result; // Each has one at least.

  it.each(SAMPLE_NETWORKS.map(({ name }, i) => [name, i] as const))(
    "a network computes the same: %s",
    (_, i) => {
      for (const j of [2 * i, 2 * i + 1]) {
        const { network, rows } = SAMPLES[j] as Case;
        const { outputs, dtype, printed } = results[j] as Result;
        expect(dtype).toBe(`torch.${network.dtype}`);
        const difference = largestDifference(outputs, ownOutputs(network, rows as Float32Array));
        expect(difference).toBeLessThan(network.dtype === "float32" ? 1e-5 : 1e-10);
        expect(printed).toMatch(/^Sequential\(/);
      }
    },
  );

  it("dropout stays for training on, and auxiliary outputs are left out", () => {
    const every = SAMPLE_NETWORKS.findIndex(({ name }) => name === "every kind");
    const { text } = results[2 * every] as Result;
    expect(text.match(/\((?:\d+)\): \w+/g)).toEqual([
      "(0): Standardize",
      "(1): Linear",
      "(2): BatchNorm1d",
      "(3): LeakyReLU",
      "(4): Residual",
      "(0): Linear",
      "(1): GELU",
      "(2): Dropout",
      "(3): Linear",
      "(5): Dropout",
      "(6): Linear",
      "(7): Softmax",
    ]);
  });

  it("a standardisation that has not learned leaves x as it is", () => {
    const expected = ownOutputs(unlearned, sampleRows(2, "float32"));
    expect(largestDifference(resultOf(unlearned).outputs, expected)).toBeLessThan(1e-5);
  });

  it("bytes of images are scaled, names of classes are names, and the program tells what it sees", () => {
    const { outputs, names, printed, refusal } = resultOf(images);
    const pixels = Uint8Array.of(0, 100, 200, 255, 9, 8, 7, 6);
    const x = imageRows({ images: pixels, rows: Int32Array.of(0, 1), width: 4, scale: 2 / 255, offset: -1 });
    const expected = [...toArray(images.forward(x).at(-1) as Tensor)];
    expect(largestDifference(outputs, expected)).toBeLessThan(1e-5);
    expect(names).toEqual(HOSTILE);
    const first = expected.slice(0, 5);
    const best = first.indexOf(Math.max(...first));
    expect(printed).toBe(`${HOSTILE[best]} (${((first[best] as number) * 100).toFixed(1)}%)\n`);
    expect(refusal).toBe("expected pixels of torch.uint8, got torch.float32");
  });

  it("values are told by their name, and a wrong number of them is refused", () => {
    const [value = 0] = ownOutputs(values, Float32Array.of(0.5, -2));
    const { names, printed } = resultOf(values);
    expect(names).toEqual(["price in €"]);
    expect(printed).toMatch(/^price in €: -?[\d.]+\n$/);
    expect(Number(printed.split(": ")[1])).toBeCloseTo(value, 4);
    const [refused] = resultsOf(values).slice(-1) as [Result];
    expect(refused.status).toBe(2);
    expect(refused.printed).toContain("error: expected 2 numbers, got 1\n");
  });

  it("two classes are told apart by one output, at 0.5", () => {
    const printed = (of: MultilayerPerceptron, first: number) =>
      resultsOf(of)
        .slice(first, first + EXAMPLES.length)
        .map((result) => result.printed);
    const outputs = (of: MultilayerPerceptron) =>
      EXAMPLES.map((x) => ownOutputs(of, Float32Array.from(x))[0] ?? 0);
    const percent = (p: number) => `${(p * 100).toFixed(1)}%`;
    const [low, high] = [Math.min(...outputs(two)), Math.max(...outputs(two))];
    expect(low).toBeLessThan(0.5);
    expect(high).toBeGreaterThan(0.5);
    expect(printed(two, 0)).toEqual(
      outputs(two).map((p) => (p >= 0.5 ? `yes (${percent(p)})\n` : `no (${percent(1 - p)})\n`)),
    );
    // An Adaline's output is no probability.
    expect(printed(values, 1)).toEqual(outputs(values).map((output) => (output >= 0.5 ? "yes\n" : "no\n")));
  });
});

describe("the file of weights", () => {
  it("has names as nn.Sequential, what the network is, and what is known of its training", () => {
    const { weights } = exportPyTorch(
      new MultilayerPerceptron({
        layers: [
          3,
          dense(4, "relu"),
          residual(dense(4), auxiliary(dense(2, "softmax"), crossEntropy())),
          auxiliary(dense(2, "softmax"), crossEntropy()),
          dense(2, "softmax"),
        ],
        backend,
      }),
      { metadata: { dataset: "mnist", format: "mnist-native multilayer perceptron 2", network: "{}" } },
    );
    const { tensors, metadata } = decodeSafetensors(weights, "weights");
    expect([...tensors.values()].map(({ name, shape }) => [name, ...shape])).toEqual([
      ["0.bias", 4],
      ["0.weight", 4, 3],
      ["2.0.bias", 4],
      ["2.0.weight", 4, 4],
      ["3.bias", 2],
      ["3.weight", 2, 4],
    ]);
    expect(metadata).toMatchObject({ format: "pt", dataset: "mnist" });
    const { layers } = JSON.parse(metadata.network ?? "");
    expect(layers.map(({ type }: { type: string }) => type)).toEqual(["dense", "residual", "dense"]);
    expect(JSON.stringify(layers)).not.toContain("auxiliary");
  });

  it.each(["", "..", "a/b", "a\\b", "a\0", 7])("is in the module's folder: %j", (weightsFile) => {
    expect(() => exportPyTorch(images, { weightsFile: weightsFile as string })).toThrow(
      `Expected the name of a file without a folder for weightsFile but received ${JSON.stringify(weightsFile)}.`,
    );
  });

  it("takes metadata that are texts", () => {
    expect(() => exportPyTorch(images, { metadata: { epochs: 3 } as never })).toThrow(
      "Expected metadata that are an object of texts",
    );
  });
});
