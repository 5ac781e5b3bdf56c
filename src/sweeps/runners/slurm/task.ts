import { setTimeout as wait } from "node:timers/promises";
import { SweepError } from "../../../errors.js";
import { tasksOfRung } from "../../halving.js";
import { resumeCommand } from "../../resume-command.js";
import { runTask } from "../../run-task.js";
import type { SweepFolder } from "../../sweep-folder.js";
import type { Outcome } from "../../trial.js";
import { firstOpenRung } from "./arrays.js";

export interface SlurmTaskOptions {
  readonly rung: number;
  /** The task is this one of the rung's. */
  readonly index: number;
  readonly threads?: number | undefined;
  /** Ends the trial, which keeps a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  readonly onNotice?: ((line: string) => void) | undefined;
  /**
   * Seconds to wait for outcomes of the rung before. Default: 90, as folders of other machines may show what is new a minute later (`acdirmax`
   * of NFS).
   */
  readonly patience?: number | undefined;
}

/**
 * Runs the task that a job of an array is for, and writes the sweep's results when it was the last one.
 *
 * @returns `undefined` when fewer trials came to the rung.
 * @throws SweepError when the rung before has not ended, or the trial cannot go on; the signal's reason.
 */
export async function runSlurmTask(
  sweep: SweepFolder,
  { rung, index, patience = 90, ...options }: SlurmTaskOptions,
): Promise<Outcome | undefined> {
  const { signal } = options;
  const before = await outcomesBefore(sweep, rung, patience, signal);
  const task = tasksOfRung(sweep.plan, rung, before)[index];
  if (task === undefined) return undefined;
  const isDone = ({ trial, rung }: Outcome) => trial === task.trial && rung === task.rung;
  const outcome = before.find(isDone) ?? (await runTask(sweep, task, options));
  if (firstOpenRung(sweep.plan, await sweep.outcomes()) === undefined) await sweep.writeResults();
  return outcome;
}

async function outcomesBefore(
  sweep: SweepFolder,
  rung: number,
  patience: number,
  signal: AbortSignal | undefined,
): Promise<readonly Outcome[]> {
  const until = performance.now() + 1000 * patience;
  for (;;) {
    const outcomes = await sweep.outcomes();
    const open = firstOpenRung(sweep.plan, outcomes);
    if (open === undefined || open >= rung) return outcomes;
    if (performance.now() >= until) {
      throw new SweepError(
        `Rung ${rung} cannot begin: trials of rung ${open} have no outcome, and their jobs have ended; ${resumeCommand(sweep.directory, ["--slurm"])} submits what is missing.`,
      );
    }
    signal?.throwIfAborted();
    await wait(1000);
  }
}
