import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readRun } from "../../src/runs/read-run.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess } from "./harness.js";

const folder = temporaryFolder();
const table = join(folder, "insects.csv");
const rows = Array.from({ length: 150 }, (_, i) => {
  const noise = ((i * 7919) % 101) / 60;
  return [i % 3, (i % 3) + noise, noise - (i % 3), ["ant", "bee", "wasp"][i % 3]].slice(1).join(",");
});
writeFileSync(table, `x,y,kind\n${rows.join("\n")}\n`);
const learn = ["--table", table, "--target-column", "kind", "--task", "classify"];
const regress = ["--table", table, "--target-column", "x", "--task", "regress"];
const run = join(folder, "run");
const NAMES = ["f1Macro", "top2Accuracy", "rocAuc"];

describe.sequential("--metrics", () => {
  it("are computed after each epoch and of the test, and kept", async () => {
    const options = [
      "--epochs",
      "2",
      "--batch-size",
      "5",
      "--hidden",
      "4",
      "--metrics",
      "f1Macro, top2Accuracy",
      "--metrics",
      "rocAuc",
    ];
    const stdout = expectSuccess(await cli(["train", ...learn, ...options, "--out", run]));
    expect(stdout).toMatch(
      /Epoch: 002\/002 .* \| Valid f1Macro: [01]\.\d+ \| Valid top2Accuracy: [01]\.\d+ \| Valid rocAuc: [01]\.\d+\n/,
    );
    expect(stdout).toMatch(
      /\nTest f1Macro: [01]\.\d+ \| Test top2Accuracy: [01]\.\d+ \| Test rocAuc: [01]\.\d+\n/,
    );
    const { config, epochs, summary } = await readRun(run);
    expect(config.metrics).toEqual(NAMES);
    for (const { trainMetrics, validMetrics } of epochs) {
      expect([Object.keys(trainMetrics ?? {}), Object.keys(validMetrics ?? {})]).toEqual([NAMES, NAMES]);
    }
    expect(Object.keys(summary?.testMetrics ?? {})).toEqual(NAMES);
  });

  it("are what evaluate computes, beside a report on each class", async () => {
    const args = ["evaluate", join(run, "model.safetensors"), "--table", table, "--metrics", NAMES.join(",")];
    const { metrics, report, accuracy } = JSON.parse(expectSuccess(await cli([...args, "--json"])));
    expect(metrics).toEqual(JSON.parse(readFileSync(join(run, "summary.json"), "utf8")).testMetrics);
    expect(report.macroAverage.f1).toBeCloseTo(metrics.f1Macro, 12);
    expect(report.weightedAverage.recall).toBeCloseTo(accuracy, 12);
    for (const { label, name } of report.perClass) expect(["ant", "bee", "wasp"][label]).toBe(name);
    const stdout = expectSuccess(await cli(args));
    expect(stdout).toMatch(
      /^Accuracy on test: .*\nf1Macro: [01]\.\d+ \| .*\n\n +precision {4}recall {2}f1-score {3}support\n\n/,
    );
    expect(stdout).toMatch(/\n {9}bee .*\n[\s\S]*\nweighted avg( +[01]\.\d{4}){3} +\d+\n$/);
  });

  it.each<[data: readonly string[], metrics: string, sentence: RegExp]>([
    [learn, "f1Makro", /There is no metric "f1Makro"; did you mean f1Macro\?/],
    [
      learn,
      "f1Macro,",
      /Expected names of metrics, such as f1Macro,logLoss, for --metrics but received "f1Macro,"\./,
    ],
    [learn, "r2", /The metric r2 is about values, but the dataset has classes/],
    [learn, "f1", /The metric f1 is about two classes, but the network tells 3 apart; take f1Micro/],
    [regress, "accuracy", /The metric accuracy is about classes, but the dataset has values to be learned/],
  ])("%s %s are refused, and no folder is made", async (data, metrics, sentence) => {
    const out = join(folder, "refused");
    expectFault(await cli(["train", ...data, "--metrics", metrics, "--out", out]), 2, sentence);
    expect(existsSync(out)).toBe(false);
  });
});
