import type { Runner } from "../../sweeps/runner.js";
import type { SweepFolder } from "../../sweeps/sweep-folder.js";
import { wholeNumber } from "../options/shared.js";
import { print, printJson, UsageError } from "../process.js";

export interface SlurmArguments {
  readonly "no-wait"?: boolean;
  /** For sbatch. */
  readonly "--"?: readonly string[];
  readonly json?: boolean;
  readonly jobs?: unknown;
  readonly threads?: unknown;
}

/**
 * The runner of `--slurm`, which shows what it submits.
 *
 * @throws UsageError when an option does not go with it; MissingDependencyError where there is no Slurm.
 */
export async function slurmRunnerOf({ jobs, threads, json, ...args }: SlurmArguments): Promise<Runner> {
  if (threads !== undefined) {
    throw new UsageError(
      "Expected no --threads with --slurm, where a trial has as many as Slurm gives it processors; say -- --cpus-per-task=N.",
    );
  }
  const { slurmRunner } = await import("../../sweeps/runners/slurm.js");
  const { requireSlurm } = await import("../../sweeps/runners/slurm/client.js");
  await requireSlurm(); // Before anything is made of a sweep that nobody would train.
  let shown: string | undefined;
  return slurmRunner({
    ...(args["--"] === undefined ? {} : { options: args["--"] }),
    ...(jobs === undefined ? {} : { jobs: wholeNumber("jobs", jobs, 1) }),
    wait: args["no-wait"] !== true,
    onSubmit({ path, script, isNew, command }) {
      if (json) return;
      if (shown !== script)
        print(isNew ? `The batch script, ${path}:\n\n${script}` : `The batch script is ${path}.`);
      shown = script;
      print(command);
    },
  });
}

/** What to do after `--no-wait`. */
export async function tellSubmitted(sweep: SweepFolder, json: boolean): Promise<void> {
  const { farewell } = await import("../../sweeps/runners/slurm.js");
  const { readJobs } = await import("../../sweeps/runners/slurm/jobs.js");
  const jobs = (await readJobs(sweep))?.jobs ?? [];
  if (json) printJson({ directory: sweep.directory, jobs });
  else
    print(
      farewell(
        sweep,
        jobs.map(({ id }) => id),
      ),
    );
}
