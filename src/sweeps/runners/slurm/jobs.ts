import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SweepError } from "../../../errors.js";
import { isCount, isObject } from "../../../runs/json-values.js";
import { writeJson } from "../../../system/files.js";
import { asFileAccessError } from "../../../system/system-error.js";
import type { SweepFolder } from "../../sweep-folder.js";
import { queuedTasks } from "./client.js";

/** In a sweep's folder: the batch script, what jobs print, and {@link JOBS_FILE}. */
export const SLURM_FOLDER = "slurm";
/** Which jobs were submitted, and how. */
const JOBS_FILE = "jobs.json";
const FORMAT = 1;

/** An array that was submitted. */
export interface SlurmJob {
  readonly id: string;
  readonly rung: number;
  /** Added to a task's number in the array. */
  readonly offset: number;
  /** As `--array` had it. */
  readonly array: string;
}

export interface SlurmJobs {
  /** The options for sbatch, which hold for what is submitted later, too. */
  readonly options: readonly string[];
  /** How many tasks of an array run at a time, which holds likewise; `undefined` for as many as the cluster has room for. */
  readonly limit?: number | undefined;
  /** In the order of their submission. */
  readonly jobs: readonly SlurmJob[];
}

/**
 * What was submitted of a sweep; `undefined` where it never was.
 *
 * @throws SweepError when the file is not as this program writes it.
 */
export async function readJobs({
  directory,
}: Pick<SweepFolder, "directory">): Promise<SlurmJobs | undefined> {
  const path = join(directory, SLURM_FOLDER, JOBS_FILE);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    if (!(error instanceof SyntaxError)) throw asFileAccessError(error, path);
  }
  if (
    !isObject(value) ||
    value.format !== FORMAT ||
    !areTexts(value.options) ||
    !isLimit(value.limit) ||
    !areJobs(value.jobs)
  ) {
    throw new SweepError(
      `${path} is not as this version of mnist-native writes it; remove it, and jobs are found by their names.`,
    );
  }
  return { options: value.options, limit: value.limit, jobs: value.jobs };
}

export async function writeJobs(
  { directory }: Pick<SweepFolder, "directory">,
  jobs: SlurmJobs,
): Promise<void> {
  await writeJson(join(directory, SLURM_FOLDER, JOBS_FILE), { format: FORMAT, ...jobs });
}

function isLimit(value: unknown): value is number | undefined {
  return value === undefined || (isCount(value) && value > 0);
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function areJobs(value: unknown): value is readonly SlurmJob[] {
  const isJob = (job: unknown) =>
    isObject(job) &&
    typeof job.id === "string" &&
    /^\d+$/.test(job.id) &&
    isCount(job.rung) &&
    isCount(job.offset) &&
    typeof job.array === "string";
  return Array.isArray(value) && value.every(isJob);
}

/** A task of a sweep that waits in Slurm's queue or runs. */
export interface QueuedSweepTask {
  readonly job: string;
  readonly rung: number;
  /** The task is `tasksOfRung(…)[index]`, if there are so many. */
  readonly index: number;
  readonly isRunning: boolean;
}

/** What a job is found by, also when this program was killed before it could note the job's id. */
export function jobName({ id }: Pick<SweepFolder, "id">, rung: number, offset: number): string {
  return `sweep.${id}.${rung}.${offset}`;
}

/**
 * What this user has in the queue of a sweep.
 *
 * @throws SweepError when Slurm does not answer.
 */
export async function queuedOfSweep({ id }: Pick<SweepFolder, "id">): Promise<readonly QueuedSweepTask[]> {
  return (await queuedTasks()).flatMap(({ job, name, number, isRunning }) => {
    const [, owner, rung, offset] = /^sweep\.([A-Za-z0-9-]+)\.(\d+)\.(\d+)$/.exec(name) ?? [];
    if (owner !== id) return [];
    return [{ job, rung: Number(rung), index: Number(offset) + number, isRunning }];
  });
}
