import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextTasks } from "../../src/sweeps/asha.js";
import type { Outcome, Task } from "../../src/sweeps/trial.js";
import { outcome, samplePlan } from "./sample-plan.js";

/** `trial@rung` of each. */
const names = (tasks: readonly Task[]) => tasks.map(({ trial, rung }) => `${trial}@${rung}`);

/** Outcomes of trials at the first rung, in the order in which they arrive. */
const arrive = (...pairs: readonly (readonly [trial: number, value: number | null])[]) =>
  pairs.map(([trial, value]) => outcome({ trial, value }));

describe("what may start in asynchronous halving", () => {
  const plan = samplePlan({ trials: 6, epochs: 4, minEpochs: 1, factor: 2, isAsynchronous: true }); // 1, 2 and 4 epochs.

  it("are all trials at first, by number, but those that run", () => {
    expect(nextTasks(plan, [], [])[1]).toEqual({ trial: 1, rung: 0, epochs: 1 });
    expect(names(nextTasks(plan, [], []))).toEqual(["0@0", "1@0", "2@0", "3@0", "4@0", "5@0"]);
    expect(names(nextTasks(plan, [], [{ trial: 0, rung: 0 }]))).toEqual(["1@0", "2@0", "3@0", "4@0", "5@0"]);
  });

  it("is the best of two as soon as two have ended", () => {
    expect(names(nextTasks(plan, arrive([0, 0.5]), []))).toEqual(["1@0", "2@0", "3@0", "4@0", "5@0"]);
    const two = arrive([0, 0.5], [1, 0.4]);
    expect(nextTasks(plan, two, [])[0]).toEqual({ trial: 1, rung: 1, epochs: 2 });
    expect(names(nextTasks(plan, two, [{ trial: 1, rung: 1 }]))).toEqual(["2@0", "3@0", "4@0", "5@0"]);
    expect(names(nextTasks({ ...plan, mode: "max" }, two, []))[0]).toBe("0@1");
  });

  it("is never more than half, even where each is better than the ones before", () => {
    const four = arrive([0, 0.5], [1, 0.4], [2, 0.3], [3, 0.2]);
    expect(names(nextTasks(plan, four, []))).toEqual(["1@1", "3@1", "4@0", "5@0"]);
  });

  it("depends on the order of arrival", () => {
    const turned = arrive([3, 0.2], [2, 0.3], [1, 0.4], [0, 0.5]);
    expect(names(nextTasks(plan, turned, []))).toEqual(["3@1", "2@1", "4@0", "5@0"]);
  });

  it("begins with the task of the most epochs", () => {
    const outcomes = [
      ...arrive([0, 0.5], [1, 0.4], [2, 0.3], [3, 0.2]),
      outcome({ trial: 1, rung: 1, value: 0.3, epochs: 2 }),
      outcome({ trial: 3, rung: 1, value: 0.1, epochs: 2 }),
      ...arrive([4, 0.6], [5, 0.6]),
    ];
    expect(names(nextTasks(plan, outcomes, []))).toEqual(["3@2", "2@1"]);
  });

  it("is no trial that failed, whose place another one takes", () => {
    const failed: Outcome = { ...outcome({ trial: 0, value: null }), state: "failed" };
    const diverged: Outcome = { ...outcome({ trial: 1, value: 0.1 }), state: "diverged" };
    expect(names(nextTasks(plan, [failed, diverged], []))[0]).toBe("2@0");
    expect(names(nextTasks(plan, [failed, diverged, ...arrive([2, 0.9])], []))[0]).toBe("2@1");
  });

  it("is the best of those that there are where they are too few", () => {
    const three = samplePlan({ trials: 3, epochs: 25, minEpochs: 1, factor: 5, isAsynchronous: true });
    expect(nextTasks(three, arrive([0, 3], [1, 2]), [{ trial: 2, rung: 0 }])).toEqual([]);
    const all = arrive([0, 3], [1, 2], [2, 4]);
    expect(names(nextTasks(three, all, []))).toEqual(["1@1"]);
    const higher = [...all, outcome({ trial: 1, rung: 1, value: 2, epochs: 5 })];
    expect(names(nextTasks(three, higher, []))).toEqual(["1@2"]);
    expect(nextTasks(three, [...higher, outcome({ trial: 1, rung: 2, value: 2, epochs: 25 })], [])).toEqual(
      [],
    );
  });

  it("is no trial that has stopped by itself, which stands at the next rung with its figure", () => {
    const longer = samplePlan({ trials: 4, epochs: 8, minEpochs: 2, factor: 2, isAsynchronous: true }); // 2, 4 and 8 epochs.
    const outcomes = [
      outcome({ trial: 0, value: 0.1, epochs: 1 }), // Stopped, and best.
      outcome({ trial: 1, value: 0.5, epochs: 2 }),
      outcome({ trial: 2, value: 0.3, epochs: 2 }),
      outcome({ trial: 3, value: 0.4, epochs: 2 }),
    ];
    expect(names(nextTasks(longer, outcomes, []))).toEqual(["2@1"]);
    // Two are at the end of the second rung then, and the better one of them has ended already.
    const second = outcome({ trial: 2, rung: 1, value: 0.2, epochs: 4 });
    expect(nextTasks(longer, [...outcomes, second], [])).toEqual([]);
    const better = { ...second, value: 0.05 };
    expect(names(nextTasks(longer, [...outcomes, better], []))).toEqual(["2@2"]);
  });
});

interface Result {
  readonly value: number | null;
  readonly stops: boolean;
}

describe("a sweep with asynchronous halving, whatever arrives in whatever order", () => {
  const results = fc.array(
    fc.record<Result>({
      value: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 9 }) }, fc.constant(null)),
      stops: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
    }),
    { minLength: 1, maxLength: 25 },
  );
  const settings = fc.record({
    factor: fc.integer({ min: 2, max: 4 }),
    epochs: fc.integer({ min: 2, max: 40 }),
    minEpochs: fc.integer({ min: 1, max: 2 }),
    workers: fc.integer({ min: 1, max: 6 }),
    order: fc.infiniteStream(fc.nat()),
  });

  it("ends, trains nothing twice, and promotes no more than it should", () => {
    fc.assert(
      fc.property(results, settings, (list, { workers, order, ...halving }) => {
        const plan = samplePlan({ trials: list.length, isAsynchronous: true, ...halving });
        const outcomes: Outcome[] = [];
        const running: Task[] = [];
        const started = new Set<string>();
        for (;;) {
          const tasks = nextTasks(plan, outcomes, running);
          for (const task of tasks.slice(0, workers - running.length)) {
            const [name = ""] = names([task]);
            expect(started.has(name)).toBe(false);
            started.add(name);
            running.push(task);
            if (task.rung > 0) expect(started.has(`${task.trial}@${task.rung - 1}`)).toBe(true);
          }
          if (running.length === 0) break;
          const [ended] = running.splice(Number(order.next().value) % running.length, 1) as [Task];
          const { value, stops } = list[ended.trial] as Result;
          const epochs = stops ? Math.ceil(ended.epochs / 2) : ended.epochs;
          const state = value === null ? "failed" : "trained";
          outcomes.push(outcome({ trial: ended.trial, rung: ended.rung, value, state, epochs }));
        }
        const at = (rung: number) => outcomes.filter((one) => one.rung === rung);
        expect(at(0)).toHaveLength(list.length);
        const stopped = outcomes.filter(
          ({ trial, rung, epochs }) => epochs < (plan.rungs[rung]?.epochs ?? 0) && list[trial]?.stops,
        ).length;
        for (const rung of plan.rungs.keys()) {
          if (rung === 0) continue;
          const came = at(rung - 1).length + (rung > 1 ? stopped : 0);
          expect(at(rung).length).toBeLessThanOrEqual(Math.max(1, Math.floor(came / plan.factor)));
        }
        const good = list.filter(({ value }) => value !== null);
        const isAllLong = good.every(({ stops }) => !stops);
        if (good.length > 0 && isAllLong) expect(at(plan.rungs.length - 1).length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it("asks for the same tasks where it is asked again, whoever runs meanwhile", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 20 }),
        fc.nat(),
        (values, n) => {
          const plan = samplePlan({
            trials: values.length,
            epochs: 9,
            minEpochs: 1,
            factor: 3,
            isAsynchronous: true,
          });
          const outcomes = values.map((value, trial) => outcome({ trial, value }));
          const tasks = nextTasks(plan, outcomes, []);
          expect(nextTasks(plan, outcomes, [])).toEqual(tasks);
          const one = tasks[n % Math.max(1, tasks.length)];
          const others = tasks.filter((task) => task !== one);
          expect(nextTasks(plan, outcomes, one === undefined ? [] : [one])).toEqual(others);
        },
      ),
    );
  });
});
