import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess } from "./harness.js";
import { resultOf } from "./run-results.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "mnist");

/** A file with a sweep of small networks. */
function sweepFile(name: string, sweep: object, train: object = {}): string {
  const path = join(folder, `${name}.json`);
  const network = { hidden: [4], activation: "relu", loss: "crossEntropy" };
  const shared = { dataDir: data, epochs: 1, ...network, ...train };
  writeFileSync(path, JSON.stringify({ train: shared, ...sweep }));
  return path;
}

const resultsOf = (out: string) => readFileSync(join(out, "results.csv"), "utf8");
const sweep = (...args: string[]) => cli(["sweep", ...args]);

describe("sweep", () => {
  it("trains a grid, in which one diverges and one cannot be, to the same results whatever runs at a time", async () => {
    const parameters = { learningRate: { values: [0.1, 1e30] }, optimizer: { values: ["sgd", "lbfgs"] } };
    const path = sweepFile("grid", { parameters });
    const [a, b] = [join(folder, "grid 1"), join(folder, "grid 3")];
    const out = expectSuccess(await sweep(path, "--out", a, "--jobs", "1"));
    expect(out).toMatch(/^Sweep: 4 trials, on this machine, compared by validation\.loss\.\n/);
    expect(out).toMatch(
      /^Trial 0 \(learningRate 0\.1, optimizer sgd\): validation\.loss \d\.\d+ after an epoch\.$/m,
    );
    expect(out).toMatch(/^Trial 2 .*: diverged\. The training diverged in epoch 1, step \d+/m);
    expect(out).toMatch(/^Trials: 1 trained, 1 diverged, 2 failed\.$/m);
    expect(out).toContain(`All results: ${join(a, "results.csv")}\n`);
    expect(out).toContain("See it all: npx mnist-native sweep report ");
    expectSuccess(await sweep(path, "--out", b, "--jobs", "3", "--threads", "2"));
    expect(resultsOf(b)).toBe(resultsOf(a));
    const lines = resultsOf(a).split("\r\n");
    expect(lines[0]).toBe(
      "trial,learningRate,optimizer,state,rung,epochs,validation.loss,test.loss,test.accuracy,reason",
    );
    expect(lines[2]).toMatch(/^1,0\.1,lbfgs,failed,0,0,,,,.*learningRate.*lbfgs/);
  });

  it("halves: who goes on does so to the bits of a training that has all epochs at once", async () => {
    const parameters = { learningRate: { values: [1e-4, 0.05, 0.02] } };
    const path = sweepFile("halving", { parameters, halving: { type: "synchronous" } }, { epochs: 3 });
    const out = join(folder, "halving");
    expectSuccess(await sweep(path, "--out", out));
    const [, ...rows] = resultsOf(out).trim().split("\r\n");
    const finalists = rows.filter((row) => row.split(",")[3] === "1");
    expect(finalists).toHaveLength(1);
    const [number = "", rate = ""] = finalists[0]?.split(",") ?? [];
    expect(["0.05", "0.02"]).toContain(rate);
    const trial = join(out, "trials", number.padStart(4, "0"));
    const alone = join(folder, "alone");
    expectSuccess(await cli(["train", "--config", join(trial, "config.json"), "--out", alone]));
    const [first, second] = [await resultOf(trial), await resultOf(alone)];
    expect(first.model).toBe(second.model);
    expect(first.epochs).toEqual(second.epochs);
    expect(first.config).toEqual(second.config);
  });

  it("draws at random, and goes on asynchronously", async () => {
    const path = sweepFile(
      "asha",
      {
        parameters: { learningRate: { distribution: "logUniform", min: 0.001, max: 0.1 } },
        search: { type: "random", trials: 4, seed: 7 },
        halving: { type: "asynchronous", factor: 2 },
      },
      { epochs: 2 },
    );
    const out = join(folder, "asha");
    const { trials, trained, open } = JSON.parse(expectSuccess(await sweep(path, "--out", out, "--json")));
    expect({ trained, open }).toEqual({ trained: 4, open: 0 });
    expect(trials.map(({ trial }: { trial: number }) => trial)).toEqual([0, 1, 2, 3]);
    expect(
      trials.some(({ rung, epochs }: { rung: number; epochs: number }) => rung === 1 && epochs === 2),
    ).toBe(true);
    const again = expectSuccess(await sweep("--resume", out));
    expect(again).toMatch(/^Sweep: .* Of its tasks \d have ended before\.$/m);
    expect(again).not.toMatch(/^Trial /m);
  });

  it("prints its plan, with a time, and writes nothing", async () => {
    const parameters = { "layers.0.units": { values: [2, 30] }, batchSize: { values: [10, 100] } };
    const layers = [
      { type: "dense", units: 2 },
      { type: "dense", units: 10, activation: "softmax" },
    ];
    const path = sweepFile(
      "plan",
      { parameters, seeds: [1, 2] },
      { layers, hidden: undefined, activation: undefined },
    );
    const before = readdirSync(folder);
    const out = expectSuccess(await sweep(path, "--dry-run", "--jobs", "2"));
    expect(out).toMatch(
      /^Plan: 8 trials, compared by validation\.loss, of which the lower one is better\.\n/,
    );
    expect(out).toMatch(
      /^trial +layers\.0\.units +batchSize +seed\n0 +2 +10 +1\n1 +2 +10 +2\n2 +2 +100 +1$/m,
    );
    expect(out).toMatch(/^Epochs: one for all 8\.$/m);
    expect(out).toMatch(
      /^Time: about .*, 2 trials at a time; .* smallest network, 1,600 weights, and .* the largest, 23,860 weights\.$/m,
    );
    const { estimate } = JSON.parse(expectSuccess(await sweep(path, "--dry-run", "--json")));
    expect(estimate.seconds).toBeGreaterThan(0);
    expect(readdirSync(folder)).toEqual(before);
  });

  it("ends with a sentence where no trial could be trained", async () => {
    const path = sweepFile("none", { parameters: { learningRate: { values: [1e30, 1e31] } } });
    const { status, stderr } = await sweep(path, "--out", join(folder, "none"));
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^mnist-native: All 2 trials of the sweep in \S+ failed or diverged; change .* Trial 0: The/,
    );
    expect(stderr.split("\n")).toHaveLength(2);
  });

  it("begins nothing where train would refuse all trials for their settings", async () => {
    const layers = [{ type: "dense", units: 10, activation: "softmax" }];
    const path = sweepFile("refused", { parameters: { learningRate: { values: [0.1, 0.2] } } }, { layers });
    const out = join(folder, "refused");
    for (const args of [["--out", out], ["--dry-run"]]) {
      const { status, stdout, stderr } = await sweep(path, ...args);
      expect(stderr).toMatch(/^mnist-native: All 2 trials of the sweep would be refused by train\. .*layers/);
      expect([status, stdout]).toEqual([1, ""]);
    }
    expect(existsSync(out)).toBe(false);
  });

  it("begins nothing where the data cannot be had, or the folder is taken", async () => {
    const parameters = { learningRate: { values: [0.1] } };
    const missing = sweepFile("missing", { parameters }, { dataDir: join(folder, "nowhere") });
    const out = join(folder, "never");
    expectFault(await sweep(missing, "--out", out), 1, /nowhere/);
    expect(existsSync(out)).toBe(false);
    const taken = join(folder, "taken");
    mkdirSync(taken);
    writeFileSync(join(taken, "sweep.json"), "{}");
    expectFault(
      await sweep(sweepFile("a", { parameters }), "--out", taken),
      1,
      /taken holds a sweep already/,
    );
  });

  it.each([
    [[], /Expected a file with the settings that vary, or --resume/],
    [["a.yaml"], /Expected --out and a folder for the sweep, or --dry-run/],
    [["a.yaml", "--resume", "b"], /Expected no other configuration a\.yaml with --resume/],
    [["--resume", "b", "--out", "c"], /Expected no --out with --resume/],
    [["a.yaml", "--out", "b", "--jobs", "0"], /Expected a whole number from 1 to 1024 for --jobs/],
  ])("refuses %j", async (args, sentence) => {
    expectFault(await sweep(...args), 2, sentence);
  });
});
