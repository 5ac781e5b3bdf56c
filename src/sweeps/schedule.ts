import { setMaxListeners } from "node:events";
import { nextTasks } from "./asha.js";
import { tasksOfRung } from "./halving.js";
import type { RunOptions } from "./runner.js";
import type { SweepFolder } from "./sweep-folder.js";
import type { Outcome, Task } from "./trial.js";

/** Of a sweep what its schedule needs: a plan, and where outcomes are kept. */
export type ScheduledSweep = Pick<SweepFolder, "plan" | "outcomes" | "record" | "writeResults">;

export interface ScheduleOptions extends RunOptions {
  /** How many tasks may run at the same time. */
  readonly capacity: number;
  /**
   * Runs a task.
   *
   * @param signal When it is aborted, what runs is to end, and to keep what it needs to go on.
   */
  start(task: Task, signal: AbortSignal): Promise<Outcome>;
}

/**
 * Brings all tasks of a sweep to their outcomes, for runners that take them one by one: those that are due, as the plan has them, and of
 * which there is no outcome yet. Each outcome is recorded before anything follows from it.
 *
 * @throws What `start` throws, or the signal's reason, when all that ran has ended.
 */
export async function schedule(sweep: ScheduledSweep, options: ScheduleOptions): Promise<void> {
  const { capacity, start, signal, onStart, onOutcome } = options;
  const arrived = [...(await sweep.outcomes())];
  const running = new Map<Task, Promise<void>>();
  const ending = new AbortController();
  setMaxListeners(0, ending.signal); // Each task that runs listens, and there may be many: it is no leak.
  const end = (reason: unknown) => ending.abort(reason);
  const interrupt = () => end(signal?.reason);
  if (signal?.aborted) interrupt();
  signal?.addEventListener("abort", interrupt, { once: true });

  const run = async (task: Task) => {
    try {
      onStart?.(task);
      const outcome = await sweep.record(await start(task, ending.signal));
      arrived.push(outcome);
      onOutcome?.(outcome);
    } catch (error) {
      end(error); // The first one is the one to tell of.
    } finally {
      running.delete(task);
    }
  };

  try {
    while (!ending.signal.aborted) {
      const due = dueTasks(sweep, arrived, [...running.keys()]);
      for (const task of due.slice(0, capacity - running.size)) running.set(task, run(task));
      if (running.size === 0) break;
      await Promise.race(running.values());
    }
    await Promise.all(running.values());
  } finally {
    signal?.removeEventListener("abort", interrupt);
    await sweep.writeResults();
  }
  ending.signal.throwIfAborted();
}

/** What may start now, what is most urgent first. */
export function dueTasks(
  { plan }: Pick<SweepFolder, "plan">,
  arrived: readonly Outcome[],
  running: readonly Task[],
): readonly Task[] {
  if (plan.isAsynchronous) return nextTasks(plan, arrived, running);
  const ended = keysOf(arrived);
  for (const rung of plan.rungs.keys()) {
    const open = tasksOfRung(plan, rung, arrived).filter((task) => !ended.has(keyOf(task)));
    if (open.length === 0) continue;
    const begun = keysOf(running);
    return open.filter((task) => !begun.has(keyOf(task)));
  }
  return [];
}

const keyOf = ({ trial, rung }: Pick<Task, "trial" | "rung">) => `${trial}/${rung}`;

const keysOf = (tasks: readonly Pick<Task, "trial" | "rung">[]) => new Set(tasks.map(keyOf));
