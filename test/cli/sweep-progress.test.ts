import { describe, expect, it } from "vitest";
import { createSweepProgress } from "../../src/cli/sweeps/sweep-progress.js";
import { outcome, samplePlan } from "../sweeps/sample-plan.js";

const plan = samplePlan({ trials: 4, minEpochs: 1, epochs: 4, factor: 2 }); // 4 trials to 1 epoch, 2 to 2, 1 to 4.

describe("the lines that tell how far a sweep is", () => {
  it("show what runs, the best, and the time left by the epochs that were trained since it went on", () => {
    let time = 0;
    const before = [outcome({ trial: 0, value: 0.5 })];
    const progress = createSweepProgress(plan, before, () => time);
    expect(progress.lines()).toEqual([
      "Best so far: trial 0, validation.loss 0.5000 (learningRate 1)",
      "1 of 7 tasks have ended, 0 running",
    ]);
    progress.started({ trial: 1, rung: 0, epochs: 1 });
    progress.started({ trial: 2, rung: 0, epochs: 1 });
    progress.progressed({ trial: 2, rung: 0, epochs: 1 }, { epoch: 1, value: null });
    time = 10_000; // One epoch of the 7 that were to be trained.
    expect(progress.lines()).toEqual([
      "trial  epoch  validation.loss",
      "1      0/1                     learningRate 0.5",
      "2      1/1    –                learningRate 0.333333",
      "Best so far: trial 0, validation.loss 0.5000 (learningRate 1)",
      "1 of 7 tasks have ended, 2 running, about 60\u00A0s left",
    ]);
    progress.ended(outcome({ trial: 1, value: 0.25 }));
    progress.ended(outcome({ trial: 2, value: null, state: "diverged", figures: {} }));
    expect(progress.lines()).toEqual([
      "Best so far: trial 1, validation.loss 0.2500 (learningRate 0.5)",
      "3 of 7 tasks have ended (1 diverged), 0 running, about 25\u00A0s left",
    ]);
  });

  it("count a trial that goes on from the epochs that it has had", () => {
    let time = 0;
    const before = [0, 1, 2, 3].map((trial) => outcome({ trial, value: trial + 1 }));
    const progress = createSweepProgress(plan, before, () => time);
    const task = { trial: 0, rung: 1, epochs: 2 };
    progress.started(task);
    expect(progress.lines()[1]).toBe("0      1/2                     learningRate 1");
    time = 4000;
    progress.progressed(task, { epoch: 2, value: 0.5 });
    expect(progress.lines().at(-1)).toBe("4 of 7 tasks have ended, 1 running, about 12\u00A0s left"); // One epoch of four.
  });
});
