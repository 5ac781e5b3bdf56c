import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { RandomState } from "../../src/random/random-state.js";
import { readRun } from "../../src/runs/read-run.js";
import { runSettings } from "../../src/runs/settings.js";
import { decodeModel } from "../../src/training/model-file.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import {
  cli,
  type Environment,
  expectFault,
  expectSuccess,
  hasAddon,
  MAIN,
  startProgram,
} from "./harness.js";
import { NETWORKS } from "./networks.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const run = (name: string) => join(folder, name);

/** y = 2 a - b, and a kind that depends on it. */
const random = new RandomState(5);
const rows = Array.from({ length: 140 }, () => {
  const [a = 0, b = 0] = random.normal(0, 1, 2);
  return `${a},${b},${2 * a - b},${2 * a > b ? "up" : "down"}`;
});
writeFileSync(join(folder, "table.csv"), `a,b,y,kind\n${rows.join("\n")}\n`);
const images = Array.from({ length: 90 }, (_, i) => {
  const label = ["one", "two", "three"][i % 3];
  const pixels = Array.from({ length: 12 }, (_, p) => (p % 3 === i % 3 ? 200 + (i % 50) : (i * p) % 40));
  return `${pixels.join(",")},${label}`;
});
writeFileSync(join(folder, "images.csv"), `${images.join("\n")}\n`);

async function train(name: string, args: readonly string[], environment: Environment = {}): Promise<string> {
  return expectSuccess(await cli(["train", ...args, "--out", run(name)], environment));
}

/** What a run has learned and told, but for times: its model as bytes, its metrics and summary, and its settings. */
function resultOf(name: string) {
  const read = (file: string) => readFileSync(join(run(name), file), "utf8");
  const timeless = (text: string) => {
    const { seconds, timings, ...rest } = JSON.parse(text);
    return rest;
  };
  return {
    model: readFileSync(join(run(name), "model.safetensors"), "latin1"),
    config: read("config.json"),
    metrics: read("metrics.jsonl")
      .trimEnd()
      .split("\n")
      .map((line) => ({ ...timeless(line), pace: undefined })),
    summary: timeless(read("summary.json")),
  };
}

async function repeat(name: string, ...args: readonly string[]) {
  await train(`${name}-again`, ["--config", join(run(name), "config.json"), ...args]);
  return resultOf(`${name}-again`);
}

const SETS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ["chapter", ["--hidden", "20"]],
  ...NETWORKS,
  [
    "smooth",
    [
      "--loss",
      "crossEntropy",
      "--label-smoothing",
      "0.1",
      "--optimizer",
      "adamw",
      "--weight-decay",
      "0.1",
      "--clip-value",
      "0.5",
    ],
  ],
  ["rates", ["--schedule", "piecewise:points=0:0.2/1:0.05", "--warm-up", "length=0.5,unit=epoch,start=0.1"]],
  ["cycles", ["--schedule", "cyclical:step-size-up=5,mode=exp-range,gamma=0.99,base=0.01"]],
  [
    "watched",
    [
      "--metrics",
      "top3Accuracy,logLoss",
      "--monitor",
      "validation.f1Macro",
      "--early-stopping",
      "1",
      "--min-delta",
      "0.9",
      "--restore-best",
      "false",
      "--reduce-on-plateau",
      "factor=0.5,patience=0,threshold-mode=abs",
      "--time-limit",
      "1h",
    ],
  ],
  ["linear", ["--hidden", "none", "--output", "identity", "--learning-rate", "0.0001", "--init", "zeros"]],
  ["newton", ["--optimizer", "lbfgs", "--activation", "tanh", "--output", "softmax", "--hidden", "9"]],
  ["modern", ["--preset", "modern", "--hidden", "16"]],
  ["adaline", ["--preset", "adaline", "--classes", "3,8"]],
  ["two", ["--classes", "8,3", "--loss", "binaryCrossEntropy", "--optimizer", "lion", "--seed", "77"]],
  ["double", ["--dtype", "float64", "--hidden", "9", "--augment", "shift=2,elastic=3,elastic-smoothness=5"]],
  [
    "official",
    [
      "--split",
      "official",
      "--batch-size",
      "all",
      "--hidden",
      "7",
      "--init",
      "orthogonal",
      "--optimizer",
      "nadam",
    ],
  ],
];

describe.each([...(hasAddon ? ["native"] : []), "js"])("a run on the backend %s", (backend) => {
  it.each(SETS)("is made again by its config.json, to the bit: %s", async (set, args) => {
    const name = `${backend}-${set}`;
    await train(name, ["--data-dir", data, "--epochs", "2", "--backend", backend, ...args]);
    expect(await repeat(name)).toEqual(resultOf(name));
  });

  it.each<[name: string, args: readonly string[]]>([
    ["classes", ["--table", "table.csv", "--target-column", "kind", "--task", "classify"]],
    ["numbers", ["--table", "table.csv", "--target-column", "y", "--task", "regress", "--loss", "huber"]],
    [
      "plain",
      ["--table", "table.csv", "--target-column", "kind", "--task", "classify", "--standardize", "false"],
    ],
    ["rows", ["--csv", "images.csv", "--label-column", "-1", "--image-shape", "4x3"]],
  ])("on data of one's own is made again from any folder: %s", async (set, args) => {
    const name = `${backend}-own-${set}`;
    const options = ["train", ...args, "--epochs", "2", "--hidden", "5", "--backend", backend, "--out", name];
    expectSuccess(await startProgram(process.execPath, [MAIN, ...options], {}, folder).finished);
    expect(await repeat(name)).toEqual(resultOf(name));
  });

  it("that trained further is made again, where the model is as it was", async () => {
    const [start, further] = [`${backend}-start`, `${backend}-further`];
    await train(start, ["--data-dir", data, "--epochs", "1", "--backend", backend, "--activation", "relu"]);
    const from = join(run(start), "model.safetensors");
    await train(further, [
      "--data-dir",
      data,
      "--epochs",
      "1",
      "--backend",
      backend,
      "--from",
      from,
      "--freeze",
      "layers.0",
    ]);
    expect(await repeat(further)).toEqual(resultOf(further));
    renameSync(from, `${from}.away`);
    const config = join(run(further), "config.json");
    expectFault(await cli(["train", "--config", config]), 1, /model\.safetensors/);
    const other = `${backend}-other`;
    await train(other, ["--data-dir", data, "--epochs", "1", "--backend", backend, "--hidden", "9"]);
    renameSync(join(run(other), "model.safetensors"), from);
    expectFault(
      await cli(["train", "--config", config]),
      1,
      /expects other layers of .+ than that model has/,
    );
  });
});

describe("a configuration written by hand", () => {
  it("needs to say only what differs, and its places are from its folder", async () => {
    const home = join(folder, "by-hand");
    mkdirSync(home);
    const file = join(home, "digits.yaml");
    writeFileSync(
      file,
      "# Small\ndataDir: ../data\nhidden: [12]\nactivation: relu\nloss: crossEntropy\nepochs: 2\n",
    );
    await train("by-hand-config", ["--config", file]);
    await train("by-hand-options", [
      "--data-dir",
      data,
      "--hidden",
      "12",
      "--activation",
      "relu",
      "--loss",
      "crossEntropy",
      "--epochs",
      "2",
    ]);
    expect(resultOf("by-hand-config")).toEqual(resultOf("by-hand-options"));
    expect(await repeat("by-hand-config")).toEqual(resultOf("by-hand-config"));
    await train("by-hand-over", ["--config", file, "--epochs", "1", "--seed", "9", "--dtype", "float64"]);
    const { config } = await readRun(run("by-hand-over"));
    expect(config).toMatchObject({ epochs: 1, seed: 9, dtype: "float64", inputs: 784 });
  });

  it("can have what no option says, and the run it makes can be made again", async () => {
    const file = join(folder, "residual.yaml");
    const yaml = `
dataDir: data
layers:
  - { type: dense, units: 12, activation: relu }
  - type: residual
    layers: [{ type: dense, units: 12, activation: tanh }, { type: dropout, rate: 0.1 }]
  - { type: auxiliary, units: 10, activation: softmax, loss: { type: crossEntropy }, weight: 0.2 }
  - { type: dense, units: 10, activation: softmax }
optimizer: { type: adam, beta1: 0.8, epsilon: 1e-7 }
epochs: 2
`;
    writeFileSync(file, yaml);
    await train("residual", ["--config", file]);
    expect(await repeat("residual")).toEqual(resultOf("residual"));
    const { network } = decodeModel(readFileSync(join(run("residual"), "model.safetensors")));
    expect(network.specification.layers.map(({ type }) => type)).toEqual([
      "dense",
      "residual",
      "auxiliary",
      "dense",
    ]);
    const { command } = runSettings(await readRun(run("residual")));
    expect(command).toEqual(["train", "--config", join(run("residual"), "config.json")]);

    writeFileSync(
      join(folder, "newton.yaml"),
      "dataDir: data\noptimizer: { type: lbfgs, history: 3 }\nhidden: 5\nepochs: 4\n",
    );
    await train("newton", ["--config", join(folder, "newton.yaml")]);
    expect(JSON.parse(resultOf("newton").config).optimizer).toEqual({ type: "lbfgs", history: 3 });
    expect(await repeat("newton")).toEqual(resultOf("newton"));
  });

  it.each<[what: string, yaml: string, args: readonly string[], status: 1 | 2, sentence: RegExp]>([
    [
      "an unknown key",
      "optimizer: { type: sgd, momentun: 1 }",
      [],
      1,
      /^mnist-native: .*bad\.yaml: there is no key "optimizer\.momentun"; did you mean optimizer\.momentum\?$/m,
    ],
    [
      "an unknown key of early stopping",
      "earlyStopping: { patiense: 1 }",
      [],
      1,
      /bad\.yaml: there is no key "earlyStopping\.patiense"; did you mean earlyStopping\.patience\?$/m,
    ],
    [
      "a schedule without what it needs",
      "schedule: step",
      [],
      1,
      /Expected step-size in schedule, such as schedule \{"type":"step","stepSize":10\}\./,
    ],
    [
      "a metric that there is none of",
      "metrics: [f1Makro]",
      [],
      1,
      /bad\.yaml: .*f1Makro.*did you mean f1Macro\?/,
    ],
    [
      "a schedule that falls to more than the learning rate",
      "schedule: { type: cosine, final: 3 }",
      [],
      1,
      /bad\.yaml: schedule cosine: expected a learning rate from 0 to the highest, 0\.1, for final but received 3\./,
    ],
    [
      "groups of data without columns",
      "groupColumn: patient",
      [],
      1,
      /bad\.yaml: Expected table with groupColumn, which names one of its columns\.$/m,
    ],
    [
      "settings that do not go together",
      "optimizer: { type: lbfgs }\ndropout: 0.1",
      [],
      1,
      /bad\.yaml: Expected no dropout with optimizer\.type lbfgs, which takes all examples together/,
    ],
    [
      "an option against it",
      "optimizer: lbfgs",
      ["--dropout", "0.1"],
      2,
      /^mnist-native: Expected no --dropout with --optimizer lbfgs, .+ What the command line leaves out is from .+bad\.yaml\.$/m,
    ],
    [
      "other inputs than the data have",
      "layers: [100, 10]",
      [],
      1,
      /The network has 100 inputs, but the images have 28 x 28 pixels/,
    ],
    [
      "options that are wrong by themselves",
      "epochs: 3",
      ["--epochs", "0"],
      2,
      /for --epochs but received "0"\.$/m,
    ],
    ["a preset beside it", "epochs: 3", ["--preset", "modern"], 2, /Expected no --preset with --config/],
    [
      "two sources",
      "csv: a.csv\nnpz: b.npz",
      [],
      1,
      /bad\.yaml: Expected one source of data but received csv and npz/,
    ],
    [
      "a batch of an optimizer that takes all",
      "optimizer: lbfgs\nbatchSize: 7",
      [],
      1,
      /takes all 1100 training examples together, but the configuration says 7/,
    ],
    ["layers that do not fit", "layers: [{ type: dropout, rate: 0.5 }]", [], 1, /Expected a dense layer/],
  ])("is refused for %s", async (_, yaml, args, status, sentence) => {
    const file = join(folder, "bad.yaml");
    const source = yaml.includes("csv") ? "" : `dataDir: ${data}\n`;
    writeFileSync(file, `${source}${yaml}\n`);
    expectFault(await cli(["train", "--config", file, "--out", run("bad"), ...args]), status, sentence);
  });
});

describe("another machine", () => {
  it.runIf(hasAddon)("with fewer processors uses those that it has, and bits stay", async () => {
    await train("threads", ["--data-dir", data, "--epochs", "1", "--hidden", "9", "--threads", "1"]);
    const path = join(run("threads"), "config.json");
    const config = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, JSON.stringify({ ...config, threads: 1000 }));
    const again = await repeat("threads");
    const { threads } = JSON.parse(again.config);
    expect(threads).toBeLessThan(1000);
    expect(
      decodeModel(Buffer.from(again.model, "latin1")).network.parameters.map(({ value }) => value.data),
    ).toEqual(
      decodeModel(readFileSync(join(run("threads"), "model.safetensors"))).network.parameters.map(
        ({ value }) => value.data,
      ),
    );
  });

  it("without the addon says that it is needed for the same bits, and can be told to do without", async () => {
    const file = join(folder, "native.yaml");
    writeFileSync(file, "dataDir: data\nbackend: native\nhidden: 3\nepochs: 1\n");
    const without = { MNIST_NATIVE_ADDON: join(folder, "none.node") };
    expectFault(
      await cli(["train", "--config", file], without),
      1,
      /^mnist-native: The native backend was asked for by name, but/,
    );
    expectSuccess(await cli(["train", "--config", file, "--backend", "js"], without));
  });
});

it.each(["0.1.0", "0.2.0"])("the run of version %s is made again from its config.json", async (version) => {
  const golden = fileURLToPath(new URL(`../golden/runs/${version}`, import.meta.url));
  const name = `golden-${version}`;
  await train(name, ["--config", join(golden, "config.json"), "--backend", hasAddon ? "native" : "js"]);
  const [first, again] = await Promise.all([readRun(golden), readRun(run(name))]);
  expect(again.epochs).toHaveLength(first.epochs.length);
  for (const [i, { trainLoss, trainAccuracy, validAccuracy }] of first.epochs.entries()) {
    expect(again.epochs[i]).toMatchObject({ trainAccuracy, validAccuracy });
    expect(again.epochs[i]?.trainLoss).toBeCloseTo(trainLoss, 6); // Other kernels than today's computed it.
  }
});
