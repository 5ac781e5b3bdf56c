import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { SweepError } from "../../src/errors.js";
import type { TrainConfig } from "../../src/runs/config/schema.js";
import { formatResults, type Runner, sweep, type Task } from "../../src/sweeps/index.js";
import { schedule } from "../../src/sweeps/schedule.js";
import { temporaryFolder } from "../support/temporary-folder.js";

describe("a sweep of trainings", () => {
  /** Tells of each task what its configuration is, instead of training by it. */
  const told: [task: Task, config: TrainConfig | undefined][] = [];
  const runner: Runner = {
    name: "nowhere",
    run: (held, options) =>
      schedule(held, {
        ...options,
        capacity: 1,
        async start(task) {
          const config = held.plan.trials[task.trial]?.config;
          told.push([task, config]);
          const value = config?.learningRate ?? null;
          return { ...task, state: "trained", value, figures: { "test.accuracy": 0.5 }, seconds: 0 };
        },
      }),
  };
  const options = {
    train: { dataset: "synthetic", epochs: 2, from: "model.safetensors" },
    space: { learningRate: { values: [0.1, 0.01] } },
    metric: "validation.accuracy",
  } as const;

  it("has the runner train them, and goes on from its folder", async () => {
    const folder = join(temporaryFolder(), "sweep");
    const run = (more: object = {}) => sweep({ ...options, folder, ...more, runner });
    const { best, trials, results } = await run();
    expect(trials.map(({ state, epochs, settings }) => [state, epochs, settings])).toEqual([
      ["trained", 2, { learningRate: 0.1 }],
      ["trained", 2, { learningRate: 0.01 }],
    ]);
    expect(best?.number).toBe(0);
    expect(results.columns).toContain("test.accuracy");
    expect(readFileSync(join(folder, "results.csv"), "utf8")).toBe(formatResults(results));
    const config = { dataset: "synthetic", epochs: 2, seed: 123, from: resolve("model.safetensors") };
    expect(told).toEqual([
      [
        { trial: 0, rung: 0, epochs: 2 },
        { ...config, learningRate: 0.1 },
      ],
      [
        { trial: 1, rung: 0, epochs: 2 },
        { ...config, learningRate: 0.01 },
      ],
    ]);
    rmSync(join(folder, "trials", "0001"), { recursive: true });
    expect((await run()).results).toEqual(results);
    expect(told.slice(2).map(([{ trial }]) => trial)).toEqual([1]);
    await expect(run({ metric: "validation.loss" })).rejects.toThrow(
      `${folder} holds a sweep with another metric; name another folder`,
    );
    const objective = sweep({ space: options.space, objective: () => 0, folder });
    await expect(objective).rejects.toThrow("holds a sweep of trainings, and none of an objective");
    writeFileSync(join(folder, "sweep.json"), "{}");
    await expect(run()).rejects.toThrow(SweepError);
  });
});
