import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { SweepError } from "../../../errors.js";
import { tasksOfRung } from "../../halving.js";
import { resumeCommand } from "../../resume-command.js";
import type { RunOptions } from "../../runner.js";
import type { SweepFolder } from "../../sweep-folder.js";
import type { Outcome, Task } from "../../trial.js";
import { firstOpenRung } from "./arrays.js";
import { type QueuedSweepTask, queuedOfSweep, SLURM_FOLDER } from "./jobs.js";

export interface WatchOptions extends RunOptions {
  /** Seconds between two looks into the sweep's folder. */
  readonly outcomesEvery: number;
  /** Seconds between two questions to Slurm, which all users of a cluster share. */
  readonly queueEvery: number;
}

/**
 * Waits until all tasks have outcomes, and tells of each. It only looks: jobs go on without it.
 *
 * @throws SweepError when tasks without outcomes are in the queue no more: they were cancelled, or have failed; the signal's reason.
 */
export async function watchSweep(sweep: SweepFolder, options: WatchOptions): Promise<void> {
  const { outcomesEvery, queueEvery, signal, onOutcome } = options;
  const known = new Set<string>();
  const started = new Set<string>();
  let nextQuestion = performance.now();
  let timesGone = 0;
  for (;;) {
    // Asked before the folder is read: a task that has left the queue has left its outcome.
    const queued = performance.now() < nextQuestion ? undefined : await askQueue(sweep, options);
    const outcomes = await sweep.outcomes();
    for (const outcome of outcomes) {
      if (isNew(known, outcome)) onOutcome?.(outcome);
    }
    const rung = firstOpenRung(sweep.plan, outcomes);
    if (rung === undefined) return;
    if (queued !== undefined) {
      nextQuestion = performance.now() + 1000 * queueEvery;
      tellOfStarted(tasksOfRung(sweep.plan, rung, outcomes), rung, queued, started, options);
      // Twice in a row: folders of other machines may show what is new a while later.
      timesGone = queued.length > 0 ? 0 : timesGone + 1;
      if (timesGone === 2) throw gone(sweep, rung, outcomes);
    }
    signal?.throwIfAborted();
    await wait(1000 * outcomesEvery, undefined, signal === undefined ? {} : { signal }).catch(() => {});
    signal?.throwIfAborted();
  }
}

/** @returns `undefined` when Slurm does not answer, as while its controller is started again. */
async function askQueue(
  sweep: SweepFolder,
  { onNotice }: WatchOptions,
): Promise<readonly QueuedSweepTask[] | undefined> {
  try {
    return await queuedOfSweep(sweep);
  } catch (error) {
    if (!(error instanceof SweepError)) throw error;
    onNotice?.(`${error.message}; it is asked again.`);
    return undefined;
  }
}

function tellOfStarted(
  tasks: readonly Task[],
  rung: number,
  queued: readonly QueuedSweepTask[],
  started: Set<string>,
  { onStart }: WatchOptions,
): void {
  for (const { rung: its, index, isRunning } of queued) {
    const task = tasks[index];
    if (its === rung && isRunning && task !== undefined && isNew(started, task)) onStart?.(task);
  }
}

function isNew(seen: Set<string>, { trial, rung }: Pick<Task, "trial" | "rung">): boolean {
  const key = `${trial}/${rung}`;
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

function gone({ plan, given }: SweepFolder, rung: number, outcomes: readonly Outcome[]): SweepError {
  const ended = new Set(outcomes.filter((outcome) => outcome.rung === rung).map(({ trial }) => trial));
  const open = tasksOfRung(plan, rung, outcomes).filter(({ trial }) => !ended.has(trial));
  const names = open.slice(0, 5).map(({ trial }) => trial);
  const which = `${open.length === 1 ? "Trial" : "Trials"} ${names.join(", ")}${open.length > 5 ? ", …" : ""}`;
  return new SweepError(
    `${which} ${open.length === 1 ? "has" : "have"} no outcome, and Slurm has no job of the sweep any more: what jobs printed is in ${join(given, SLURM_FOLDER)}; ${resumeCommand(given, ["--slurm"])} submits what is missing.`,
  );
}
