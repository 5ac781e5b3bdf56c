import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SweepError } from "../../src/errors.js";
import { tasksOfRung } from "../../src/sweeps/halving.js";
import { rungsOfHalving } from "../../src/sweeps/rungs.js";
import type { Outcome } from "../../src/sweeps/trial.js";
import { outcome, samplePlan } from "./sample-plan.js";

const trialsOf = (...args: Parameters<typeof tasksOfRung>) => tasksOfRung(...args).map(({ trial }) => trial);

describe("the rungs of successive halving", () => {
  it("have factor times the epochs and a factor-th of the trials, the last one all epochs", () => {
    expect(rungsOfHalving({ trials: 27, minEpochs: 1, epochs: 27, factor: 3 })).toEqual([
      { epochs: 1, trials: 27 },
      { epochs: 3, trials: 9 },
      { epochs: 9, trials: 3 },
      { epochs: 27, trials: 1 },
    ]);
    expect(rungsOfHalving({ trials: 20, minEpochs: 2, epochs: 10, factor: 2 })).toEqual([
      { epochs: 2, trials: 20 },
      { epochs: 4, trials: 10 },
      { epochs: 8, trials: 5 },
      { epochs: 10, trials: 2 },
    ]);
  });

  it("never go up, and end with one trial at least", () => {
    const count = fc.integer({ min: 1, max: 1000 });
    fc.assert(
      fc.property(count, count, count, fc.integer({ min: 2, max: 10 }), (trials, a, b, factor) => {
        const [minEpochs, epochs] = [Math.min(a, b), Math.max(a, b)];
        const rungs = rungsOfHalving({ trials, minEpochs, epochs, factor });
        expect(rungs[0]).toEqual({ epochs: rungs.length === 1 ? epochs : minEpochs, trials });
        expect(rungs.at(-1)?.epochs).toBe(epochs);
        for (const [i, rung] of rungs.slice(1).entries()) {
          expect(rung.epochs).toBeGreaterThan(rungs[i]?.epochs ?? 0);
          expect(rung.trials).toBe(Math.max(1, Math.floor(trials / factor ** (i + 1))));
        }
      }),
    );
  });
});

describe("the tasks of a rung", () => {
  const plan = samplePlan({ trials: 6, epochs: 9, minEpochs: 1, factor: 3 }); // Rungs of 1, 3 and 9 epochs, and 6, 2 and 1 trials.
  const first = [0.5, 0.2, 0.9, 0.2, 0.3, 0.1].map((value, trial) => outcome({ trial, value, epochs: 1 }));

  it("are all trials at first, by number", () => {
    expect(tasksOfRung(plan, 0, [])).toEqual(
      [0, 1, 2, 3, 4, 5].map((trial) => ({ trial, rung: 0, epochs: 1 })),
    );
  });

  it("are of the best, best first, of equal ones the lower number", () => {
    expect(tasksOfRung(plan, 1, first)).toEqual([
      { trial: 5, rung: 1, epochs: 3 },
      { trial: 1, rung: 1, epochs: 3 },
    ]);
    expect(trialsOf({ ...plan, mode: "max" }, 1, first)).toEqual([2, 0]);
  });

  it("go by the last rung alone", () => {
    const second = [
      outcome({ trial: 5, rung: 1, value: 0.09, epochs: 3 }),
      outcome({ trial: 1, rung: 1, value: 0.05, epochs: 3 }),
    ];
    expect(tasksOfRung(plan, 2, [...first, ...second])).toEqual([{ trial: 1, rung: 2, epochs: 9 }]);
  });

  it("are of no trial that failed, diverged or has no number, and others go on instead", () => {
    const outcomes: Outcome[] = first.map((one) =>
      one.trial === 5
        ? { ...one, state: "diverged" }
        : one.trial === 1
          ? { ...one, state: "failed", value: null }
          : one.trial === 3
            ? { ...one, value: null }
            : one,
    );
    expect(trialsOf(plan, 1, outcomes)).toEqual([4, 0]);
    const none = first.map((one): Outcome => ({ ...one, state: "failed", value: null }));
    expect(trialsOf(plan, 1, none)).toEqual([]);
    expect(trialsOf(plan, 2, none)).toEqual([]);
  });

  it("are not of a trial that has stopped by itself, which keeps its place and its figure", () => {
    const longer = samplePlan({ trials: 6, epochs: 18, minEpochs: 2, factor: 3 });
    const outcomes = first.map((one) => ({ ...one, epochs: one.trial === 5 ? 1 : 2 }));
    expect(tasksOfRung(longer, 1, outcomes)).toEqual([{ trial: 1, rung: 1, epochs: 6 }]);
    const worse = outcome({ trial: 1, rung: 1, value: 0.15, epochs: 6 });
    expect(tasksOfRung(longer, 2, [...outcomes, worse])).toEqual([]); // Trial 5 is the best, and has ended.
    const better = outcome({ trial: 1, rung: 1, value: 0.05, epochs: 6 });
    expect(tasksOfRung(longer, 2, [...outcomes, better])).toEqual([{ trial: 1, rung: 2, epochs: 18 }]);
  });

  it("are not known before the rung below has ended", () => {
    const call = () => tasksOfRung(plan, 1, first.slice(1));
    expect(call).toThrow(SweepError);
    expect(call).toThrow(
      "Trial 0 has no outcome of rung 0 yet, by which it is known who goes on; wait until all trials of that rung have ended.",
    );
    expect(() => tasksOfRung(plan, 3, first)).toThrow(
      "Expected a rung from 0 to 2 of this sweep but received 3.",
    );
  });

  it("do not depend on the order of outcomes, and are never more than the rung takes", () => {
    const values = fc.array(fc.option(fc.integer({ min: 0, max: 5 })), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(values, fc.integer({ min: 2, max: 4 }), fc.nat(), (list, factor, turn) => {
        const any = samplePlan({ trials: list.length, epochs: 16, minEpochs: 1, factor });
        const outcomes = list.map((value, trial) => outcome({ trial, value, epochs: 1 }));
        const turned = outcomes.map((_, i) => outcomes[(i + turn) % outcomes.length] as Outcome);
        const tasks = tasksOfRung(any, 1, outcomes);
        expect(tasksOfRung(any, 1, turned)).toEqual(tasks);
        const good = list.filter((value) => value !== null).length;
        expect(tasks).toHaveLength(Math.min(good, Math.max(1, Math.floor(list.length / factor))));
        const chosen = tasks.map(({ trial }) => list[trial] as number);
        const others = list.filter(
          (value, trial) => value !== null && !tasks.some((task) => task.trial === trial),
        );
        for (const other of others) expect(other).toBeGreaterThanOrEqual(Math.max(...chosen));
      }),
    );
  });
});
