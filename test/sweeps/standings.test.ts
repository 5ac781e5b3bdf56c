import { describe, expect, it } from "vitest";
import { rankSettings, standings } from "../../src/sweeps/standings.js";
import type { Outcome } from "../../src/sweeps/trial.js";
import { failed, madeUpPlan, trained } from "./made-up.js";

describe("rankSettings", () => {
  const trials = ["a", "b", "c"].flatMap((activation) => [1, 2, 3].map((seed) => ({ activation, seed })));

  it("ranks by the mean over seeds, with the deviation of a sample", () => {
    const plan = madeUpPlan({ trials, metric: "validation.accuracy", mode: "max" });
    // The best trial is of `a`, whose mean is not the best.
    const values = [0.9, 0.3, 0.3, 0.6, 0.7, 0.8, 0.5];
    const outcomes = [...values.map((value, i) => trained(i, value)), failed(7, "no"), trained(8, null)];
    const settings = rankSettings(plan, outcomes);
    expect(settings.map(({ trials }) => trials.map(({ trial }) => trial.number))).toEqual([
      [5, 4, 3],
      [0, 1, 2],
      [6],
    ]);
    expect(settings.map(({ mean }) => mean)).toEqual([expect.closeTo(0.7), expect.closeTo(0.5), 0.5]);
    expect(settings.map(({ standardDeviation }) => standardDeviation)).toEqual([
      expect.closeTo(0.1),
      expect.closeTo(Math.sqrt(0.12)),
      null,
    ]);
    expect(standings(plan, outcomes).map(({ outcome }) => outcome?.state)[7]).toBe("failed");
  });

  const pairs = ["a", "b", "c"].flatMap((activation) => [1, 2].map((seed) => ({ activation, seed })));
  const halved = madeUpPlan({ trials: pairs, rungs: [1, 3, 9] });
  const at = (trial: number, rung: number, value: number) =>
    trained(trial, value, { rung, epochs: halved.rungs[rung]?.epochs ?? 0 });
  const told = (outcomes: readonly Outcome[]) =>
    rankSettings(halved, outcomes).map(({ trials, seeds, rung, mean, further }) => ({
      trials: trials.map(({ trial }) => trial.number),
      seeds,
      rung,
      mean: Number(mean.toFixed(6)),
      further: further.map(({ rung, outcomes, mean }) => [rung, outcomes.length, mean]),
    }));

  it("compares at the rung that all seeds came to, whatever one of them came to by itself", () => {
    const outcomes = [
      ...[0.1, 0.9, 0.3, 0.4, 0.6, 0.8].map((value, trial) => at(trial, 0, value)),
      ...[at(0, 1, 0.05), at(2, 1, 0.25), at(3, 1, 0.35), at(0, 2, 0.01)],
    ];
    expect(told(outcomes)).toEqual([
      { trials: [2, 3], seeds: 2, rung: 1, mean: 0.3, further: [] },
      {
        trials: [0, 1],
        seeds: 2,
        rung: 0,
        mean: 0.5,
        further: [
          [1, 1, 0.05],
          [2, 1, 0.01],
        ],
      },
      { trials: [4, 5], seeds: 2, rung: 0, mean: 0.7, further: [] },
    ]);
  });

  it("ranks settings of which a seed has no value below the others", () => {
    const outcomes = [
      at(0, 0, 0.1),
      at(0, 1, 0.05),
      failed(1, "no"),
      at(2, 0, 0.3),
      at(3, 0, 0.4),
      at(4, 0, 0.2),
    ];
    expect(told(outcomes).map(({ trials, seeds, rung }) => [trials, seeds, rung])).toEqual([
      [[2, 3], 2, 0],
      [[0], 2, 1],
      [[4], 2, 0],
    ]);
  });

  it("counts a training that has stopped by itself at all later rungs, and tells it once", () => {
    const stopped = trained(0, 0.1, { rung: 1, epochs: 2 });
    const outcomes = [at(0, 0, 0.2), at(1, 0, 0.3), stopped, at(1, 1, 0.25), at(1, 2, 0.2)];
    expect(told(outcomes)).toEqual([{ trials: [0, 1], seeds: 2, rung: 2, mean: 0.15, further: [] }]);
    expect(told(outcomes.slice(0, -2))).toEqual([
      { trials: [0, 1], seeds: 2, rung: 0, mean: 0.25, further: [[1, 1, 0.1]] },
    ]);
  });
});
