import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tasksOfRung } from "../../../src/sweeps/halving.js";
import {
  arrayParts,
  arraysOfSweep,
  firstOpenRung,
  type QueuedIndex,
} from "../../../src/sweeps/runners/slurm/arrays.js";
import type { Outcome } from "../../../src/sweeps/trial.js";
import { outcome, samplePlan } from "../sample-plan.js";

const plan = samplePlan({ trials: 6, epochs: 9, minEpochs: 1, factor: 3 }); // Rungs of 6, 2 and 1 trials.
const first = [0.5, 0.2, 0.9, 0.2, 0.3, 0.1].map((value, trial) => outcome({ trial, value }));
const queue = (job: string, rung: number, ...indices: number[]): QueuedIndex[] =>
  indices.map((index) => ({ job, rung, index }));

describe("the arrays of a sweep", () => {
  it("are one a rung, of as many tasks as may come to it", () => {
    expect(arraysOfSweep(plan, [], [])).toEqual([
      { rung: 0, indices: [0, 1, 2, 3, 4, 5], replaced: [], kept: [] },
      { rung: 1, indices: [0, 1], replaced: [], kept: [] },
      { rung: 2, indices: [0], replaced: [], kept: [] },
    ]);
  });

  it("are none where all is in the queue", () => {
    const queued = [...queue("1", 0, 4, 5), ...queue("2", 1, 0, 1), ...queue("3", 2, 0)];
    expect(arraysOfSweep(plan, first.slice(0, 4), queued)).toEqual([
      { rung: 0, indices: [], replaced: [], kept: ["1"] },
      { rung: 1, indices: [], replaced: [], kept: ["2"] },
      { rung: 2, indices: [], replaced: [], kept: ["3"] },
    ]);
  });

  it("make later rungs wait anew when a task of an earlier one was cancelled", () => {
    const queued = [...queue("1", 0, 4), ...queue("2", 1, 0, 1), ...queue("3", 2, 0)];
    expect(arraysOfSweep(plan, first.slice(0, 4), queued)).toEqual([
      { rung: 0, indices: [5], replaced: [], kept: ["1"] },
      { rung: 1, indices: [0, 1], replaced: ["2"], kept: [] },
      { rung: 2, indices: [0], replaced: ["3"], kept: [] },
    ]);
  });

  it("have what is missing of a rung whose trials are known", () => {
    const outcomes = [...first, outcome({ trial: 5, rung: 1, value: 0.1 })]; // The first of the second rung.
    expect(arraysOfSweep(plan, outcomes, queue("3", 2, 0))).toEqual([
      { rung: 0, indices: [], replaced: [], kept: [] },
      { rung: 1, indices: [1], replaced: [], kept: [] },
      { rung: 2, indices: [0], replaced: ["3"], kept: [] },
    ]);
  });

  it("leave no task without an outcome out of the queue, and submit none twice", () => {
    const trial = fc.record({
      values: fc.tuple(fc.float({ noNaN: true }), fc.float({ noNaN: true }), fc.float({ noNaN: true })),
      state: fc.constantFrom("trained", "diverged"),
    });
    const sweep = fc.record({
      of: fc.array(trial, { minLength: 1, maxLength: 20 }),
      ended: fc.infiniteStream(fc.boolean()),
      queued: fc.infiniteStream(fc.constantFrom("a", "b", undefined)),
    });
    fc.assert(
      fc.property(sweep, ({ of, ended, queued }) => {
        const plan = samplePlan({ trials: of.length, epochs: 4, minEpochs: 1, factor: 2 });
        const { outcomes, inQueue } = someState(plan, of, ended, queued);
        const arrays = arraysOfSweep(plan, outcomes, inQueue);
        expect(arrays.map(({ rung }) => rung)).toEqual([...plan.rungs.keys()]);
        const open = firstOpenRung(plan, outcomes);
        for (const { rung, indices, replaced, kept } of arrays) {
          const staying = inQueue.filter((task) => task.rung === rung && kept.includes(task.job));
          const covered = [...staying.map(({ index }) => index), ...indices];
          expect(new Set(indices).size).toBe(indices.length);
          expect(indices.filter((index) => staying.some((task) => task.index === index))).toEqual([]);
          expect(replaced.filter((job) => kept.includes(job))).toEqual([]);
          if (open === undefined || rung < open) expect(indices).toEqual([]);
          else {
            const needed =
              rung === open
                ? tasksOfRung(plan, rung, outcomes).flatMap((task, index) =>
                    outcomes.some((one) => one.trial === task.trial && one.rung === rung) ? [] : [index],
                  )
                : Array.from({ length: plan.rungs[rung]?.trials ?? 0 }, (_, index) => index);
            expect(needed.filter((index) => !covered.includes(index))).toEqual([]);
            expect(indices.filter((index) => !needed.includes(index))).toEqual([]);
          }
        }
      }),
    );
  });
});

/** Outcomes and a queue as they may be found: any, but for a rung that ended before the one below. */
function someState(
  plan: ReturnType<typeof samplePlan>,
  of: readonly { values: readonly [number, number, number]; state: "trained" | "diverged" }[],
  ended: Iterator<boolean>,
  queued: Iterator<string | undefined>,
) {
  const outcomes: Outcome[] = [];
  for (const rung of plan.rungs.keys()) {
    if ((firstOpenRung(plan, outcomes) ?? rung) < rung) break;
    for (const task of tasksOfRung(plan, rung, outcomes)) {
      const { values, state } = of[task.trial] ?? { values: [0, 0, 0], state: "trained" };
      if (!ended.next().value) continue;
      outcomes.push(
        outcome({
          ...task,
          value: state === "trained" ? (values[rung] ?? 0) : null,
          state,
          epochs: task.epochs,
        }),
      );
    }
  }
  const inQueue = [...plan.rungs.entries()].flatMap(([rung, { trials }]) =>
    Array.from({ length: trials }, (_, index) => ({ rung, index, name: queued.next().value })).flatMap(
      ({ name, ...task }) => (name === undefined ? [] : [{ ...task, job: `${name}${task.rung}` }]),
    ),
  );
  return { outcomes, inQueue };
}

describe("parts of an array", () => {
  it("have ranges, and an offset beyond the cluster's largest number", () => {
    expect(arrayParts([], 4)).toEqual([]);
    expect(arrayParts([0], 4)).toEqual([{ offset: 0, numbers: "0" }]);
    expect(arrayParts([0, 1, 2, 3, 4, 6, 7, 13], 4)).toEqual([
      { offset: 0, numbers: "0-3" },
      { offset: 4, numbers: "0,2-3" },
      { offset: 12, numbers: "1" },
    ]);
  });
});
