import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RandomState } from "../../src/random/random-state.js";
import { readRun } from "../../src/runs/read-run.js";
import { runSettings } from "../../src/runs/settings.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess } from "./harness.js";
import { NETWORKS } from "./networks.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const small = ["train", "--data-dir", data];
const run = (name: string) => join(folder, name);
const modelOf = (name: string) => join(run(name), "model.safetensors");

/** y = 2 a - b, and a kind that depends on it. */
const random = new RandomState(5);
const rows = Array.from({ length: 140 }, () => {
  const [a = 0, b = 0] = random.normal(0, 1, 2);
  return `${a},${b},${2 * a - b},${2 * a > b ? "up" : "down"}`;
});
const table = join(folder, "table.csv");
writeFileSync(table, `a,b,y,kind\n${rows.join("\n")}\n`);

async function trainInto(name: string, ...args: readonly string[]): Promise<string> {
  return expectSuccess(await cli([...args, "--epochs", "2", "--out", run(name)]));
}

async function configOf(name: string) {
  return JSON.parse(readFileSync(join(run(name), "config.json"), "utf8"));
}

describe("any network on the command line", () => {
  it.each<readonly [name: string, args: readonly string[]]>([
    ...NETWORKS,
    [
      "smooth",
      ["--loss", "crossEntropy", "--label-smoothing", "0.1", "--optimizer", "adamw", "--weight-decay", "0.1"],
    ],
    ["linear", ["--hidden", "none", "--output", "identity", "--learning-rate", "0.0001", "--init", "zeros"]],
    ["newton", ["--optimizer", "lbfgs", "--activation", "tanh", "--output", "softmax"]],
    ["dropped", ["--dropout", "0.1"]],
    ["modern", ["--preset", "modern", "--hidden", "16"]],
    ["two", ["--classes", "8,3", "--loss", "binaryCrossEntropy", "--optimizer", "lion"]],
  ])("%s is kept so that the report's command makes it again, to the bit", async (name, args) => {
    await trainInto(name, ...small, ...args);
    const { command } = runSettings(await readRun(run(name)));
    expectSuccess(await cli([...command, "--out", run(`${name}-again`)]));
    const [first, again] = [name, `${name}-again`].map((one) => readFileSync(modelOf(one), "latin1"));
    expect(again).toBe(first);
    expect(expectSuccess(await cli(["evaluate", modelOf(name), "--data-dir", data]))).toMatch(/\d of \d+/);
  });

  it("tells the chapter's network by its units, and others by their layers", async () => {
    await trainInto("plain", ...small);
    expect(Object.keys(await configOf("plain"))).toEqual([
      "dataDir",
      "split",
      "splitSeed",
      "layers",
      "activation",
      "epochs",
      "batchSize",
      "learningRate",
      "seed",
      "dtype",
      "backend",
      "threads",
    ]);
    await trainInto("other", ...small, "--hidden", "9", "--activation", "relu", "--output", "softmax");
    expect(await configOf("other")).toMatchObject({
      inputs: 784,
      layers: [
        { type: "dense", units: 9, activation: "relu" },
        { type: "dense", units: 10, activation: "softmax" },
      ],
      loss: { type: "crossEntropy" },
      optimizer: { type: "sgd" },
      schedule: { type: "constant" },
    });
    const stated = runSettings(await readRun(run("other")));
    expect(stated).toMatchObject({ layers: [784, 9, 10], layerWords: "dense 9 relu, dense 10 softmax" });
  });

  it("prints the layers as a table where there are others than dense ones, or when asked", async () => {
    const table = /^layers\.0 {2}dense, sigmoid +50 +39,250 +157,000$/m;
    expect(expectSuccess(await cli([...small, "--epochs", "1"]))).not.toMatch(/Parameters/);
    expect(expectSuccess(await cli([...small, "--epochs", "1", "--summary"]))).toMatch(table);
    const dropped = expectSuccess(await cli([...small, "--epochs", "1", "--dropout", "0.1"]));
    expect(dropped).toMatch(/^layers\.1 {2}dropout +50 +0 +0$/m);
    await trainInto("told", ...small);
    expect(expectSuccess(await cli(["info", modelOf("told")]))).toMatch(table);
    const info = JSON.parse(expectSuccess(await cli(["info", modelOf("told"), "--json"])));
    expect(info.summary).toMatchObject({
      inputs: 784,
      parameters: 39_760,
      trainable: 39_760,
      bytes: 159_040,
    });
  });

  it("learns numbers of a table", async () => {
    const learn = ["train", "--table", table, "--target-column", "y", "--task", "regress"];
    const options = ["--hidden", "8", "--activation", "tanh", "--optimizer", "lbfgs", "--epochs", "60"];
    const { config, epochs } = JSON.parse(expectSuccess(await cli([...learn, ...options, "--json"])));
    expect(config.layers.map(({ type }: { type: string }) => type)).toEqual([
      "standardize",
      "dense",
      "dense",
    ]);
    expect(epochs.at(-1).trainLoss).toBeLessThan(0.05);
  });

  it("trains further from a model, with layers that stay", async () => {
    await trainInto("start", ...small);
    await trainInto("further", ...small, "--from", modelOf("start"), "--freeze", "layers.0");
    const [start, further] = ["start", "further"].map((name) => readFileSync(modelOf(name)));
    const { config } = await readRun(run("further"));
    expect(config).toMatchObject({ from: modelOf("start"), freeze: ["layers.0"] });
    const { decodeModel } = await import("../../src/training/model-file.js");
    const [a, b] = [start, further].map((bytes) => decodeModel(bytes as Buffer).network.parameters);
    const same = a?.map(({ value }, i) => value.data.join() === b?.[i]?.value.data.join());
    expect(same).toEqual([true, true, false, false]);
    expect((further as Buffer).toString("latin1")).not.toContain(folder);
    const { command } = runSettings(await readRun(run("further")));
    expectSuccess(await cli([...command, "--out", run("further-again")]));
    expect(readFileSync(modelOf("further-again"))).toEqual(further);
  });

  it.each([[["--batch-size", "1"]], [[]]])(
    "adaline tells two digits apart by one linear unit (%j)",
    async (args) => {
      const name = `adaline${args.length}`;
      await trainInto(name, ...small, "--preset", "adaline", "--classes", "3,8", ...args);
      const config = await configOf(name);
      expect(config).toMatchObject({
        selectedClasses: ["3", "8"],
        layers: [{ type: "dense", units: 1, activation: "identity" }],
        batchSize: args.length > 0 ? 1 : 220,
      });
      const summary = JSON.parse(readFileSync(join(run(name), "summary.json"), "utf8"));
      const evaluated = JSON.parse(
        expectSuccess(await cli(["evaluate", modelOf(name), "--data-dir", data, "--json"])),
      );
      expect(evaluated).toMatchObject({ correct: summary.testCorrect, count: 40, sameData: true });
      const predicted = JSON.parse(
        expectSuccess(await cli(["predict", modelOf(name), "--data-dir", data, "--row", "0", "--json"])),
      );
      expect(predicted.name).toBe(predicted.activations[0] >= 0.5 ? "8" : "3");
      expectSuccess(await cli(["plot", "loss", run(name)]));
      expect(existsSync(join(run(name), "loss.svg"))).toBe(true);
      expectSuccess(await cli(["report", run(name)]));
      const page = readFileSync(join(run(name), "report.html"), "utf8");
      expect(page).toContain("<td>dense 1</td>");
      expect(page).toContain("<td>3, 8</td>");
    },
  );

  it("ends a training that diverges with a sentence, and keeps what was written before", async () => {
    const args = ["--hidden", "20", "--activation", "relu", "--output", "identity", "--epochs", "40"];
    const rising = ["--schedule", "cosine", "--warm-up", "0.9", "--learning-rate", "100"]; // Diverges when the rate is too high.
    const result = await cli([...small, ...args, ...rising, "--out", run("diverged")]);
    expect(result.stderr).toMatch(/^mnist-native: The training diverged in epoch \d+, step \d+: .*\.\n$/);
    expect(result.status).toBe(1);
    const epoch = Number(/in epoch (\d+)/.exec(result.stderr)?.[1]);
    expect(epoch).toBeGreaterThan(1);
    const { epochs, summary, modelPath } = await readRun(run("diverged"));
    expect([epochs.length, summary, modelPath]).toEqual([epoch - 1, null, null]);
    expect(existsSync(join(run("diverged"), ".lock"))).toBe(false);
  });

  it.each<[args: readonly string[], sentence: RegExp]>([
    [["--momentum", "0.9", "--optimizer", "adam"], /Expected --optimizer sgd with --momentum\./],
    [["--nesterov"], /Expected --momentum with --nesterov\./],
    [
      ["--warm-up", "5", "--optimizer", "lbfgs"],
      /Expected no --warm-up with --optimizer lbfgs, which takes all/,
    ],
    [
      ["--label-smoothing", "0.1"],
      /Expected --loss crossEntropy or binaryCrossEntropy with --label-smoothing\./,
    ],
    [["--freeze", "layers.0"], /Expected --from with --freeze\./],
    [["--from", "m", "--hidden", "5"], /Expected no --hidden with --from, because the model has its layers/],
    [
      ["--optimizer", "lbfgs", "--dropout", "0.1"],
      /Expected no --dropout with --optimizer lbfgs, which takes all/,
    ],
    [["--hidden", "none", "--batch-norm"], /Expected no --batch-norm with --hidden none, /],
    [["--dropout", "1"], /Expected a finite number from 0 to below 1 for --dropout but received "1"\./],
    [["--weight-decay", "x"], /for --weight-decay but received "x"\./],
    [["--activation", "rleu"], /The value of --activation cannot be "rleu"; did you mean relu\?/],
    [
      ["--classes", "3"],
      /Expected at least two different classes, such as 3,8, for --classes but received "3"\./,
    ],
    [["--table", "none.csv", "--classes", "a,b"], /Expected no --classes with --table, /],
    [
      ["--table", "none.csv", "--target-column", "y", "--task", "regress", "--loss", "crossEntropy"],
      /Expected a loss for numbers/,
    ],
  ])("%j is refused before data are read", async (args, sentence) => {
    expectFault(await cli(["train", ...args]), 2, sentence);
  });

  it("refuses what the network itself does not allow, and classes that are not there", async () => {
    expectFault(await cli([...small, "--output", "softmax", "--loss", "huber"]), 1, /as the .* asks for/i);
    expectFault(
      await cli([...small, "--classes", "3,99"]),
      1,
      /There is no class 99 in the data; choose some of 0, 1/,
    );
    expectFault(
      await cli([...small, "--preset", "adaline"]),
      2,
      /Expected two classes for --preset adaline, but the data have 10/,
    );
  });
});
