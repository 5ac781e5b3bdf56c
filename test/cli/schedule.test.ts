import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readTrainingSettings } from "../../src/cli/options/training-settings.js";
import { readRun } from "../../src/runs/read-run.js";
import { runSettings } from "../../src/runs/settings.js";
import { createSchedule } from "../../src/training/schedules/specification.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { ratesOf } from "../training/schedules/rates.js";
import { cli, expectFault, expectSuccess } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const model = (run: string) => readFileSync(join(folder, run, "model.safetensors"), "latin1");
const train = (out: string, ...args: string[]) =>
  cli(["train", "--data-dir", data, "--hidden", "5", "--epochs", "3", "--out", join(folder, out), ...args]);

describe("train --schedule", () => {
  it.each<[args: readonly string[], schedule: object, words: string]>([
    [
      ["step:step-size=1,gamma=0.5"],
      { type: "step", stepSize: 1, gamma: 0.5 },
      "step, stepSize 1, gamma 0.5",
    ],
    [["multi-step:milestones=1/2"], { type: "multiStep", milestones: [1, 2] }, "multiStep, milestones 1/2"],
    [
      ["polynomial:final=0.01,unit=step", "--warm-up", "0.25"],
      { type: "polynomial", final: 0.01, unit: "step", warmUp: 0.25 },
      "polynomial, final 0.01, unit step, warmUp 0.25",
    ],
    [
      ["constant", "--warm-up", "length=1,unit=epoch,start=0.1"],
      { type: "constant", warmUp: { length: 1, unit: "epoch", start: 0.1 } },
      "constant, warmUp length=1,unit=epoch,start=0.1",
    ],
    [
      ["piecewise:points=0:0.5/1.5:0.1,interpolate=true"],
      {
        type: "piecewise",
        points: [
          [0, 0.5],
          [1.5, 0.1],
        ],
        interpolate: true,
      },
      "piecewise, points 0:0.5/1.5:0.1, interpolate",
    ],
    [["oneCycle"], { type: "oneCycle" }, "oneCycle"],
  ])(
    "%j is kept, told in the report, and repeated to the bit",
    async ([schedule = "", ...rest], kept, words) => {
      const name = schedule.replaceAll(/\W/g, "-");
      expectSuccess(await train(name, "--schedule", schedule, ...rest));
      const run = await readRun(join(folder, name));
      expect(run.config.schedule).toEqual(kept);
      const { learningRate } = run.config;
      const rates = ratesOf(createSchedule(kept as never, learningRate ?? Number.NaN), {
        stepsPerEpoch: run.epochs[0]?.step ?? 0,
        epochs: 3,
      });
      expect(run.epochs.map((epoch) => epoch.learningRate)).toEqual(
        run.epochs.map(({ step = 0 }) => rates[step - 1]),
      );
      const stated = runSettings(run);
      expect(stated.schedule).toBe(words);
      expectSuccess(await cli([...stated.command, "--out", join(folder, `${name}-again`)]));
      expect(model(`${name}-again`)).toBe(model(name));
    },
  );

  it("is the chapter's, and not recorded, where nothing is said of it", async () => {
    expectSuccess(await train("plain"));
    expect((await readRun(join(folder, "plain"))).config).not.toHaveProperty("schedule");
  });

  it.each<[args: readonly string[], sentence: RegExp]>([
    [
      ["--schedule", "cosin"],
      /^mnist-native: --schedule: there is no schedule "cosin"; did you mean cosine\?$/m,
    ],
    [
      ["--schedule", "magic"],
      /there is no schedule "magic"; they are constant, step, multi-step, .*, piecewise\.$/m,
    ],
    [["--schedule", "step"], /Expected step-size in --schedule, such as --schedule step:step-size=10\.$/m],
    [
      ["--schedule", "step:stepsize=3"],
      /--schedule: step has no setting "stepsize"; did you mean step-size\?$/m,
    ],
    [["--schedule", "constant:gamma=3"], /--schedule: constant has no setting "gamma"; it has none\.$/m],
    [
      ["--schedule", "step:step-size=0"],
      /--schedule step: expected a whole number of at least 1 for step-size but received 0\.$/m,
    ],
    [
      ["--schedule", "step:step-size"],
      /--schedule: expected a value for step-size of step, such as step-size=1\.$/m,
    ],
    [
      ["--schedule", "exponential:gamma=0.9,gamma=0.8"],
      /gamma of exponential once but received it twice\.$/m,
    ],
    [["--schedule", "exponential:gamma=fast"], /above 0 and at most 1 for gamma but received "fast"\.$/m],
    [
      ["--schedule", "multi-step:milestones=5/3"],
      /a whole number above 5 for milestones\[1\] but received 3\.$/m,
    ],
    [
      ["--schedule", "cosine:final=0.2"],
      /--schedule cosine: expected a learning rate from 0 to the highest, 0\.1, for final but received 0\.2\.$/m,
    ],
    [["--schedule", "one-cycle:anneal-strategy=wave"], /expected "cos" or "linear" for anneal-strategy but/m],
    [
      ["--schedule", "piecewise:points=0:0.1", "--learning-rate", "0.1"],
      /Expected no --learning-rate with --schedule piecewise, which has learning rates of its own; leave one out\.$/m,
    ],
    [
      ["--schedule", "piecewise"],
      /Expected points in --schedule, such as --schedule piecewise:points=0:0\.1/,
    ],
    [
      ["--warm-up", "1.5"],
      /--warm-up: expected a whole number of steps, or a share from 0 to below 1, for length/,
    ],
    [
      ["--warm-up", "long"],
      /--warm-up: expected a number of steps, a share of all steps below 1, or settings such/,
    ],
    [["--warm-up", "lenght=5"], /--warm-up: a warm-up has no setting "lenght"; did you mean length\?$/m],
    [["--warm-up", "length=5,start=0"], /--warm-up: expected a number above 0 and at most 1 for start/],
    [
      ["--warm-up", "unit=epoch"],
      /--warm-up: expected a finite number above 0 for length but received undefined/,
    ],
  ])("%j is refused before data are read", async (args, sentence) => {
    expectFault(await cli(["train", ...args]), 2, sentence);
  });

  it("takes the place of a preset's, with the warm-up where it does not rise by itself", async () => {
    const of = async (schedule: string) =>
      (await readTrainingSettings({ preset: "modern", schedule })).schedule;
    expect(await of("step:step-size=9")).toEqual({ type: "step", stepSize: 9, warmUp: 0.1 });
    expect(await of("one-cycle")).toEqual({ type: "oneCycle" });
    expect(await of("constant")).toEqual({ type: "constant" });
    expect(await of("piecewise:points=0:0.1")).toMatchObject({ type: "piecewise" });
    expect((await readTrainingSettings({ preset: "modern", optimizer: "lbfgs" })).schedule).toEqual({
      type: "constant",
    });
  });
});
