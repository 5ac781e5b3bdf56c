import { tasksOfRung } from "../../halving.js";
import type { Plan } from "../../plan.js";
import type { Outcome, Task } from "../../trial.js";

/** The task of a rung's array that has this number, which waits in the queue or runs. */
export interface QueuedIndex {
  /** The array's id. */
  readonly job: string;
  readonly rung: number;
  /** The task is `tasksOfRung(…)[index]`, if there are so many. */
  readonly index: number;
}

/** What is to be done for a rung. */
export interface RungArrays {
  readonly rung: number;
  /** Of tasks to submit. */
  readonly indices: readonly number[];
  /** Arrays in the queue that wait for the wrong ones, and have to go before. */
  readonly replaced: readonly string[];
  /** Arrays of this rung that are in the queue, and stay there. */
  readonly kept: readonly string[];
}

/**
 * What has to be submitted so that every task of a synchronous sweep comes to its outcome: what has none and is not in the queue. Of a rung
 * whose trials are not known yet, that is as many as may come to it, and they have to wait for all of the rung before.
 *
 * @returns A rung each, from the first to the last.
 */
export function arraysOfSweep(
  plan: Plan,
  outcomes: readonly Outcome[],
  queued: readonly QueuedIndex[],
): readonly RungArrays[] {
  const hasOutcome = lookUp(outcomes);
  const arrays: RungArrays[] = [];
  let isKnown = true; // Who comes to the rung.
  let isNew: boolean = false; // Whether anything is submitted for a rung before, for which jobs in the queue do not wait.
  for (const [rung, { trials }] of plan.rungs.entries()) {
    const mine = queued.filter((task) => task.rung === rung);
    const jobs = [...new Set(mine.map(({ job }) => job))];
    const isQueued = new Set(mine.map(({ index }) => index));
    const all = Array.from({ length: trials }, (_, index) => index);
    const open: readonly number[] = isKnown
      ? openIndices(tasksOfRung(plan, rung, outcomes), hasOutcome)
      : all;
    const missing: readonly number[] = open.filter((index) => !isQueued.has(index));
    // Those that wait may begin too early when they have more to wait for.
    const isReplaced: boolean = !isKnown && (isNew || missing.length > 0) && mine.length > 0;
    arrays.push({
      rung,
      indices: isReplaced ? all : missing,
      replaced: isReplaced ? jobs : [],
      kept: isReplaced ? [] : jobs,
    });
    isKnown &&= open.length === 0;
    isNew ||= missing.length > 0 || isReplaced;
  }
  return arrays;
}

/** The first rung of which a task has no outcome; `undefined` when the sweep has ended. */
export function firstOpenRung(plan: Plan, outcomes: readonly Outcome[]): number | undefined {
  const hasOutcome = lookUp(outcomes);
  return [...plan.rungs.keys()].find((rung) => !tasksOfRung(plan, rung, outcomes).every(hasOutcome));
}

/** A part of a rung's tasks that one array can have. */
export interface ArrayPart {
  /** Added to each number of the array, it is the task's index. */
  readonly offset: number;
  /** As `--array` takes them: `0-3,7`. */
  readonly numbers: string;
}

/** Cuts what is larger than a cluster's arrays may be. @param size Numbers of an array are below it. */
export function arrayParts(indices: readonly number[], size: number): readonly ArrayPart[] {
  const parts = new Map<number, number[]>();
  for (const index of indices) {
    const offset = index - (index % size);
    const part = parts.get(offset) ?? [];
    part.push(index - offset);
    parts.set(offset, part);
  }
  return [...parts].map(([offset, numbers]) => ({ offset, numbers: ranges(numbers) }));
}

/** @param numbers Ascending. */
function ranges(numbers: readonly number[]): string {
  const found: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const range = found.at(-1);
    if (range !== undefined && range.last === number - 1) range.last = number;
    else found.push({ first: number, last: number });
  }
  return found.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
}

type HasOutcome = (task: Pick<Task, "trial" | "rung">) => boolean;

function lookUp(outcomes: readonly Outcome[]): HasOutcome {
  const known = new Set(outcomes.map(({ trial, rung }) => `${trial}/${rung}`));
  return ({ trial, rung }) => known.has(`${trial}/${rung}`);
}

function openIndices(tasks: readonly Task[], hasOutcome: HasOutcome): readonly number[] {
  return tasks.flatMap((task, index) => (hasOutcome(task) ? [] : [index]));
}
