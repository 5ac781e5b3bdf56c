import { execFile } from "node:child_process";
import { userInfo } from "node:os";
import { MissingDependencyError, SweepError } from "../../../errors.js";

/** What Slurm takes by default: numbers of an array's tasks below this. */
const DEFAULT_MAX_ARRAY_SIZE = 1001;

/** A task of an array that waits in Slurm's queue or runs. */
export interface QueuedTask {
  /** Of the whole array. */
  readonly job: string;
  /** The name of the job. */
  readonly name: string;
  /** `SLURM_ARRAY_TASK_ID`. */
  readonly number: number;
  readonly isRunning: boolean;
}

/** @throws MissingDependencyError where Slurm's commands are not there. */
export async function requireSlurm(): Promise<void> {
  await runSlurm("sbatch", ["--version"]);
}

/**
 * Submits a job.
 *
 * @param options What comes after `sbatch --parsable`.
 * @returns The job's id.
 * @throws SweepError with what sbatch says.
 */
export async function submitJob(options: readonly string[]): Promise<string> {
  const text = await runSlurm("sbatch", ["--parsable", ...options]);
  const [id = ""] = text.trim().split("\n").at(-1)?.split(";") ?? []; // "12", or "12;cluster".
  if (!/^\d+$/.test(id)) {
    throw new SweepError(
      `sbatch was expected to print the id of a job, but printed ${JSON.stringify(text.trim())}; look for the job by squeue.`,
    );
  }
  return id;
}

/**
 * The tasks of arrays that this user has in the queue.
 *
 * @throws SweepError when the controller does not answer.
 */
export async function queuedTasks(): Promise<readonly QueuedTask[]> {
  const text = await runSlurm("squeue", [
    "--noheader",
    "--array",
    `--user=${userInfo().uid}`,
    "--format=%F|%K|%T|%j",
  ]);
  return text.split("\n").flatMap((line) => {
    const [, job, number, state, name] = /^\s*(\d+)\|(\d+)\|(\w+)\|(.*?)\s*$/.exec(line) ?? [];
    if (job === undefined || name === undefined) return [];
    return [{ job, name, number: Number(number), isRunning: state === "RUNNING" }];
  });
}

/** Takes jobs out of the queue, where they are in it. */
export async function cancelJobs(jobs: readonly string[]): Promise<void> {
  if (jobs.length > 0) await runSlurm("scancel", ["--quiet", ...jobs]);
}

/** The cluster's limit: the numbers of an array's tasks are below it. */
export async function maxArraySize(): Promise<number> {
  const config = await runSlurm("scontrol", ["show", "config"]);
  const size = Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(config)?.[1] ?? DEFAULT_MAX_ARRAY_SIZE);
  if (size < 2)
    throw new SweepError("This cluster takes no job arrays (its MaxArraySize is 0), which a sweep needs.");
  return size;
}

function runSlurm(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      { encoding: "utf8", env: environment(), maxBuffer: 1 << 30 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(asSweepError(command, error, stderr));
      },
    );
  });
}

/** Without what would change the form of what the commands print, or of what they list. */
function environment(): NodeJS.ProcessEnv {
  const isKept = ([name]: [string, unknown]) =>
    !/^(SQUEUE|SCANCEL)_|^SLURM_(CLUSTERS|TIME_FORMAT)$/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(isKept));
}

function asSweepError(command: string, error: Error & { code?: unknown }, stderr: string): Error {
  if (error.code === "ENOENT") {
    return new MissingDependencyError(
      `${command} cannot be found: --slurm expects Slurm's commands on this machine; run it where jobs are submitted, such as on the cluster's login node.`,
    );
  }
  const said = stderr.trim().replaceAll(/\s*\n\s*/g, "; ");
  const how = typeof error.code === "number" ? `ended with exit code ${error.code}` : error.message;
  return new SweepError(`${command} ${how}${said === "" ? "" : `: ${said}`}`, { cause: error });
}
