import {
  BackendUnavailableError,
  MissingDependencyError,
  MnistNativeError,
  OutOfMemoryError,
  OutputError,
  ResumeError,
  SweepError,
} from "../../errors.js";
import { taskOf } from "../../sweeps/halving.js";
import { outcomeOfDivergence, outcomeOfFailure, outcomeOfRun } from "../../sweeps/run-outcome.js";
import { openSweepFolder, type SweepFolder } from "../../sweeps/sweep-folder.js";
import type { Outcome, Task } from "../../sweeps/trial.js";
import { EXIT_CANNOT_GO_ON } from "../../sweeps/trial-process.js";
import { TrainingDivergedError } from "../../training/divergence.js";
import { interruptionOf, reportError, UsageError } from "../process.js";
import { takeTrialFolder } from "./take-trial-folder.js";
import { DATA_SETTINGS, DataError, trainTrial } from "./train-trial.js";
import { trialSignal } from "./trial-signal.js";

export interface TrialOptions {
  /** The sweep's. */
  readonly folder: string;
  readonly trial: number;
  readonly rung: number;
  /** As the command line has them; `undefined`: those of the sweep's configuration. */
  readonly threads: string | undefined;
  readonly verbose: boolean;
}

/**
 * Brings a task to its outcome, which it records in the sweep's folder. The exit code is 0 where there is one; 130 or 143 where it was asked
 * to end, and has kept a checkpoint; and {@link EXIT_CANNOT_GO_ON} where every other trial would meet the same.
 *
 * @throws What is unexpected: the process ends with exit code 1, and may be tried again.
 */
export async function runTrial(options: TrialOptions): Promise<void> {
  const ending = trialSignal();
  try {
    const sweep = await openSweepFolder(options.folder);
    const task = findTask(sweep, options);
    if ((await sweep.outcomeOf(task)) !== undefined) return;
    const outcome = await bringToOutcome(sweep, task, options.threads, ending);
    if (outcome === undefined) return; // Interrupted: the exit code is set.
    await sweep.record(outcome);
    process.exitCode = 0; // It may have been interrupted when there was nothing left to do.
  } catch (error) {
    const interruption = interruptionOf(error);
    if (interruption !== undefined) {
      process.exitCode = interruption.exitCode;
    } else if (isOfNoTrial(error)) {
      reportError(error, options.verbose);
      process.exitCode = EXIT_CANNOT_GO_ON;
    } else {
      throw error;
    }
  } finally {
    ending.release();
  }
}

function findTask({ plan, directory }: SweepFolder, { trial, rung }: TrialOptions): Task {
  const { length } = plan.trials;
  if (trial >= length) {
    throw new UsageError(
      `Expected a trial from 0 to ${length - 1} of the sweep in ${directory} but received ${trial}.`,
    );
  }
  if (rung >= plan.rungs.length) {
    throw new UsageError(
      `Expected a rung from 0 to ${plan.rungs.length - 1} of the sweep in ${directory} but received ${rung}.`,
    );
  }
  return taskOf(plan, trial, rung);
}

/** @returns `undefined` where it was interrupted. */
async function bringToOutcome(
  sweep: SweepFolder,
  task: Task,
  threads: string | undefined,
  ending: ReturnType<typeof trialSignal>,
): Promise<Outcome | undefined> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const directory = sweep.trialFolder(task.trial);
  const folder = await takeTrialFolder(directory, ending.signal);
  try {
    // Whoever had the folder may have come to the end meanwhile, or before it was killed.
    const before = (await sweep.outcomeOf(task)) ?? (await outcomeOfRun(directory, task, sweep.plan));
    if (before !== undefined) return before;
    await trainTrial(sweep, task, { folder, threads, ending });
    return await outcomeOfRun(directory, task, sweep.plan);
  } catch (error) {
    if (error instanceof TrainingDivergedError) return outcomeOfDivergence(task, error, seconds());
    if (isOfSettings(error, sweep)) return outcomeOfFailure(task, unwrapped(error), seconds());
    throw error;
  } finally {
    folder.release();
  }
}

/** Errors that say something about the machine or the folder, and nothing about a trial's settings. */
const OF_NO_TRIAL = [
  OutputError,
  SweepError,
  ResumeError,
  BackendUnavailableError,
  MissingDependencyError,
  DataError,
] as const;

function isOfNoTrial(error: unknown): boolean {
  return OF_NO_TRIAL.some((kind) => error instanceof kind);
}

/** Whether an error is what the settings of a trial lead to, and a result: as of a network that cannot be. */
function isOfSettings(error: unknown, { plan }: SweepFolder): error is Error {
  if (error instanceof UsageError) return true;
  // Where all trials have the same data, none of them can have them.
  if (error instanceof DataError) return plan.varied.some((path) => DATA_SETTINGS.includes(path));
  if (!(error instanceof MnistNativeError) || error instanceof OutOfMemoryError) return false;
  return !isOfNoTrial(error);
}

function unwrapped(error: Error): Error {
  return error instanceof DataError && error.cause instanceof Error ? error.cause : error;
}
