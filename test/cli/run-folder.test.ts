import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Run, readRun } from "../../src/runs/read-run.js";
import { runSettings } from "../../src/runs/settings.js";
import { loadModel } from "../../src/training/model-file.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess, MAIN, start } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "mnist");
const train = ["train", "--data-dir", data, "--hidden", "4"];
const endless = [...train, "--epochs", "100000"];
const json = (...path: string[]) => JSON.parse(readFileSync(join(...path), "utf8"));

describe("the folder of a run", () => {
  it("is used by one training at a time, and a dead one holds nothing", async () => {
    const out = join(folder, "locked");
    const running = start([...endless, "--out", out]);
    await running.printed("Epoch: 000001/100000");
    const pid = String(running.child.pid);
    expectFault(
      await cli([...train, "--epochs", "1", "--out", out, "--force"]),
      1,
      new RegExp(`locked is in use: process ${pid} keeps its run there; name another folder, or wait`),
    );
    running.child.kill("SIGKILL");
    await running.finished;
    expect(existsSync(join(out, ".lock"))).toBe(true);
    expectSuccess(await cli([...train, "--epochs", "1", "--out", out, "--force"]));
    expect(json(out, "summary.json").epochs).toBe(1);
    expect(existsSync(join(out, ".lock"))).toBe(false);
  });

  it("is not held by another process that has the number of a dead one", async () => {
    const out = join(folder, "number");
    mkdirSync(out);
    writeFileSync(join(out, ".lock"), JSON.stringify({ pid: process.pid, startTime: "1" }));
    expectSuccess(await cli([...train, "--epochs", "1", "--out", out]));
  });

  it("is replaced only by --force, and keeps the old model until there is a new one", async () => {
    const out = join(folder, "replaced");
    expectSuccess(await cli([...train, "--epochs", "2", "--out", out]));
    const model = readFileSync(join(out, "model.safetensors"));
    expectFault(
      await cli([...train, "--epochs", "1", "--out", out]),
      1,
      /replaced holds a run already; go on with it by --resume, name another folder, or pass --force to replace that run\./,
    );
    expect(readFileSync(join(out, "model.safetensors")).equals(model)).toBe(true);

    const running = start([...endless, "--seed", "5", "--out", out, "--force"]);
    await running.printed("Epoch: 000002/100000");
    running.child.kill("SIGKILL");
    await running.finished;
    expect(readFileSync(join(out, "model.previous.safetensors")).equals(model)).toBe(true);
    expect([json(out, "config.json").seed, existsSync(join(out, "summary.json"))]).toEqual([5, false]);
    expect(existsSync(join(out, "model.safetensors"))).toBe(false); // Nobody takes the old one for the new run's.

    const lost = join(out, "model.safetensors");
    const previous = `${join(out, "model.previous.safetensors")} is the model of the run that was being replaced.`;
    for (const args of [
      ["evaluate", lost, "--data-dir", data],
      ["predict", lost, "--row", "0"],
    ]) {
      const result = await cli(args);
      expect(result.stderr).toBe(`mnist-native: There is no model ${lost} yet; ${previous}\n`);
      expect(result.status).toBe(1);
    }
    const again = await cli([...train, "--epochs", "1", "--out", out]);
    expectFault(again, 1, /holds a run already; .* to replace that run\. It has not come to its end: /);
    expect(again.stderr).toContain(previous);
    const reported = await cli(["report", out]);
    expect(reported.status).toBe(0);
    expect(reported.stderr).toBe(`${out}: This run has not come to its end; ${previous}\n`);
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain(previous);
    rmSync(join(out, "report.html"));
    expectSuccess(await cli(["evaluate", join(out, "model.previous.safetensors"), "--data-dir", data]));

    expectSuccess(await cli([...train, "--epochs", "1", "--seed", "6", "--out", out, "--force"]));
    expect(readdirSync(out).sort()).toEqual([
      "checkpoints",
      "config.json",
      "environment.json",
      "metrics.jsonl",
      "model.safetensors",
      "summary.json",
    ]);
  });

  it("is cleared of what dead writers left", async () => {
    const out = join(folder, "leftovers");
    mkdirSync(join(out, ".check-x1y2"), { recursive: true });
    for (const name of ["metrics.jsonl.123456", "model.safetensors.99", ".lock.77", "notes.txt"])
      writeFileSync(join(out, name), "");
    expectSuccess(await cli([...train, "--epochs", "1", "--out", out]));
    expect(readdirSync(out)).toContain("notes.txt");
    expect(readdirSync(out)).toHaveLength(7);
  });

  it("has settings alone in config.json, without what was not asked for", async () => {
    const out = join(folder, "settings");
    expectSuccess(await cli([...train, "--epochs", "1", "--dtype", "float64", "--out", out]));
    expect(json(out, "config.json")).toEqual({
      dataDir: data,
      split: "chapter",
      splitSeed: 123,
      layers: [784, 4, 10],
      activation: "sigmoid",
      epochs: 1,
      batchSize: 100,
      learningRate: 0.1,
      seed: 123,
      dtype: "float64",
      backend: expect.stringMatching(/^(native|js)$/),
      threads: 1,
    });
    expect(json(out, "environment.json").data).toEqual({
      classes: 10,
      imageShape: [28, 28],
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      examples: { train: 1100, validation: 100, test: 200 },
    });
  });

  it("has settings and machine apart, and places that hold from anywhere", async () => {
    const out = join(folder, "apart");
    expectSuccess(await cli([...train, "--epochs", "1", "--out", out]));
    const config = json(out, "config.json");
    for (const name of ["environment", "kernelSet", "version"]) expect(config).not.toHaveProperty(name);
    expect(config.dataDir).toBe(data);
    expect(json(out, "environment.json")).toMatchObject({
      version: expect.stringMatching(/^\d/),
      kernelSet: expect.any(String),
      threads: expect.any(Number),
      node: process.version,
      processors: expect.any(Number),
    });
  });

  it("is filled though nobody reads what is printed", async () => {
    const out = join(folder, "unread");
    const child = spawn(process.execPath, [MAIN, ...train, "--epochs", "300", "--out", out]);
    child.stdout.once("data", () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(code).toBe(0);
    expect(json(out, "summary.json")).toMatchObject({ epochs: 300, interrupted: false });
  });

  it("holds after Ctrl-C the model of the last whole epoch", async () => {
    const out = join(folder, "whole-epoch");
    const running = start([...train, "--epochs", "40000", "--out", out]);
    await running.printed("Epoch: 00003/40000");
    running.child.kill("SIGINT");
    await running.finished;
    const { epochs } = json(out, "summary.json");
    const again = join(folder, "as-many");
    expectSuccess(await cli([...train, "--epochs", String(epochs), "--out", again]));
    const weights = async (run: string) =>
      (await loadModel(join(run, "model.safetensors"))).network.parameters;
    const [interrupted, whole] = [await weights(out), await weights(again)];
    expect(interrupted.map(({ value }) => value.data)).toEqual(whole.map(({ value }) => value.data));
  });

  it.each(["0.1.0", "0.2.0"])("of version %s opens: report, plot, evaluate", async (version) => {
    const old = join(folder, `of ${version}`);
    cpSync(fileURLToPath(new URL(`../golden/runs/${version}`, import.meta.url)), old, { recursive: true });
    expectSuccess(await cli(["report", old]));
    const page = readFileSync(join(old, "report.html"), "utf8");
    for (const text of ["v20.20.2", "28 x 28", "55,000, 5,000, 10,000", "--dataset synthetic"])
      expect(page).toContain(text);
    for (const figure of ["loss", "weights"]) expectSuccess(await cli(["plot", figure, old]));
    const evaluation = JSON.parse(
      expectSuccess(await cli(["evaluate", join(old, "model.safetensors"), "--json"])),
    );
    expect(evaluation.accuracy).toBe(json(old, "summary.json").testAccuracy);
  });

  it("tells the same of a run as one of version 0.1.0", async () => {
    const [older, today] = await Promise.all(
      ["0.1.0", "0.2.0"].map((version) =>
        readRun(fileURLToPath(new URL(`../golden/runs/${version}`, import.meta.url))),
      ),
    );
    const losses = (run: Run | undefined) => run?.epochs.map(({ trainLoss }) => trainLoss);
    expect(losses(today)).toEqual(losses(older));
    expect(today?.epochs.map(({ step, learningRate }) => [step, learningRate])).toEqual([
      [550, 0.1],
      [1100, 0.1],
    ]);
    const settings = (run: Run | undefined) =>
      run && { ...runSettings(run), version: null, environment: null };
    expect(settings(today)).toEqual(settings(older));
  });
});
