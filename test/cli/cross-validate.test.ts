import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Fold } from "../../src/data/folds/fold.js";
import { foldedExamples, makeFolds, partsOfFold } from "../../src/data/folds/fold-parts.js";
import { trainValidTestSplit } from "../../src/data/split.js";
import {
  crossValidate,
  groupKFold,
  loadMnist,
  loadTable,
  repeatedStratifiedKFold,
  splitTable,
  subset,
} from "../../src/index.js";
import { readRun } from "../../src/runs/read-run.js";
import { runSettings } from "../../src/runs/settings.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess, start } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const quick = ["cross-validate", "--data-dir", data, "--hidden", "8", "--epochs", "2", "--batch-size", "50"];

interface Document {
  readonly interrupted: boolean;
  readonly scores: Readonly<
    Record<
      string,
      { readonly mean: number; readonly standardDeviation: number | null; readonly values: number[] }
    >
  >;
  readonly runs: readonly {
    readonly fold: number;
    readonly directory?: string;
    readonly seed: number;
    readonly heldOutCount: number;
    readonly scores: { readonly accuracy: number };
  }[];
}

function documentIn(out: string): Document {
  return JSON.parse(readFileSync(join(out, "cross-validation.json"), "utf8"));
}

/** The rows of the first of three folds: those for training and validation, and those that are held out. */
async function partsOfFirst(choice: { readonly stratified: boolean; readonly validationSize: number }) {
  const split = await loadMnist({ directory: data });
  const examples = foldedExamples(split);
  const all = { fold: 1, folds: 3, repeats: 1, seed: 123, ...choice };
  const [fold] = makeFolds(examples, all);
  const { parts, heldOut } = partsOfFold(split, examples, fold as Fold, all);
  return { rows: [...parts.train.rows, ...parts.validation.rows], heldOut: heldOut.rows };
}

describe("cross-validate", () => {
  const out = join(folder, "kept");

  it("prints a line for each fold, and mean and deviation", async () => {
    const stdout = expectSuccess(await cli([...quick, "--folds", "4", "--out", out]));
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toBe(
      "Data: 1,200 images of 28 x 28 pixels in 4 stratified folds; the 200 for the test stay apart.",
    );
    const accuracies = lines.slice(2, 6).map((line, i) => {
      const [, fold, correct, count] =
        /^Fold (\d) of 4: Accuracy: [\d.]+% \((\d+) of (\d+)\) \| MSE: 0\.\d{4} \| [\d.]+ s$/.exec(line) ??
        [];
      expect(fold).toBe(String(i + 1));
      expect(count).toBe("300");
      return Number(correct) / 300;
    });
    const mean = accuracies.reduce((sum, value) => sum + value, 0) / 4;
    const deviation = Math.sqrt(accuracies.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 3);
    const percent = (share: number) => `${(share * 100).toFixed(2)}%`;
    expect(lines[6]).toContain(
      `Mean ± standard deviation (n - 1) of 4 folds: Accuracy: ${percent(mean)} ± ${percent(deviation)} | MSE: 0.`,
    );
    expect(lines[7]).toMatch(/^Time: [\d.]+ s, kept in /);
    const { scores, runs, interrupted } = documentIn(out);
    expect(interrupted).toBe(false);
    expect(scores.accuracy?.values).toEqual(accuracies);
    expect(scores.accuracy?.mean).toBeCloseTo(mean, 12);
    expect(runs.map(({ directory, seed }) => [directory, seed])).toEqual([
      ["fold-1", 123],
      ["fold-2", 124],
      ["fold-3", 125],
      ["fold-4", 126],
    ]);
  });

  it("trains as crossValidate does on scikit-learn's folds of all but the test images", async () => {
    const { train, validation } = await loadMnist({ directory: data });
    const rows = Int32Array.of(...train.rows, ...validation.rows).sort();
    const { test } = trainValidTestSplit(train.targets.labels, { testSize: 200, validSize: 100, seed: 123 });
    expect(rows.some((row) => test.includes(row))).toBe(false);
    const examples = subset(train, rows);
    const labels = Uint8Array.from(rows, (row) => train.targets.labels[row] as number);
    const result = await crossValidate({ layers: [784, 8, 10] }, examples, {
      folds: repeatedStratifiedKFold(labels, { nSplits: 4, nRepeats: 1, seed: 123 }),
      fit: { epochs: 2, batchSize: 50 },
    });
    expect(documentIn(out).scores.accuracy?.values).toEqual(result.scores.accuracy?.values);
  });

  it("keeps runs that evaluate and report read: what was held out is the validation part", async () => {
    const second = documentIn(out).runs[1];
    const model = join(out, "fold-2", "model.safetensors");
    const of = async (part: string) =>
      JSON.parse(expectSuccess(await cli(["evaluate", model, "--data-dir", data, "--part", part, "--json"])));
    expect(await of("validation")).toMatchObject({ accuracy: second?.scores.accuracy, count: 300 });
    expect(await of("train")).toMatchObject({ count: 900 });
    const summary = JSON.parse(readFileSync(join(out, "fold-2", "summary.json"), "utf8"));
    expect(await of("test")).toMatchObject({ accuracy: summary.testAccuracy, count: 200, sameData: true });
    const page = join(folder, "fold-2.html");
    expectSuccess(await cli(["report", join(out, "fold-2"), "--out", page]));
    const text = readFileSync(page, "utf8");
    expect(text).toContain("2 of 4, stratified");
    expect(text).toContain("<span>npx mnist-native cross-validate</span>");
    expect(text).toContain("<span>--folds 4</span>");
    expect(text).toContain("<span>--seed 123</span>");
    expect(text).toContain("900, 300, 200");
    const folds = readdirSync(out).filter((name) => name.startsWith("fold-"));
    expectSuccess(await cli(["report", ...folds.map((name) => join(out, name)), "--out", page]));
    expect(readFileSync(page, "utf8")).toContain("4 of 4, stratified");
    expectFault(
      await cli(["report", out]),
      1,
      /it holds a cross-validation, whose runs are in .*fold-1 and so on; name these\./,
    );
  });

  it("replaces one by --force alone, and never leaves folds of another among its own", async () => {
    expectFault(
      await cli([...quick, "--out", out]),
      1,
      /holds a cross-validation already; name another folder, or/,
    );
    const three = [...quick, "--folds", "3", "--out", out, "--force"];
    expectFault(
      await cli(three),
      1,
      /fold-4, which would be taken for folds of this cross-validation; remove them/,
    );
    expectSuccess(
      await cli(
        [...quick, "--folds", "4", "--out", out, "--force"].map((word) => (word === "2" ? "1" : word)),
      ),
    );
    expect(readFileSync(join(out, "fold-4", "metrics.jsonl"), "utf8").match(/\n/g)).toHaveLength(1);
  });

  it("has runs that are made again by their config.json, one by train and all by cross-validate", async () => {
    const first = join(folder, "first");
    const own = ["--folds", "3", "--seed", "7", "--validation-size", "100", "--metrics", "f1Macro"];
    const stdout = expectSuccess(await cli([...quick, ...own, "--out", first]));
    expect(stdout).toContain("of those to train on 100 are for validation");
    expect(stdout).toMatch(/^Fold 2 of 3: Accuracy: .* \| MSE: .* \| f1Macro: 0\.\d+ \| [\d.]+ s$/m);
    expect(stdout).toMatch(/^Mean ± .* \| f1Macro: 0\.\d+ ± [\d.e-]+$/m);
    const config = join(first, "fold-2", "config.json");
    expect(JSON.parse(readFileSync(config, "utf8")).crossValidation).toEqual({
      fold: 2,
      folds: 3,
      repeats: 1,
      stratified: true,
      seed: 123,
      validationSize: 100,
    });
    const again = join(folder, "again");
    expectSuccess(await cli(["train", "--config", config, "--out", again]));
    const bytesIn = (directory: string) => readFileSync(join(directory, "model.safetensors"));
    expect(bytesIn(again)).toEqual(bytesIn(join(first, "fold-2")));
    const summaryIn = (directory: string) => {
      const { seconds, ...summary } = JSON.parse(readFileSync(join(directory, "summary.json"), "utf8"));
      return summary;
    };
    expect(summaryIn(again)).toEqual(summaryIn(join(first, "fold-2")));
    const all = join(folder, "all-again");
    expectSuccess(await cli(["cross-validate", "--config", config, "--out", all]));
    const timeless = ({ runs, ...others }: Document) => ({
      ...others,
      runs: runs.map((run) => ({ ...run, seconds: 0 })),
    });
    expect(timeless(documentIn(all))).toEqual(timeless(documentIn(first)));
    for (const name of ["fold-1", "fold-3"]) {
      expect(bytesIn(join(all, name))).toEqual(bytesIn(join(first, name)));
    }
    const other = ["cross-validate", "--config", config, "--folds", "2", "--seed", "9", "--json"];
    const document = JSON.parse(expectSuccess(await cli(other)));
    expect(document).toMatchObject({ folds: 2, validationSize: 100, runs: [{ seed: 9 }, { seed: 10 }] });
    expect(document.scores.f1Macro.values).toHaveLength(2);
    const { command } = runSettings(await readRun(join(first, "fold-3")));
    expect(command.join(" ")).toMatch(/^cross-validate .*--folds 3 --validation-size 100 .*--seed 7 /);
    const byOptions = join(folder, "by-options");
    expectSuccess(await cli([...command, "--out", byOptions]));
    expect(bytesIn(join(byOptions, "fold-3"))).toEqual(bytesIn(join(first, "fold-3")));
  });

  it("stops by examples that are neither learned nor held out", async () => {
    const out = join(folder, "stopped");
    const stopping = ["--early-stopping", "1", "--min-delta", "0.5", "--reduce-on-plateau", "patience=0"];
    const stdout = expectSuccess(await cli([...quick, "--folds", "3", ...stopping, "--out", out]));
    expect(stdout).toContain(
      "Data: 1,200 images of 28 x 28 pixels in 3 stratified folds; of those to train on 10% are for validation; the 200",
    );
    expect(stdout).toMatch(/^Fold 1 of 3: .* \| stopped after epoch 2 \| [\d.]+ s$/m);
    const environment = JSON.parse(readFileSync(join(out, "fold-1", "environment.json"), "utf8"));
    expect(environment.data.examples).toEqual({ train: 720, validation: 80, test: 200 });
    expect(documentIn(out).runs[0]).toMatchObject({ trainCount: 720, heldOutCount: 400 });
    const { rows, heldOut } = await partsOfFirst({ stratified: true, validationSize: 0.1 });
    expect(new Set([...rows, ...heldOut]).size).toBe(1200);
    const byTraining = ["--early-stopping", "1", "--monitor", "train.loss", "--folds", "2"];
    expect(expectSuccess(await cli([...quick, ...byTraining]))).not.toContain("for validation");
  });

  it("repeats, without strata, and prints one JSON document", async () => {
    const args = [
      ...quick,
      "--folds",
      "2",
      "--repeats",
      "3",
      "--stratified",
      "false",
      "--seed",
      "4294967294",
    ];
    const result = JSON.parse(expectSuccess(await cli([...args, "--json"])));
    expect(result).toMatchObject({ folds: 2, repeats: 3, stratified: false, seed: 123, interrupted: false });
    expect(result.runs.map(({ seed }: { seed: number }) => seed)).toEqual([
      4294967294, 4294967295, 0, 1, 2, 3,
    ]);
    expect(result.config).toMatchObject({ layers: [784, 8, 10], seed: 4294967294, epochs: 2 });
    expect(result.scores.accuracy.values).toHaveLength(6);
    expect(JSON.parse(expectSuccess(await cli([...args, "--json"]))).scores).toEqual(result.scores);
  });

  it.each([
    [["--folds", "1"], 2, /Expected a whole number of at least 2 for --folds but received "1"\./],
    [["--repeats", "0"], 2, /Expected a whole number of at least 1 for --repeats but received "0"\./],
    [
      ["--validation-size", "1.5"],
      2,
      /Expected a whole number of at least 1 for --validation-size but received "1\.5"\./,
    ],
    [["--validation-size", "0"], 2, /Expected a finite number above 0 for --validation-size but/],
    [["--validation-size", "5000"], 2, /Choose another --validation-size than 5000\./],
    [["--group-column", "a"], 2, /Expected --table with --group-column, which names one of its columns\./],
    [["--fold", "3"], 2, /There is no option --fold for cross-validate; did you mean --folds\?/],
    [["--folds", "1201"], 2, /as many folds as there are rows, 1200, but received 1201 for --folds/],
    [["--checkpoint-every", "5"], 2, /Expected --out with --checkpoint-every\./],
  ] as const)("refuses %j", async (args, status, sentence) => {
    expectFault(await cli([...quick, ...args]), status, sentence);
  });

  it.skipIf(process.platform === "win32")("keeps finished folds when it is interrupted", async () => {
    const out = join(folder, "interrupted");
    const slow = ["cross-validate", "--data-dir", data, "--epochs", "60", "--hidden", "100", "--folds", "8"];
    const running = start([...slow, "--out", out]);
    await running.printed("Fold 2 of 8: ");
    running.child.kill("SIGINT");
    const { status, stdout, stderr } = await running.finished;
    expect(stderr).toBe("");
    expect(status).toBe(130);
    const count = stdout.match(/^Fold /gm)?.length ?? 0;
    expect(stdout).toContain(
      `Interrupted after ${count} of 8 folds.\nMean ± standard deviation (n - 1) of ${count} folds: `,
    );
    const { interrupted, runs } = documentIn(out);
    expect(interrupted).toBe(true);
    expect(runs).toHaveLength(count);
    for (const { directory = "" } of runs)
      expect(existsSync(join(out, directory, "summary.json"))).toBe(true);
    expect(existsSync(join(out, "fold-8"))).toBe(false);
    const unfinished = `fold-${count + 1}`;
    if (!existsSync(join(out, unfinished, "summary.json"))) return; // It was interrupted between two folds.
    const advice = `Go on with the training of this fold alone: npx mnist-native train --resume ${join(out, unfinished)}`;
    expect(stdout).toContain(advice);
    expectSuccess(await cli(["train", "--resume", join(out, unfinished)]));
    const whole = join(folder, "whole-fold");
    const config = join(out, unfinished, "config.json");
    expectSuccess(await cli(["train", "--config", config, "--out", whole]));
    expect(readFileSync(join(out, unfinished, "model.safetensors"))).toEqual(
      readFileSync(join(whole, "model.safetensors")),
    );
  });
});

describe("cross-validate of a table", () => {
  it("keeps rows of a group in one fold, also when the run is read again", async () => {
    const table = join(folder, "patients.csv");
    const rows = Array.from({ length: 140 }, (_, i) => {
      const patient = `p${(i * 7) % 20}`;
      return [Math.sin(i), i % 3, patient, i % 3 === 1 ? "ill" : "well"].join(",");
    });
    writeFileSync(table, `a,b,patient,state\n${rows.join("\n")}\n`);
    const out = join(folder, "groups");
    const source = ["--table", table, "--target-column", "state", "--task", "classify"];
    const args = ["cross-validate", ...source, "--epochs", "2", "--folds", "4", "--out", out];
    const stdout = expectSuccess(await cli([...args, "--group-column", "patient"]));
    expect(stdout).toContain(
      "Data: 120 rows of 2 numbers in 4 folds by groups; the 20 for the test stay apart.",
    );
    const read = await loadTable(table, { targetColumn: "state", task: "classify", groupColumn: "patient" });
    const { parts } = splitTable(read);
    const pool = Int32Array.of(...parts.train.rows, ...parts.validation.rows).sort();
    const groups = Array.from(pool, (row) => read.groups?.[row] as string);
    const counts = groupKFold(groups, { nSplits: 4 }).map(({ test }) => test.length);
    const { runs } = documentIn(out);
    expect(runs.map(({ heldOutCount }) => heldOutCount)).toEqual(counts);
    const model = join(out, "fold-3", "model.safetensors");
    const again = await cli(["evaluate", model, "--table", table, "--part", "validation", "--json"]);
    expect(JSON.parse(expectSuccess(again))).toMatchObject({
      count: counts[2],
      accuracy: runs[2]?.scores.accuracy,
    });
    const config = join(out, "fold-3", "config.json");
    expectSuccess(await cli(["train", "--config", config, "--out", join(folder, "group-again")]));
    expect(readFileSync(join(folder, "group-again", "model.safetensors"))).toEqual(readFileSync(model));
    const { command } = runSettings(await readRun(join(out, "fold-3")));
    expect(command.join(" ")).toMatch(/^cross-validate .*--group-column patient --folds 4 .*--seed 123 /);
    expect(command).not.toContain("--stratified");
    const page = join(folder, "groups.html");
    expectSuccess(await cli(["report", join(out, "fold-3"), "--out", page]));
    expect(readFileSync(page, "utf8")).toContain("3 of 4, by groups of patient");
    expectFault(
      await cli([...args, "--force", "--group-column", "pat"]),
      1,
      /patients\.csv has no column pat to tell which rows belong together; name one by groupColumn \(on the command line --group-column\): a, b, patient\./,
    );
    expectFault(
      await cli([...args, "--group-column", "patient", "--repeats", "2"]),
      2,
      /Expected no --repeats with --group-column, because groups decide by their sizes into which fold they go/,
    );
  });

  it("scores numbers to be learned by R² and errors", async () => {
    const table = join(folder, "values.csv");
    const rows = Array.from({ length: 120 }, (_, i) =>
      [i % 7, Math.cos(i), 2 * (i % 7) - Math.cos(i)].join(","),
    );
    writeFileSync(table, `a,b,y\n${rows.join("\n")}\n`);
    const args = [
      "cross-validate",
      "--table",
      table,
      "--target-column",
      "y",
      "--task",
      "regress",
      "--folds",
      "3",
    ];
    const stdout = expectSuccess(await cli([...args, "--epochs", "20", "--batch-size", "10"]));
    expect(stdout).toContain("Data: 103 rows of 2 numbers in 3 folds; the 17 for the test stay apart.");
    expect(stdout).toMatch(
      /^Mean ± standard deviation \(n - 1\) of 3 folds: MSE: [\d.e-]+ ± [\d.e-]+ \| MAE: .* \| RMSE: .* \| R²: 0\.9\d+ ± 0\.0\d+$/m,
    );
    expectFault(
      await cli([...args, "--stratified"]),
      2,
      /Expected no --stratified, because these data have numbers to be learned and no classes; leave it out\./,
    );
  });
});
