import type { Runner } from "../../sweeps/runner.js";
import { wholeNumber } from "../options/shared.js";
import { UsageError } from "../process.js";
import type { SlurmArguments } from "./slurm-runner-of.js";

// Where the trials of a sweep run, by the options of the command. A kind of runner has a case in `runnerOf`, which loads it at use.

export interface RunnerArguments extends SlurmArguments {
  readonly queue?: string | undefined;
  readonly slurm?: boolean;
}

/**
 * The runner that was asked for.
 *
 * @throws UsageError when an option is out of range, or does not go with the others.
 */
export async function runnerOf({ queue, jobs, threads, ...args }: RunnerArguments): Promise<Runner> {
  if (args.slurm) {
    if (queue !== undefined)
      throw new UsageError("Expected --queue or --slurm but received both; leave one out.");
    const { slurmRunnerOf } = await import("./slurm-runner-of.js");
    return slurmRunnerOf({ jobs, threads, ...args });
  }
  const alien = args["no-wait"] ? "--no-wait" : args["--"] !== undefined ? "options after --" : undefined;
  if (alien !== undefined) {
    throw new UsageError(`Expected no ${alien} without --slurm; add it, or leave ${alien} out.`);
  }
  if (queue !== undefined) {
    const ofWorker = jobs !== undefined ? "jobs" : threads !== undefined ? "threads" : undefined;
    if (ofWorker !== undefined) {
      throw new UsageError(
        `Expected no --${ofWorker} with --queue, because each worker has its own; leave it out.`,
      );
    }
    const { redisRunner, tryQueue } = await import("../../sweeps/runners/redis.js");
    await tryQueue(queue); // Before anything is made of a sweep that nobody would train.
    return redisRunner({ url: queue });
  }
  const { localRunner } = await import("../../sweeps/runners/local.js");
  return localRunner({
    jobs: jobs === undefined ? undefined : wholeNumber("jobs", jobs, 1, 1024),
    threads: threads === undefined ? undefined : wholeNumber("threads", threads, 1, 1024),
  });
}
