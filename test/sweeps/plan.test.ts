import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planSweep } from "../../src/sweeps/plan.js";
import type { Space } from "../../src/sweeps/space.js";
import type { SweepConfig } from "../../src/sweeps/sweep-config.js";
import { parseSweepConfig } from "../../src/sweeps/sweep-config.js";

const space: Space = {
  "optimizer.momentum": { values: [0, 0.9] },
  hidden: { values: [20, [30, 30]] },
};

describe("the plan of a sweep", () => {
  it("has every combination with every seed, and all that train would be told", () => {
    const plan = planSweep({ train: { epochs: 3, dataset: "synthetic" }, parameters: space, seeds: [5, 6] });
    expect(plan).toMatchObject({
      rungs: [{ epochs: 3, trials: 8 }],
      isAsynchronous: false,
      varied: ["optimizer.momentum", "hidden", "seed"],
      metric: "validation.loss",
      mode: "min",
    });
    expect(plan.trials).toHaveLength(8);
    expect(plan.trials[3]).toEqual({
      number: 3,
      settings: { "optimizer.momentum": 0, hidden: [30, 30], seed: 6 },
      seed: 6,
      config: {
        epochs: 3,
        dataset: "synthetic",
        optimizer: { type: "sgd", momentum: 0 },
        hidden: [30, 30],
        seed: 6,
      },
    });
  });

  it("has the one seed of train, or the usual one", () => {
    const seedOf = (train: SweepConfig["train"]) => {
      const { trials, varied } = planSweep({ train, parameters: space });
      expect(varied).toEqual(["optimizer.momentum", "hidden"]);
      return trials.map(({ seed, config }) => [seed, config.seed])[0];
    };
    expect(seedOf({ seed: 9 })).toEqual([9, 9]);
    expect(seedOf({})).toEqual([123, 123]);
  });

  it("puts settings into what the trial's other settings say, whatever comes first", () => {
    const optimizers = (parameters: Space, train: SweepConfig["train"] = {}) =>
      planSweep({ train, parameters }).trials.map(({ config }) => config.optimizer);
    const alpha = { values: [0.9] };
    expect(optimizers({ "optimizer.alpha": alpha, optimizer: { values: ["rmsprop"] } })).toEqual([
      { type: "rmsprop", alpha: 0.9 },
    ]);
    expect(
      optimizers({ "optimizer.nesterov": { values: [true] } }, { optimizer: { type: "sgd", momentum: 0.5 } }),
    ).toEqual([{ type: "sgd", momentum: 0.5, nesterov: true }]);
    expect(optimizers({ "optimizer.type": { values: ["adam"] } }, { optimizer: "sgd" })).toEqual([
      { type: "adam" },
    ]);
    const [trial] = planSweep({
      train: {
        layers: [
          { type: "dense", units: 5 },
          { type: "dense", units: 10 },
        ],
        schedule: "cosine",
      },
      parameters: {
        "layers.0.units": { values: [7] },
        "schedule.final": { values: [0.01] },
        "earlyStopping.patience": { values: [2] },
      },
    }).trials;
    expect(trial?.config).toMatchObject({
      layers: [
        { type: "dense", units: 7 },
        { type: "dense", units: 10 },
      ],
      schedule: { type: "cosine", final: 0.01 },
      earlyStopping: { patience: 2 },
    });
  });

  it("leaves the settings that trials share as they are", () => {
    const train = { optimizer: { type: "sgd", momentum: 0.5 } } as const;
    planSweep({ train, parameters: space });
    expect(train).toEqual({ optimizer: { type: "sgd", momentum: 0.5 } });
  });

  it("has a metric measured that is not by itself", () => {
    const plan = planSweep({
      train: { metrics: ["top3Accuracy"] },
      parameters: space,
      metric: "validation.f1Macro",
    });
    expect(plan).toMatchObject({ metric: "validation.f1Macro", mode: "max" });
    expect(plan.trials[1]?.config.metrics).toEqual(["top3Accuracy", "f1Macro"]);
    const other = planSweep({ train: {}, parameters: space, metric: "validation.accuracy", mode: "min" });
    expect(other.mode).toBe("min");
    expect(other.trials[1]?.config.metrics).toBeUndefined();
  });

  it("has as many epochs as a preset or train would have", () => {
    const rungs = (train: SweepConfig["train"]) =>
      planSweep({ train, parameters: { hidden: { values: [1, 2, 3, 4] } }, halving: { type: "synchronous" } })
        .rungs;
    expect(rungs({}).map(({ epochs }) => epochs)).toEqual([1, 3, 9, 27, 50]);
    expect(rungs({ preset: "modern" }).map(({ epochs }) => epochs)).toEqual([1, 3, 9, 25]);
    expect(rungs({ epochs: 9 })).toEqual([
      { epochs: 1, trials: 4 },
      { epochs: 3, trials: 1 },
      { epochs: 9, trials: 1 },
    ]);
    const varied = planSweep({ train: {}, parameters: { epochs: { values: [7, 5] } } });
    expect(varied.rungs).toEqual([{ epochs: 7, trials: 2 }]);
    expect(varied.trials.map(({ config }) => config.epochs)).toEqual([7, 5]);
  });

  it("has for trial k the same, however many there are and wherever it is made", async () => {
    const parameters: Space = {
      learningRate: { distribution: "logUniform", min: 1e-4, max: 1 },
      hidden: { distribution: "integer", min: 1, max: 500 },
      activation: { distribution: "choice", values: ["relu", "tanh"] },
    };
    const planOf = (trials: number, seed: number): SweepConfig => ({
      train: { dataset: "synthetic" },
      parameters,
      seeds: [1, 2],
      search: { type: "random", trials, seed },
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        async (a, b, seed) => {
          const [few, many] = [Math.min(a, b), Math.max(a, b)];
          const fewer = planSweep(planOf(few, seed)).trials;
          expect(planSweep(planOf(many, seed)).trials.slice(0, fewer.length)).toEqual(fewer);
          const sent = await parseSweepConfig(JSON.parse(JSON.stringify(planOf(few, seed))));
          expect(planSweep(sent).trials).toEqual(fewer);
        },
      ),
      { numRuns: 30 },
    );
  });
});
