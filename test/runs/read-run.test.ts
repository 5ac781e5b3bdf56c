import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataFormatError, FileAccessError, type MnistNativeError } from "../../src/errors.js";
import { writeMetrics } from "../../src/runs/metrics-file.js";
import { readRun } from "../../src/runs/read-run.js";
import { runSettings } from "../../src/runs/settings.js";
import { writeJson } from "../../src/system/files.js";
import type { EpochMetrics } from "../../src/training/history.js";
import { sampleEpochs } from "../report/figures/sample-data.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = temporaryFolder();
let folders = 0;

const CONFIG = {
  version: "0.1.0",
  dataset: "mnist",
  layers: [784, 50, 10],
  epochs: 3,
  batchSize: 100,
  learningRate: 0.1,
  seed: 123,
};
const SUMMARY = {
  testLoss: 0.01,
  testAccuracy: 0.9471,
  testCorrect: 9471,
  testCount: 10_000,
  seconds: 12.5,
  interrupted: false,
};

type Files = Readonly<Record<string, string>>;

/** A folder with the files of a whole run, some of them changed, or left out by `null`. */
async function runFolder(changes: Readonly<Record<string, string | null>> = {}): Promise<string> {
  const directory = join(folder, `run-${folders++}`);
  mkdirSync(directory);
  await writeJson(join(directory, "config.json"), CONFIG);
  await writeMetrics(join(directory, "metrics.jsonl"), sampleEpochs(3));
  await writeJson(join(directory, "summary.json"), SUMMARY);
  writeFileSync(join(directory, "model.safetensors"), "");
  for (const [name, text] of Object.entries(changes)) {
    const path = join(directory, name);
    if (text === null) rmSync(path);
    else writeFileSync(path, text);
  }
  return directory;
}

function lines(...epochs: readonly object[]): string {
  return epochs.map((epoch) => `${JSON.stringify(epoch)}\n`).join("");
}

/** Checks that reading fails with one sentence that names the file in question. */
async function expectFault(directory: string, kind: typeof MnistNativeError, fault: RegExp): Promise<void> {
  const error = await readRun(directory).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(kind);
  const { message, code } = error as MnistNativeError;
  expect(message).toMatch(fault);
  expect(message).toMatch(/^[^\n]*\.$/);
  expect(message).toContain(directory);
  expect(code).toBe(kind === DataFormatError ? "ERR_DATA_FORMAT" : "ERR_FILE_ACCESS");
}

describe("readRun", () => {
  it("gives back what was written", async () => {
    const directory = await runFolder();
    expect(await readRun(directory)).toEqual({
      directory,
      name: `run-${folders - 1}`,
      config: CONFIG,
      environment: expect.any(Object),
      epochs: sampleEpochs(3),
      summary: SUMMARY,
      modelPath: join(directory, "model.safetensors"),
      origin: null,
    });
  });

  it("gives back any metrics, those that are not finite as NaN", async () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const epoch = fc.record({
      epoch: fc.constant(0),
      trainLoss: fc.oneof(fc.double({ min: 0 }), fc.constant(Number.NaN)),
      trainAccuracy: share,
      validLoss: fc.oneof(fc.double({ min: 0 }), fc.constant(Number.NaN)),
      validAccuracy: share,
      seconds: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
      step: fc.nat(),
      learningRate: fc.double({ min: 1e-9, noNaN: true, noDefaultInfinity: true }),
    });
    const run = await runFolder();
    const path = join(run, "metrics.jsonl");
    await fc.assert(
      fc.asyncProperty(fc.array(epoch, { maxLength: 8 }), async (drawn) => {
        const epochs = drawn.map((metrics, i): EpochMetrics => ({ ...metrics, epoch: i + 1 }));
        await writeMetrics(path, epochs);
        const finite = (value: number) => (Number.isFinite(value) ? value : Number.NaN);
        expect((await readRun(run)).epochs).toEqual(
          epochs.map((metrics) => ({
            ...metrics,
            trainLoss: finite(metrics.trainLoss) + 0, // JSON has no -0.
            validLoss: finite(metrics.validLoss) + 0,
            trainAccuracy: metrics.trainAccuracy + 0,
            validAccuracy: metrics.validAccuracy + 0,
            seconds: metrics.seconds + 0,
          })),
        );
      }),
      { numRuns: 50 },
    );
  });

  it("gives back metrics by name, those that are not defined as NaN", async () => {
    const [first, second] = sampleEpochs(2) as [EpochMetrics, EpochMetrics];
    const epochs: EpochMetrics[] = [
      {
        ...first,
        trainMetrics: { f1Macro: 0.5, rocAuc: Number.NaN },
        validMetrics: { f1Macro: 0.25, rocAuc: 1 },
      },
      { ...second, validLoss: Number.NaN, validAccuracy: Number.NaN, trainMetrics: { f1Macro: 0.75 } },
    ];
    const summary = { ...SUMMARY, testMetrics: { f1Macro: 0.5, rocAuc: null } };
    const directory = await runFolder({ "summary.json": JSON.stringify(summary) });
    await writeMetrics(join(directory, "metrics.jsonl"), epochs);
    const lines = readFileSync(join(directory, "metrics.jsonl"), "utf8").split("\n");
    expect(JSON.parse(lines[0] as string)).toMatchObject({
      train: { loss: first.trainLoss, accuracy: first.trainAccuracy, f1Macro: 0.5, rocAuc: null },
      validation: { f1Macro: 0.25, rocAuc: 1 },
    });
    const run = await readRun(directory);
    expect(run.epochs).toEqual(epochs);
    expect(run.summary?.testMetrics).toEqual({ f1Macro: 0.5, rocAuc: Number.NaN });
  });

  it("repeats the metrics that were asked for in the command", async () => {
    const config = { ...CONFIG, metrics: ["f1Macro", "top3Accuracy"] };
    const run = await readRun(await runFolder({ "config.json": JSON.stringify(config) }));
    expect(runSettings(run).command.join(" ")).toContain("--metrics f1Macro,top3Accuracy");
    expect(runSettings(await readRun(await runFolder())).command).not.toContain("--metrics");
  });

  it("names a metric that is no number", async () => {
    const line = { epoch: 1, seconds: 1, train: { loss: 1, f1Macro: "high" } };
    const directory = await runFolder({ "metrics.jsonl": lines(line) });
    await expectFault(directory, DataFormatError, /Line 1 of .* has no train\.f1Macro as train writes it/);
    const summary = JSON.stringify({ ...SUMMARY, testMetrics: [1] });
    const other = await runFolder({ "summary.json": summary });
    await expectFault(other, DataFormatError, /has no testMetrics as train writes it/);
  });

  it("reads the flat lines of version 0.1.0 as today's", async () => {
    const directory = await runFolder({ "metrics.jsonl": lines(...sampleEpochs(3)) });
    expect((await readRun(directory)).epochs).toEqual(sampleEpochs(3));
  });

  it("takes a run without validation for one, and knows it from losses that are not numbers", async () => {
    const [first, second] = sampleEpochs(2) as [EpochMetrics, EpochMetrics];
    const none = { ...first, validLoss: Number.NaN, validAccuracy: Number.NaN };
    const diverged = { ...second, validLoss: Number.NaN, validAccuracy: 0.1 };
    const path = join(await runFolder(), "metrics.jsonl");
    await writeMetrics(path, [none, diverged]);
    const written = readFileSync(path, "utf8").trim().split("\n");
    expect(JSON.parse(written[0] ?? "")).not.toHaveProperty("validation");
    expect(JSON.parse(written[1] ?? "").validation).toEqual({ loss: null, accuracy: 0.1 });
    expect((await readRun(dirname(path))).epochs).toEqual([none, diverged]);
  });

  it("reads what the data were from environment.json, and of older runs from config.json", async () => {
    const data = {
      classes: 2,
      imageShape: [4, 3],
      classNames: ["a", "b"],
      examples: { train: 8, validation: 1, test: 1 },
    };
    const today = await readRun(
      await runFolder({ "environment.json": JSON.stringify({ threads: 1, data }) }),
    );
    const older = await readRun(await runFolder({ "config.json": JSON.stringify({ ...CONFIG, ...data }) }));
    for (const run of [today, older]) {
      expect(run.environment.data).toEqual(data);
      expect(runSettings(run)).toMatchObject({
        imageShape: [4, 3],
        classNames: ["a", "b"],
        examples: data.examples,
      });
    }
  });

  it("names a run after its folder, however that is written", async () => {
    const directory = await runFolder();
    const name = `run-${folders - 1}`;
    for (const path of [`${directory}/`, `${directory}/.`, relative(".", directory)]) {
      expect((await readRun(path)).name).toBe(name);
    }
  });

  it("reads a run that goes on, or was killed", async () => {
    const run = await readRun(await runFolder({ "summary.json": null, "model.safetensors": null }));
    expect(run).toMatchObject({ epochs: sampleEpochs(3), summary: null, modelPath: null });
  });

  it("reads a run without a finished epoch", async () => {
    expect((await readRun(await runFolder({ "metrics.jsonl": "" }))).epochs).toEqual([]);
    expect((await readRun(await runFolder({ "metrics.jsonl": null }))).epochs).toEqual([]);
  });

  it("keeps what newer versions may add", async () => {
    const config = JSON.stringify({ ...CONFIG, momentum: 0.9 });
    expect((await readRun(await runFolder({ "config.json": config }))).config.momentum).toBe(0.9);
  });

  it("reads a test loss that is not a number", async () => {
    const summary = JSON.stringify({ ...SUMMARY, testLoss: null });
    expect((await readRun(await runFolder({ "summary.json": summary }))).summary?.testLoss).toBeNaN();
  });
});

describe("readRun says in one sentence that", () => {
  it("there is no such folder", async () => {
    await expectFault(
      join(folder, "nowhere"),
      FileAccessError,
      /config\.json cannot be read: there is no such file; name a folder that train --out wrote\.$/,
    );
  });

  it("a file was named instead of a folder", async () => {
    const path = join(folder, "a-file");
    writeFileSync(path, "");
    await expectFault(
      path,
      FileAccessError,
      /^Expected the folder of a run, but .*a-file is a file; another program's network is imported first: .* -o FOLDER\.$/,
    );
  });

  it("a folder is no run's", async () => {
    await expectFault(await runFolder({ "config.json": null }), FileAccessError, /config\.json cannot be/);
  });

  it("a folder stands where a file should", async () => {
    const directory = await runFolder({ "metrics.jsonl": null });
    mkdirSync(join(directory, "metrics.jsonl"));
    await expectFault(directory, FileAccessError, /metrics\.jsonl cannot be read: it is a folder\.$/);
  });

  const [first, second] = sampleEpochs(2);
  const config = (changes: object) => ({ "config.json": JSON.stringify({ ...CONFIG, ...changes }) });
  const metrics = (changes: object) => ({ "metrics.jsonl": lines({ ...first, ...changes }) });
  const summary = (changes: object) => ({ "summary.json": JSON.stringify({ ...SUMMARY, ...changes }) });

  it.each<[string, Files, RegExp]>([
    ["config.json is empty", { "config.json": "" }, /config\.json is not JSON/],
    ["config.json is half", { "config.json": '{"layers": [784,' }, /config\.json is not JSON/],
    ["config.json is no object", { "config.json": "null" }, /config\.json is not the JSON object/],
    ["config.json is another program's", { "config.json": '{"name": "x"}' }, /it has no layers/],
    ["there is one layer only", config({ layers: [784] }), /it has no layers/],
    ["a layer has no whole number of units", config({ layers: [784, 1.5] }), /it has no layers/],
    ["epochs is text", config({ epochs: "50" }), /it has no epochs/],
    ["epochs is 0", config({ epochs: 0 }), /it has no epochs/],
    ["batchSize is negative", config({ batchSize: -1 }), /it has no batchSize/],
    ["learningRate is null", config({ learningRate: null }), /it has no learningRate/],
    ["seed is missing", config({ seed: undefined }), /it has no seed/],
    [
      "a line is half-written",
      { "metrics.jsonl": `${lines(first ?? {})}{"epoch": 2, "trai` },
      /Line 2 of .*metrics\.jsonl is not JSON/,
    ],
    [
      "a line is wrong after empty ones",
      { "metrics.jsonl": `\n\n${lines({ ...first, trainLoss: "low" })}` },
      /Line 3 of .*metrics\.jsonl .* no train\.loss/,
    ],
    ["an accuracy is in percent", metrics({ trainAccuracy: 94.7 }), /Line 1 of .* no train\.accuracy/],
    ["an accuracy is negative", metrics({ validAccuracy: -0.1 }), /Line 1 of .* no validation\.accuracy/],
    ["a time is missing", metrics({ seconds: undefined }), /Line 1 of .* no seconds/],
    ["a time is negative", metrics({ seconds: -1 }), /Line 1 of .* no seconds/],
    [
      "a validation is a number",
      { "metrics.jsonl": lines({ epoch: 1, seconds: 1, train: { loss: 1, accuracy: 1 }, validation: 0.5 }) },
      /Line 1 of .* no validation as train writes it/,
    ],
    [
      "a line has no measurements",
      { "metrics.jsonl": lines({ epoch: 1, seconds: 1 }) },
      /Line 1 of .* no train as/,
    ],
    [
      "the epochs are out of order",
      { "metrics.jsonl": lines(second ?? {}, first ?? {}) },
      /Line 1 of .*metrics\.jsonl has epoch 2, where train writes epoch 1;/,
    ],
    [
      "an epoch comes twice",
      { "metrics.jsonl": lines(first ?? {}, first ?? {}) },
      /Line 2 of .*metrics\.jsonl has epoch 1, where train writes epoch 2;/,
    ],
    ["summary.json is a list", { "summary.json": "[]" }, /summary\.json is not the JSON object/],
    ["more are correct than there are", summary({ testCount: 3 }), /summary\.json .* no testCorrect/],
    ["the time is text", summary({ seconds: "12" }), /summary\.json .* no seconds/],
    ["the test loss is missing", summary({ testLoss: undefined }), /summary\.json .* no testLoss/],
  ])("%s", async (_, changes, fault) => {
    await expectFault(await runFolder(changes), DataFormatError, fault);
  });
});
