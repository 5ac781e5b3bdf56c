import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { LOCK_FILE, METRICS_FILE } from "../runs/run-folder.js";
import { holderOfProcessLock, type LockHolder } from "../system/process-lock.js";
import { asFileAccessError } from "../system/system-error.js";
import { taskOf } from "./halving.js";
import type { Plan } from "./plan.js";
import { lastOutcomes } from "./results.js";
import { dueTasks } from "./schedule.js";
import type { SweepFolder } from "./sweep-folder.js";
import type { Outcome, Task } from "./trial.js";

/** How a sweep stands. */
export interface SweepStatus {
  /**
   * `new`: no trial has begun. `running`: a process, of whatever machine, trains a trial or brings trials on their way; of another machine's
   * that was killed, it takes a minute until that is known. `finished`: all that is to be trained has been. `stopped`: none of these.
   */
  readonly state: "new" | "running" | "stopped" | "finished";
  /** The process that brings trials on their way; `null` where none does. */
  readonly coordinator: LockHolder | null;
  readonly rungs: readonly RungStatus[];
  /** Trials that have begun a task and not ended it, by number. */
  readonly begun: readonly BegunTask[];
  /** Tasks that are not done yet; under halving, as far as it is known which there will be. */
  readonly tasksLeft: number;
  /** Epochs that are not done yet, by the same count. */
  readonly epochsLeft: number;
  /** About how long these take with as many trials at a time as train now; `null` where no trial does, or none has ended yet. */
  readonly secondsLeft: number | null;
  /** About how long they take one after the other; `null` where no trial has ended yet. */
  readonly trainingSecondsLeft: number | null;
}

export interface RungStatus {
  readonly epochs: number;
  /** How many trials come to it at the most. */
  readonly trials: number;
  readonly trained: number;
  readonly diverged: number;
  readonly failed: number;
  /** Begun, and not ended. */
  readonly begun: number;
}

export interface BegunTask extends Task {
  /** How many epochs its metrics tell of. */
  readonly done: number;
  /** The process that trains it; `null` where none does. */
  readonly process: LockHolder | null;
  /** Seconds since its metrics were written; `null` where there are none yet. */
  readonly quiet: number | null;
}

/** How a sweep stands, by its folder alone: also while it runs, on whatever machine. Nothing is written. */
export async function sweepStatus(sweep: SweepFolder, outcomes: readonly Outcome[]): Promise<SweepStatus> {
  const { plan } = sweep;
  const begun = await begunTasks(sweep, outcomes);
  const coordinator = holderOfProcessLock(join(sweep.directory, LOCK_FILE)) ?? null;
  const due = dueTasks(sweep, outcomes, begun);
  const running = begun.filter(isRunning);
  const open = begun.length + due.length;
  const later = laterTasks(plan, outcomes, [...begun, ...due]);
  const epochsLeft =
    begun.reduce((sum, { epochs, done }) => sum + Math.max(0, epochs - done), 0) +
    due.reduce((sum, task) => sum + epochsOf(plan, task), 0) +
    later.epochs;
  const rate = secondsPerEpoch(plan, outcomes);
  const trainingSecondsLeft = rate === null ? null : rate * epochsLeft;
  return {
    state:
      coordinator !== null || running.length > 0
        ? "running"
        : open === 0
          ? "finished"
          : outcomes.length + begun.length === 0
            ? "new"
            : "stopped",
    coordinator,
    rungs: plan.rungs.map((rung, k) => {
      const here = outcomes.filter((outcome) => outcome.rung === k);
      const count = (state: Outcome["state"]) => here.filter((outcome) => outcome.state === state).length;
      return {
        ...rung,
        trained: count("trained"),
        diverged: count("diverged"),
        failed: count("failed"),
        begun: begun.filter((task) => task.rung === k).length,
      };
    }),
    begun,
    tasksLeft: open + later.tasks,
    epochsLeft,
    secondsLeft:
      trainingSecondsLeft === null || running.length === 0 ? null : trainingSecondsLeft / running.length,
    trainingSecondsLeft,
  };
}

/** Whether a task is trained now. */
export function isRunning({ process }: BegunTask): boolean {
  return process !== null;
}

/**
 * Those whose run has written something beyond the last outcome of its trial, or has begun to: of a process that was killed in its first
 * epoch there is its folder, or its lock.
 */
async function begunTasks(sweep: SweepFolder, outcomes: readonly Outcome[]): Promise<readonly BegunTask[]> {
  const { plan } = sweep;
  const had = lastOutcomes(outcomes);
  const looks = plan.trials.map(async ({ number }): Promise<BegunTask | null> => {
    const last = had.get(number);
    const rung = last === undefined ? 0 : last.rung + 1;
    if (rung >= plan.rungs.length || (last !== undefined && last.state !== "trained")) return null;
    const folder = sweep.trialFolder(number);
    const process = holderOfProcessLock(join(folder, LOCK_FILE)) ?? null;
    const { epochs: done, quiet } = await metricsOf(join(folder, METRICS_FILE));
    const isBegun =
      process !== null ||
      done > (last?.epochs ?? 0) ||
      existsSync(last === undefined ? folder : join(folder, LOCK_FILE));
    return isBegun ? { ...taskOf(plan, number, rung), done, process, quiet } : null;
  });
  return (await Promise.all(looks)).filter((task) => task !== null);
}

/** How many epochs a run tells of, and how long ago it did. */
async function metricsOf(path: string): Promise<{ readonly epochs: number; readonly quiet: number | null }> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    const epochs = text.split("\n").filter((line) => line !== "").length;
    return { epochs, quiet: Math.max(0, (Date.now() - mtimeMs) / 1000) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { epochs: 0, quiet: null };
    throw asFileAccessError(error, path);
  }
}

/** Epochs that a task adds to those of the rung before. */
function epochsOf(plan: Plan, { rung, epochs }: Task): number {
  return Math.max(0, epochs - (plan.rungs[rung - 1]?.epochs ?? 0));
}

/** Tasks of rungs of which it is not known yet which trials come to them: as many as can. */
function laterTasks(
  plan: Plan,
  outcomes: readonly Outcome[],
  open: readonly Task[],
): { readonly tasks: number; readonly epochs: number } {
  // Of a rung that all trials have come to that ever will, none is missing, though fewer may have come than could.
  const first = plan.isAsynchronous ? 1 : 1 + Math.min(...open.map(({ rung }) => rung));
  let [tasks, epochs] = [0, 0];
  for (const [rung, { trials, epochs: end }] of plan.rungs.entries()) {
    if (open.length === 0 || rung < first) continue;
    const known = [...outcomes, ...open].filter((task) => task.rung === rung).length;
    const missing = Math.max(0, trials - known);
    tasks += missing;
    epochs += missing * (end - (plan.rungs[rung - 1]?.epochs ?? 0));
  }
  return { tasks, epochs };
}

/** The mean over all tasks that were trained. */
function secondsPerEpoch(plan: Plan, outcomes: readonly Outcome[]): number | null {
  const tasks = outcomes.filter(({ state }) => state === "trained");
  const seconds = tasks.reduce((sum, outcome) => sum + outcome.seconds, 0);
  const epochs = tasks.reduce(
    (sum, { rung, epochs }) => sum + Math.max(0, epochs - (plan.rungs[rung - 1]?.epochs ?? 0)),
    0,
  );
  return epochs === 0 ? null : seconds / epochs;
}
