import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readRun } from "../../src/runs/read-run.js";
import { runSettings } from "../../src/runs/settings.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectSuccess, start } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
// So high a rate makes the loss go up and down.
const train = (epochs: number) => [
  "train",
  ...["--data-dir", data, "--epochs", String(epochs), "--batch-size", "10", "--learning-rate", "4"],
];

interface Report {
  readonly config: Readonly<Record<string, unknown>>;
  readonly epochs: readonly {
    readonly validLoss: number;
    readonly learningRate: number;
    readonly validMetrics?: Readonly<Record<string, number>>;
  }[];
  readonly summary: Readonly<Record<string, unknown>>;
}

async function report(epochs: number, ...args: readonly string[]): Promise<Report> {
  return JSON.parse(expectSuccess(await cli([...train(epochs), "--json", ...args])));
}

function readSummary(out: string): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(join(out, "summary.json"), "utf8"));
}

describe("train --early-stopping", () => {
  it("stops, says why, and keeps the weights of the best epoch", async () => {
    const out = join(folder, "early");
    const stdout = expectSuccess(await cli([...train(40), "--early-stopping", "3", "--out", out]));
    const { config, epochs, summary } = await readRun(out);
    const losses = epochs.map(({ validLoss }) => validLoss);
    const best = losses.indexOf(Math.min(...losses)) + 1;
    expect(best).toBe(losses.length - 3);
    const reason = `validation.loss has not fallen for 3 epochs; the weights of epoch ${best} are kept`;
    expect(stdout).toContain(`\nStopped after epoch ${losses.length}: ${reason}.\nTest accuracy: `);
    expect(summary).toMatchObject({ stopReason: reason, bestEpoch: best, interrupted: false });
    expect(config.monitor).toBe("validation.loss");
    expect(config.earlyStopping).toEqual({
      patience: 3,
      minDelta: 0,
      restoreBestWeights: true,
    });

    // The kept model is that of a run that ends there.
    const short = await report(best);
    expect(short.summary.testLoss).toBe(summary?.testLoss);
    const evaluated = await cli(["evaluate", join(out, "model.safetensors"), "--data-dir", data, "--json"]);
    expect(JSON.parse(expectSuccess(evaluated)).loss).toBeCloseTo(short.summary.testLoss as number, 7);
  });

  it("is in the words and the command of the run, which makes it again", async () => {
    const out = join(folder, "again");
    const options = ["--early-stopping", "2", "--monitor", "validation.accuracy", "--min-delta", "0.01"];
    const others = ["--restore-best=false", "--time-limit", "10m"];
    const plateau = ["--reduce-on-plateau", "factor=0.5,patience=1,threshold-mode=abs,min-lr=0.01"];
    expectSuccess(await cli([...train(40), ...options, ...others, ...plateau, "--out", out]));
    const { command, stopping, reduceOnPlateau } = runSettings(await readRun(out));
    expect(stopping).toBe(
      "after 2 epochs without a gain of more than 0.01 in validation.accuracy; after 600 s",
    );
    expect(reduceOnPlateau).toBe(
      "factor 0.5, patience 1, thresholdMode abs, minLr 0.01, by validation.accuracy",
    );
    const again = JSON.parse(expectSuccess(await cli([...command, "--json"]))) as Report;
    const { epochs, summary } = await readRun(out);
    expect(again.config).toEqual(JSON.parse(readFileSync(join(out, "config.json"), "utf8")));
    expect(again.epochs.map(({ validLoss }) => validLoss)).toEqual(epochs.map(({ validLoss }) => validLoss));
    expect(again.epochs.map(({ learningRate }) => learningRate)).toEqual(
      epochs.map(({ learningRate }) => learningRate),
    );
    expect(again.summary.stopReason).toBe(summary?.stopReason);
  });

  it("goes by any metric, and computes it", async () => {
    const { config, epochs, summary } = await report(
      4,
      "--early-stopping",
      "9",
      "--monitor",
      "validation.f1Macro",
    );
    expect(config.metrics).toEqual(["f1Macro"]);
    const scores = epochs.map(({ validMetrics }) => validMetrics?.f1Macro as number);
    expect(summary.bestEpoch).toBe(scores.indexOf(Math.max(...scores)) + 1);
  });

  it.skipIf(process.platform === "win32")(
    "keeps the best weights of a run that is interrupted (Windows has no SIGINT for others)",
    async () => {
      const out = join(folder, "interrupted");
      const running = start([...train(100_000), "--early-stopping", "100000", "--out", out]);
      await running.printed("Epoch: 000012/100000");
      running.child.kill("SIGINT");
      const { status, stdout } = await running.finished;
      expect(status).toBe(130);
      const { epochs, summary } = await readRun(out);
      const losses = epochs.map(({ validLoss }) => validLoss);
      const best = losses.indexOf(Math.min(...losses)) + 1;
      expect(summary).toMatchObject({ interrupted: true, bestEpoch: best });
      expect(stdout).toContain(`\nThe weights of epoch ${best} are kept, with the best validation.loss.\n`);
      expect((await report(best)).summary.testLoss).toBe(summary?.testLoss);
    },
  );

  it("keeps the best weights of a run that comes to its end, too", async () => {
    const stdout = expectSuccess(await cli([...train(3), "--early-stopping", "3"]));
    expect(stdout).toMatch(
      /\nThe weights of epoch [123] are kept, with the best validation\.loss\.\nTest accuracy: /,
    );
    const last = ["--early-stopping", "3", "--restore-best=false"];
    expect(expectSuccess(await cli([...train(3), ...last]))).not.toContain("are kept");
    expect((await report(3, ...last)).summary).not.toHaveProperty("stopReason");
  });
});

describe("train --reduce-on-plateau", () => {
  it("reduces the learning rate", async () => {
    const { epochs, config } = await report(3, "--reduce-on-plateau", "patience=0,threshold=1,factor=0.5");
    expect(epochs.map(({ learningRate }) => learningRate)).toEqual([4, 4, 2]);
    expect(config.monitor).toBe("validation.loss");
    expect(config.reduceOnPlateau).toEqual({
      patience: 0,
      threshold: 1,
      factor: 0.5,
    });
  });
});

describe("train --time-limit", () => {
  it("stops after the epoch in which the time is used up", async () => {
    const out = join(folder, "limit");
    const stdout = expectSuccess(await cli([...train(100_000), "--time-limit", "0.01s", "--out", out]));
    expect(stdout).toMatch(/\nStopped after epoch \d+: the time limit of 0\.01 s is reached\.\n/);
    expect(readSummary(out).stopReason).toBe("the time limit of 0.01 s is reached");
  });
});

describe("train without any of these", () => {
  it("says nothing of them", async () => {
    const { config, summary } = await report(1);
    for (const name of ["monitor", "earlyStopping", "reduceOnPlateau", "timeLimit"])
      expect(config).not.toHaveProperty(name);
    for (const name of ["stopReason", "bestEpoch"]) expect(summary).not.toHaveProperty(name);
  });
});

describe("train refuses", () => {
  it.each([
    ["--early-stopping 0", 'Expected a whole number of at least 1 for --early-stopping but received "0".'],
    [
      "--early-stopping 3 --monitor val_loss",
      'Expected a figure such as validation.loss or train.accuracy for --monitor but received "val_loss"; did you mean validation.loss?',
    ],
    [
      "--early-stopping 3 --monitor validation.f1macr",
      'There is no figure "validation.f1macr" for --monitor; did you mean validation.f1Macro?',
    ],
    ["--min-delta 0.1", "Expected --early-stopping with --min-delta."],
    ["--early-stopping 3 --min-delta -1", "Expected a finite number of at least 0 for --min-delta"],
    ["--restore-best", "Expected --early-stopping with --restore-best."],
    ["--reduce-on-plateau factr=1", '--reduce-on-plateau has no setting "factr"; did you mean factor?'],
    [
      "--reduce-on-plateau factor=1",
      "Expected a number above 0 and below 1 for factor of --reduce-on-plateau but received 1.",
    ],
    [
      "--reduce-on-plateau min-lr=x",
      'Expected a number of at least 0 for min-lr of --reduce-on-plateau but received "x".',
    ],
    [
      "--optimizer lbfgs --reduce-on-plateau factor=0.5",
      "Expected no --reduce-on-plateau with --optimizer lbfgs, which finds its step by itself; leave one out.",
    ],
    [
      "--time-limit 3d",
      'Expected a time above 0, such as 90, 10m or 2h, for --time-limit but received "3d".',
    ],
    ["--time-limit 0", "Expected a time above 0, such as 90, 10m or 2h, for --time-limit"],
  ])("%s", async (options, message) => {
    const { status, stderr } = await cli(["train", "--data-dir", data, ...options.split(" ")]);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});
