import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeSafetensors } from "../../src/formats/safetensors.js";
import { mnistDirectory } from "../support/mnist.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess, hasAddon, start } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const base = ["train", "--data-dir", data];
const small = [...base, "--epochs", "2"];

interface Report {
  readonly config: Readonly<Record<string, unknown>>;
  readonly epochs: readonly Readonly<Record<string, number>>[];
  readonly summary: Readonly<Record<string, unknown>>;
}

async function report(...args: string[]): Promise<Report> {
  return JSON.parse(expectSuccess(await cli([...small, "--json", ...args])));
}

/** Without the seconds, which are different every time. */
function metricsOf({ epochs }: Report) {
  return epochs.map(({ seconds: _, ...metrics }) => metrics);
}

function readJson(path: string) {
  return JSON.parse(readFileSync(path, "utf8"));
}

describe("train", () => {
  it("prints plain lines into a pipe: the data, the network, each epoch, and the test", async () => {
    const lines = expectSuccess(await cli([...small, "--backend", "js"])).split("\n");
    const percent = "\\d+\\.\\d\\d%";
    const epoch = (n: number) =>
      new RegExp(
        `^Epoch: 00${n}/002 \\| Train MSE: 0\\.\\d\\d \\| Train Acc: ${percent} \\| Valid Acc: ${percent}$`,
      );
    expect(lines).toEqual([
      "Data: 1,100 training, 100 validation and 200 test images of 28 x 28 pixels.",
      "Network: 784-50-10, float32, js backend (javascript, 1 thread).",
      expect.stringMatching(epoch(1)),
      expect.stringMatching(epoch(2)),
      expect.stringMatching(/^Test accuracy: \d+\.\d\d% \(\d+ of 200\) \| Test MSE: 0\.\d{4}$/),
      expect.stringMatching(/^Time: \d+\.\d s$/),
      "",
    ]);
  });

  it("learns", async () => {
    const options = ["--epochs", "20", "--batch-size", "10", "--learning-rate", "1", "--json"];
    const { summary }: Report = JSON.parse(expectSuccess(await cli([...base, ...options])));
    expect(summary.testAccuracy).toBeGreaterThan(0.6); // Chance is 0.1.
  });

  it("reports everything in one JSON document", async () => {
    const { config, epochs, summary } = await report("--seed", "7", "--batch-size", "50");
    expect(config).toMatchObject({
      layers: [784, 50, 10],
      epochs: 2,
      batchSize: 50,
      seed: 7,
      split: "chapter",
    });
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(summary).toMatchObject({ epochs: 2, interrupted: false, testCount: 200, dtype: "float32" });
  });

  it.each([
    [
      ["--hidden", "30,20"],
      [784, 30, 20, 10],
    ],
    [
      ["--hidden", "30", "--hidden", "20"],
      [784, 30, 20, 10],
    ],
    [
      ["--hidden", "30,20", "--hidden", "15"],
      [784, 30, 20, 15, 10],
    ],
  ])("builds the layers of %s", async (args, layers) => {
    expect((await report(...args)).config.layers).toEqual(layers);
  });

  it("computes in float64 when asked", async () => {
    const [single, double] = [await report(), await report("--dtype", "float64")];
    expect(double.summary.dtype).toBe("float64");
    expect(double.epochs[1]?.trainLoss).not.toBe(single.epochs[1]?.trainLoss);
    expect(double.epochs[1]?.trainLoss).toBeCloseTo(single.epochs[1]?.trainLoss ?? 0, 5);
  });

  it("keeps the published test file apart by --split official", async () => {
    const { config, summary } = await report("--split", "official");
    expect(config.split).toBe("official");
    expect(summary).toHaveProperty("testCount", 200);
  });

  it("gives the same result for the same seed, and another for another", async () => {
    const [first, again, other] = [await report(), await report(), await report("--seed", "124")];
    expect(metricsOf(again)).toEqual(metricsOf(first));
    expect(metricsOf(other)).not.toEqual(metricsOf(first));
  });

  it.skipIf(!hasAddon)("gives the same bits on one thread and on two", async () => {
    const native = ["--backend", "native", "--hidden", "64"];
    const [one, two] = [await report(...native, "--threads", "1"), await report(...native, "--threads", "2")];
    expect([one.summary.threads, two.summary.threads]).toEqual([1, 2]);
    expect(metricsOf(two)).toEqual(metricsOf(one));
  });

  it.skipIf(!hasAddon)("agrees on both backends within rounding", async () => {
    const [native, js] = [await report("--backend", "native"), await report("--backend", "js")];
    expect([native.summary.backend, js.summary.backend]).toEqual(["native", "js"]);
    expect(native.epochs[1]?.trainLoss).toBeCloseTo(js.epochs[1]?.trainLoss ?? 0, 5);
  });
});

describe("train --out", () => {
  it("keeps configuration, metrics, summary and model", async () => {
    const out = join(folder, "runs", "first");
    const stdout = expectSuccess(await cli([...small, "--hidden", "30,20", "--out", out]));
    expect(stdout).toContain(`kept in ${out}\n`);
    expect(readdirSync(out).sort()).toEqual([
      "checkpoints",
      "config.json",
      "environment.json",
      "metrics.jsonl",
      "model.safetensors",
      "summary.json",
    ]);
    expect(readJson(join(out, "config.json"))).toMatchObject({ layers: [784, 30, 20, 10], seed: 123 });

    const lines = readFileSync(join(out, "metrics.jsonl"), "utf8").trimEnd().split("\n");
    expect(lines.map((line) => Object.keys(JSON.parse(line)))).toEqual(
      Array(2).fill(["epoch", "step", "learningRate", "seconds", "train", "validation"]),
    );
    const summary = readJson(join(out, "summary.json"));
    expect(Object.keys(summary)).toEqual(
      expect.arrayContaining(["testLoss", "testAccuracy", "seconds", "backend", "dtype", "threads"]),
    );
    expect(stdout).toContain(`Test accuracy: ${(summary.testAccuracy * 100).toFixed(2)}%`);

    const model = decodeSafetensors(readFileSync(join(out, "model.safetensors")), "model");
    expect(model.tensors.get("layers.0.weight")?.shape).toEqual([30, 784]);
    expect(model.tensors.get("layers.2.bias")?.shape).toEqual([10]);
    expect(model.metadata).toMatchObject({ seed: "123", splitSeed: "123", split: "chapter", epochs: "2" });
    expect(Object.values(model.metadata).join()).not.toContain(folder);
  });

  it("replaces an earlier run in the same folder by --force, and leaves other files", async () => {
    const out = join(folder, "again");
    expectSuccess(await cli([...small, "--out", out]));
    writeFileSync(join(out, "notes.txt"), "mine");
    expectSuccess(await cli([...base, "--epochs", "1", "--seed", "5", "--out", out, "--force"]));
    expect(readFileSync(join(out, "metrics.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(1);
    expect(readJson(join(out, "config.json"))).toMatchObject({ epochs: 1, seed: 5 });
    expect(readdirSync(out)).toHaveLength(7);
    expect(readFileSync(join(out, "notes.txt"), "utf8")).toBe("mine");
  });

  it.each([
    ["a file in its place", "blocker", /blocker cannot be written: a file of that name is in the way/],
    ["a file on the way to it", "blocker/run", /run cannot be written: a part of its path is a file/],
  ])("reports %s", async (_, name, sentence) => {
    writeFileSync(join(folder, "blocker"), "");
    expectFault(await cli([...small, "--out", join(folder, name)]), 1, sentence);
  });

  it.skipIf(!existsSync("/proc/self"))("reports a file system that takes no files (here /proc)", async () => {
    expectFault(
      await cli([...small, "--out", "/proc/runs/first"]),
      1,
      /\/proc\/runs\/first cannot be written/,
    );
  });
});

describe.skipIf(mnistDirectory === null)("train on the real MNIST", () => {
  it("prints the chapter's first epoch", async () => {
    const running = start(["train", "--data-dir", mnistDirectory as string]);
    await running.printed("Epoch: 001/050 | Train MSE: 0.05 | Train Acc: 76.15% | Valid Acc: 75.98%\n");
    running.child.kill("SIGINT");
    expect(await running.finished).toMatchObject({ status: 130, stderr: "" });
  });

  it("tests the network after a single epoch", async () => {
    const stdout = expectSuccess(
      await cli(["train", "--data-dir", mnistDirectory as string, "--epochs", "1"]),
    );
    expect(stdout).toContain(
      "Epoch: 001/001 | Train MSE: 0.05 | Train Acc: 76.15% | Valid Acc: 75.98%\nTest accuracy: 76.00% (7600 of 10000)",
    );
  });
});
