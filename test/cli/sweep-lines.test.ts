import { expect, it } from "vitest";
import { bestTrials, progressInWords } from "../../src/cli/sweeps/best-trials.js";
import { outcomeLine } from "../../src/cli/sweeps/sweep-display.js";
import { planSweep } from "../../src/sweeps/plan.js";
import type { Outcome } from "../../src/sweeps/trial.js";
import { madeUpPlan, trained } from "../sweeps/made-up.js";

const plan = planSweep({
  train: { dataset: "synthetic", epochs: 1 },
  parameters: { csv: { values: ["\u001b[2Ja\nb.csv", "c.csv"] } },
});
const outcome: Outcome = {
  trial: 0,
  rung: 0,
  state: "trained",
  epochs: 1,
  value: 1,
  figures: {},
  seconds: 1,
};
const reason = `\u001b[31mred\r\u0007\n${"x".repeat(1e6)}`;

it("Lines of a sweep have no control characters, wherever their texts come from, and are not without end", () => {
  const lines = [
    outcomeLine({ plan }, { ...outcome, reason }),
    outcomeLine({ plan }, { ...outcome, state: "failed", reason }),
    ...bestTrials(plan, [outcome]),
  ];
  for (const line of lines) {
    expect(line).not.toMatch(/\p{Cc}/u);
    expect(line.length).toBeLessThan(3000);
  }
  expect(lines[1]).toContain("Trial 0 (csv \\x1b[2Ja\\x0ab.csv): failed. \\x1b[31mred\\x0d\\x07\\x0axxx");
});

it("Figures of the test set stand in no table of trials to choose from, and are said of the best alone", () => {
  const of = madeUpPlan({ trials: [{ learningRate: 0.1 }, { learningRate: 0.2 }] });
  const better = trained(1, 0.25, { figures: { "test.accuracy": 0.9, "test.loss": 0.5 } });
  const lines = bestTrials(of, [trained(0, 0.75), better]);
  expect(lines.slice(1, -1).join("\n")).not.toContain("test");
  expect(lines).toHaveLength(5);
  expect(lines.at(-1)).toBe("The best, trial 1, by the test set: test.accuracy 0.9000, test.loss 0.5000.");
  expect(bestTrials(of, [trained(0, 0.75, { figures: {} })]).join("\n")).not.toContain("test");
});

it("What is left of a sweep is told in trials, or in tasks where trials go on from rung to rung", () => {
  const trials = [0.1, 0.2, 0.3].map((learningRate) => ({ learningRate }));
  expect(progressInWords(madeUpPlan({ trials }), [trained(0, 1)], 2)).toEqual({
    done: "1 of 3 trials have a result",
    left: "2 of 3 trials are still to be trained",
  });
  const halved = madeUpPlan({ trials, rungs: [3, 9] });
  const all = [0, 1, 2].map((trial) => trained(trial, trial, { epochs: 3 }));
  expect(progressInWords(halved, all, 1)).toEqual({
    done: "3 of 4 tasks have ended",
    left: "1 of 4 tasks is left, a task being a trial at a rung",
  });
  expect(progressInWords({ ...halved, isAsynchronous: true }, all, 1).done).toBe(
    "3 of about 4 tasks have ended",
  );
});
