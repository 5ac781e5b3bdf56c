import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SweepError } from "../errors.js";
import { isCount, isObject } from "../runs/json-values.js";
import { writeJson } from "../system/files.js";
import { asFileAccessError } from "../system/system-error.js";
import type { SweepFolder } from "./sweep-folder.js";
import type { Outcome, Task } from "./trial.js";
import { startTrialProcess, type TrialProcess, type TrialProcessOptions } from "./trial-process.js";

/** How often the process of a task may die before the trial is given up. */
const MOST_TRIES = 3;
/** Milliseconds that a process has for its checkpoint when it is asked to end. */
const GRACE = 30_000;

export interface RunTaskOptions extends TrialProcessOptions {
  /** Ends the process, which keeps its checkpoint: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Whether the process is killed, for a reason of the signal's, because somebody else may have the trial by now. Default: never. */
  readonly isKilled?: ((reason: unknown) => boolean) | undefined;
  /** Told of a process that died, and is tried again. */
  readonly onNotice?: ((line: string) => void) | undefined;
}

/**
 * Brings a task to its outcome in a process of its own. One that dies is tried again from its checkpoint, three times in all, also over
 * several calls: the count is kept in the trial's folder. Then the trial is recorded as failed.
 *
 * @throws SweepError when the process can record nothing for a reason that is not the trial's own, such as a full disk.
 */
export async function runTask(
  sweep: SweepFolder,
  task: Task,
  options: RunTaskOptions = {},
): Promise<Outcome> {
  const { signal, isKilled, onNotice, ...ofProcess } = options;
  const start = performance.now();
  for (;;) {
    signal?.throwIfAborted();
    const end = await endOf(await startTrialProcess(sweep, task, ofProcess), { signal, isKilled });
    if (end.kind === "outcome") return end.outcome;
    if (end.kind === "interrupted") {
      signal?.throwIfAborted();
      continue;
    }
    if (end.kind === "stuck") throw new SweepError(`Trial ${task.trial} cannot go on: ${end.reason}`);
    const tries = await countTry(sweep, task);
    if (tries >= MOST_TRIES) {
      const seconds = (performance.now() - start) / 1000;
      return sweep.record(givenUp(sweep, task, end.reason, seconds));
    }
    onNotice?.(`Trial ${task.trial}: ${end.reason}; it is tried again (${tries + 1} of ${MOST_TRIES}).`);
  }
}

async function endOf(
  process: TrialProcess,
  { signal, isKilled }: Pick<RunTaskOptions, "signal" | "isKilled">,
) {
  let timer: NodeJS.Timeout | undefined;
  const interrupt = () => {
    if (isKilled?.(signal?.reason)) return process.kill();
    process.interrupt();
    timer = setTimeout(process.kill, GRACE);
  };
  if (signal?.aborted) interrupt();
  signal?.addEventListener("abort", interrupt, { once: true });
  try {
    return await process.ended;
  } finally {
    signal?.removeEventListener("abort", interrupt);
    clearTimeout(timer);
  }
}

function givenUp({ plan }: SweepFolder, { trial, rung }: Task, reason: string, seconds: number): Outcome {
  return {
    trial,
    rung,
    state: "failed",
    epochs: plan.rungs[rung - 1]?.epochs ?? 0,
    value: null,
    figures: {},
    reason: `It was given up after ${MOST_TRIES} tries: ${reason}`,
    seconds,
  };
}

/** Counts a death of a task's process. @returns How many there were. */
async function countTry(sweep: SweepFolder, { trial, rung }: Task): Promise<number> {
  const path = join(sweep.trialFolder(trial), `tries-${rung}.json`);
  const tries = (await readTries(path)) + 1;
  await writeJson(path, { tries });
  return tries;
}

async function readTries(path: string): Promise<number> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return isObject(value) && isCount(value.tries) ? value.tries : 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || error instanceof SyntaxError) return 0;
    throw asFileAccessError(error, path);
  }
}
