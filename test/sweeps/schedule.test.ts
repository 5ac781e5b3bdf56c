import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { schedule } from "../../src/sweeps/schedule.js";
import type { SweepConfig } from "../../src/sweeps/sweep-config.js";
import { createSweepFolder, type SweepFolder } from "../../src/sweeps/sweep-folder.js";
import type { Outcome, Task } from "../../src/sweeps/trial.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = temporaryFolder();
let made = 0;

function newSweep(trials: number, halving?: SweepConfig["halving"]): Promise<SweepFolder> {
  return createSweepFolder(join(folder, String(++made)), {
    train: { dataset: "synthetic", epochs: 9 },
    parameters: { learningRate: { values: Array.from({ length: trials }, (_, i) => (i + 1) / 100) } },
    ...(halving !== undefined && { halving }),
  });
}

/** The better, the higher its number is. */
function outcomeOf({ trial, rung, epochs }: Task): Outcome {
  return { trial, rung, state: "trained", epochs, value: 1 / (trial + 1), figures: {}, seconds: 0 };
}

const nameOf = ({ trial, rung }: Pick<Task, "trial" | "rung">) => `${trial}/${rung}`;

describe("the schedule of a sweep", () => {
  it("runs each task once, never more at a time than there is room for", async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(undefined, "synchronous" as const, "asynchronous" as const),
      fc.scheduler(),
      async (trials, capacity, type, scheduler) => {
        const sweep = await newSweep(trials, type && { type });
        const started: string[] = [];
        let running = 0;
        const whole = schedule(sweep, {
          capacity,
          start: async (task) => {
            started.push(nameOf(task));
            running += 1;
            expect(running).toBeLessThanOrEqual(capacity);
            await scheduler.schedule(Promise.resolve());
            running -= 1;
            return outcomeOf(task);
          },
        });
        await scheduler.waitFor(whole);
        expect(new Set(started).size).toBe(started.length);
        const outcomes = await sweep.outcomes();
        expect(outcomes.map(nameOf).sort()).toEqual([...started].sort());
        const all = new Set(outcomes.filter(({ rung }) => rung === 0).map(({ trial }) => trial));
        expect(all.size).toBe(trials);
        const last = sweep.plan.rungs.length - 1;
        expect(outcomes.some(({ rung }) => rung === last)).toBe(true);
      },
    );
    await fc.assert(property, { numRuns: 30 });
  });

  it("goes on by halving with those that are best", async () => {
    const sweep = await newSweep(9, { type: "synchronous" });
    await schedule(sweep, { capacity: 2, start: async (task) => outcomeOf(task) });
    const at = async (rung: number) =>
      (await sweep.outcomes()).filter((outcome) => outcome.rung === rung).map(({ trial }) => trial);
    expect((await at(1)).toSorted()).toEqual([6, 7, 8]);
    expect(await at(2)).toEqual([8]);
  });

  it("runs nothing again that has its outcome, and takes what another has recorded", async () => {
    const sweep = await newSweep(4);
    await sweep.record(outcomeOf({ trial: 2, rung: 0, epochs: 9 }));
    const started: number[] = [];
    const told: Outcome[] = [];
    const start = async (task: Task) => {
      started.push(task.trial);
      if (task.trial === 3) await sweep.record({ ...outcomeOf(task), value: 77 });
      return outcomeOf(task);
    };
    await schedule(sweep, { capacity: 1, start, onOutcome: (outcome) => told.push(outcome) });
    expect(started).toEqual([0, 1, 3]);
    expect(told.map(({ value }) => value)).toEqual([1, 1 / 2, 77]);
    await schedule(sweep, { capacity: 1, start });
    expect(started).toHaveLength(3);
  });

  it("ends the others when one cannot go on, and tells why", async () => {
    const sweep = await newSweep(3);
    const ended: number[] = [];
    const start = async ({ trial }: Task, signal: AbortSignal) => {
      if (trial === 0) throw new Error("The disk is full.");
      return new Promise<Outcome>((_, reject) => {
        const end = () => {
          ended.push(trial);
          reject(signal.reason);
        };
        if (signal.aborted) end();
        else signal.addEventListener("abort", end);
      });
    };
    await expect(schedule(sweep, { capacity: 2, start })).rejects.toThrow("The disk is full.");
    expect(ended).toEqual([1]);
    expect(await sweep.outcomes()).toEqual([]);
  });

  it("warns of no leak, however many tasks listen at the same time", async () => {
    const sweep = await newSweep(40);
    const warnings: Error[] = [];
    const warn = (warning: Error) => warnings.push(warning);
    process.on("warning", warn);
    try {
      let waiting = 0;
      await schedule(sweep, {
        capacity: 40,
        start: async (task, signal) => {
          signal.addEventListener("abort", () => {}, { once: true });
          waiting += 1;
          while (waiting < 40) await new Promise((resolve) => setImmediate(resolve));
          return outcomeOf(task);
        },
      });
      await new Promise((resolve) => setImmediate(resolve)); // Warnings come a tick later.
      expect(warnings).toEqual([]);
    } finally {
      process.off("warning", warn);
    }
  });

  it("is rejected with the signal's reason when all that ran has ended", async () => {
    const sweep = await newSweep(5);
    const controller = new AbortController();
    const ended: number[] = [];
    const start = async (task: Task, signal: AbortSignal) => {
      if (task.trial === 2) controller.abort(new Error("Enough."));
      await new Promise((resolve) => setImmediate(resolve));
      ended.push(task.trial);
      signal.throwIfAborted();
      return outcomeOf(task);
    };
    const running = schedule(sweep, { capacity: 2, start, signal: controller.signal });
    await expect(running).rejects.toThrow("Enough.");
    expect(ended.length).toBeGreaterThanOrEqual(3);
    const before = await sweep.outcomes();
    await schedule(sweep, { capacity: 2, start: async (task) => outcomeOf(task) });
    expect(await sweep.outcomes()).toHaveLength(5);
    expect(before.length).toBeLessThan(5);
  });
});
