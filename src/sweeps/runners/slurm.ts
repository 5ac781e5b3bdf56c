import { SweepError } from "../../errors.js";
import { expectBoolean, expectFunction, expectThat, expectWholeNumber } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { shellCommand } from "../../system/shell.js";
import type { Plan } from "../plan.js";
import { resumeCommand } from "../resume-command.js";
import type { Runner, RunOptions } from "../runner.js";
import { holdSweep, type SweepFolder } from "../sweep-folder.js";
import { checkSbatchOptions } from "./slurm/options.js";
import { type Submission, type SubmitOptions, submitSweep } from "./slurm/submit.js";
import { watchSweep } from "./slurm/watch.js";

export type { Submission };

export interface SlurmRunnerOptions {
  /** Options for sbatch, such as `["--partition=cpu", "--time=10:00"]`. Default: those that the sweep was submitted with before. */
  readonly options?: readonly string[] | undefined;
  /** How many tasks run at a time, at least 1. Default: as before, at first as many as the cluster has room for. */
  readonly jobs?: number | undefined;
  /** Whether to stay until the sweep has ended. Jobs go on without it. Default: true. */
  readonly wait?: boolean | undefined;
  /** Told of each job before it is submitted. */
  readonly onSubmit?: ((submission: Submission) => void) | undefined;
  /** Seconds between two looks into the sweep's folder. Default: 2. */
  readonly outcomesEvery?: number | undefined;
  /** Seconds between two questions to Slurm. Default: 30. */
  readonly queueEvery?: number | undefined;
}

const OPTIONS: KnownOptions<SlurmRunnerOptions> = {
  options: true,
  jobs: true,
  wait: true,
  onSubmit: true,
  outcomesEvery: true,
  queueEvery: true,
};

/**
 * Runs trials as job arrays of Slurm, which have to see the sweep's folder and this program by the same paths. All rungs are submitted at
 * once, each to begin when the one before has ended.
 *
 * @throws InvalidArgumentError when an option is not one, or out of range.
 */
export function slurmRunner(options: SlurmRunnerOptions = {}): Runner {
  requireKnownOptions("slurmRunner", options, OPTIONS, '{ options: ["--partition=cpu"] }');
  const { wait = true, outcomesEvery = 2, queueEvery = 30, ...submitting } = options;
  checkOptions(options);
  return {
    name: "Slurm",
    check: (plan) => checkSlurmSweep(plan, options.options ?? []),
    async run(sweep, running) {
      checkSlurmSweep(sweep.plan, options.options ?? []);
      const jobs = await submit(sweep, submitting, running);
      if (!wait) return;
      try {
        await watchSweep(sweep, { ...running, outcomesEvery, queueEvery });
      } catch (error) {
        if (running.signal?.aborted) running.onNotice?.(farewell(sweep, jobs));
        throw error;
      } finally {
        await sweep.writeResults();
      }
    },
  };
}

/**
 * Checks what can be before anything is written.
 *
 * @throws SweepError when a sweep cannot be run by Slurm, or when an option is not one for sbatch.
 */
export function checkSlurmSweep(
  { isAsynchronous }: Pick<Plan, "isAsynchronous">,
  options: readonly string[],
): void {
  if (isAsynchronous) {
    throw new SweepError(
      "Asynchronous halving needs a process that decides as outcomes arrive, and jobs of Slurm are submitted all at once; use synchronous halving, or run the sweep on this machine or by a queue.",
    );
  }
  checkSbatchOptions(options);
}

/** How to see, cancel and take up again what goes on. */
export function farewell({ given }: Pick<SweepFolder, "given">, jobs: readonly string[]): string {
  const cancel = jobs.length === 0 ? "" : `; ${shellCommand(["scancel", ...jobs])} cancels them`;
  return `Slurm's jobs go on by themselves: ${shellCommand(["npx", "mnist-native", "sweep", "status", given])} shows them${cancel}, and ${resumeCommand(given, ["--slurm"])} waits for them again.`;
}

/** For whom alone it is known what is in the queue. */
async function submit(
  sweep: SweepFolder,
  options: SubmitOptions,
  { onNotice }: RunOptions,
): Promise<readonly string[]> {
  const release = await holdSweep(sweep, { othersWrite: true });
  try {
    return await submitSweep(sweep, { ...options, onNotice });
  } finally {
    release();
  }
}

function checkOptions({ jobs, wait, onSubmit, options, ...intervals }: SlurmRunnerOptions): void {
  if (jobs !== undefined) expectWholeNumber("jobs", jobs);
  if (wait !== undefined) expectBoolean("wait", wait);
  if (onSubmit !== undefined) expectFunction("onSubmit", onSubmit);
  for (const name of ["outcomesEvery", "queueEvery"] as const) {
    const seconds = intervals[name];
    const isRight = seconds === undefined || (Number.isFinite(seconds) && seconds > 0);
    expectThat(isRight, "seconds above 0", name, seconds);
  }
  const areTexts =
    options === undefined || (Array.isArray(options) && options.every((text) => typeof text === "string"));
  expectThat(areTexts, "a list of texts", "options", options);
}
