import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isObject } from "../../runs/json-values.js";
import { BY_ENVIRONMENT, hasCredentials } from "../../sweeps/runners/redis/address.js";
import type { SweepFolder } from "../../sweeps/sweep-folder.js";
import { writeJson } from "../../system/files.js";
import { parseJson } from "../../system/json.js";
import { asFileAccessError } from "../../system/system-error.js";
import type { SweepArguments } from "../options/sweep.js";

/** In a sweep's folder: where its trials ran the last time, so that whoever looks at it can say how it goes on. */
const FILE = "resume.json";

/**
 * The options that have a sweep go on as it was begun. Those for sbatch are kept with its jobs. An address with a password, which is to stand
 * nowhere, is that of the environment.
 */
export function resumeOptions({
  queue,
  slurm,
  jobs,
  threads,
}: Pick<SweepArguments, "queue" | "slurm" | "jobs" | "threads">): readonly string[] {
  return [
    ...(queue === undefined ? [] : ["--queue", hasCredentials(queue) ? BY_ENVIRONMENT : queue]),
    ...(slurm ? ["--slurm"] : []),
    ...(jobs === undefined ? [] : ["--jobs", String(jobs)]),
    ...(threads === undefined ? [] : ["--threads", String(threads)]),
  ];
}

export async function keepResumeOptions(
  { directory }: Pick<SweepFolder, "directory">,
  options: readonly string[],
): Promise<void> {
  await writeJson(join(directory, FILE), { options });
}

/** Those that were kept; none where there are none, as of a sweep that a program runs. */
export async function keptResumeOptions({
  directory,
}: Pick<SweepFolder, "directory">): Promise<readonly string[]> {
  const path = join(directory, FILE);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw asFileAccessError(error, path);
  }
  const value = parseJson(text);
  const options: readonly unknown[] = isObject(value) && Array.isArray(value.options) ? value.options : [];
  return options.filter((option) => typeof option === "string");
}
