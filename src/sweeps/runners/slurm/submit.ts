import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SweepError } from "../../../errors.js";
import { makeFolders, writeFileAtomically } from "../../../system/files.js";
import { BUNDLE_ADVICE, packageRoot } from "../../../system/package-root.js";
import { shellCommand } from "../../../system/shell.js";
import { asFileAccessError } from "../../../system/system-error.js";
import { resumeCommand } from "../../resume-command.js";
import type { SweepFolder } from "../../sweep-folder.js";
import { arrayParts, arraysOfSweep } from "./arrays.js";
import { cancelJobs, maxArraySize, submitJob } from "./client.js";
import { jobName, queuedOfSweep, readJobs, SLURM_FOLDER, type SlurmJob, writeJobs } from "./jobs.js";
import { checkSbatchOptions } from "./options.js";
import { slurmScript } from "./script.js";

const SCRIPT_FILE = "trial.sh";

/** What is shown before a job is submitted. */
export interface Submission {
  /** Where the batch script is. */
  readonly path: string;
  readonly script: string;
  /** Whether it was not there before, as it is when a sweep is submitted again. */
  readonly isNew: boolean;
  /** As it could be typed. */
  readonly command: string;
}

export interface SubmitOptions {
  /** For sbatch. Default: those of the sweep's first submission. */
  readonly options?: readonly string[] | undefined;
  /** How many tasks of an array run at a time. Default: as at the sweep's first submission, else as many as the cluster has room for. */
  readonly jobs?: number | undefined;
  readonly onSubmit?: ((submission: Submission) => void) | undefined;
  readonly onNotice?: ((line: string) => void) | undefined;
}

/**
 * Submits what has no outcome and is not in the queue: an array a rung, each to begin when the one before has ended, so that nobody has to
 * stay until then.
 *
 * @returns The ids of all arrays of the sweep that are in the queue now.
 * @throws SweepError when sbatch refuses; what it took before stays in the queue.
 */
export async function submitSweep(sweep: SweepFolder, options: SubmitOptions): Promise<readonly string[]> {
  const { onSubmit, onNotice } = options;
  const before = await readJobs(sweep);
  const limit = options.jobs ?? before?.limit;
  const sbatchOptions = options.options ?? before?.options ?? [];
  checkSbatchOptions(sbatchOptions);
  const arrays = arraysOfSweep(sweep.plan, await sweep.outcomes(), await queuedOfSweep(sweep));
  const ids = arrays.flatMap(({ kept }) => kept);
  if (arrays.every(({ indices }) => indices.length === 0)) {
    if (ids.length > 0)
      onNotice?.(`All that is open is in Slurm's queue already, as jobs ${ids.join(", ")}.`);
    return ids;
  }

  const folder = join(sweep.directory, SLURM_FOLDER);
  const path = join(folder, SCRIPT_FILE);
  const script = scriptOf(sweep);
  await makeFolders(folder);
  const isNew = (await textOf(path)) !== script;
  await writeFileAtomically(path, script);
  const size = await maxArraySize();
  const jobs: SlurmJob[] = [...(before?.jobs ?? [])];
  let beforeThem: readonly string[] = [];
  for (const { rung, indices, replaced, kept } of arrays) {
    if (replaced.length > 0) {
      onNotice?.(
        `Jobs ${replaced.join(", ")} are cancelled, and submitted anew to wait for all of the rung before.`,
      );
      await cancelJobs(replaced);
    }
    const ofRung = [...kept];
    let last: string | undefined;
    for (const { offset, numbers } of arrayParts(indices, size)) {
      // A limit is one for each array: where a rung has several, each waits for the one before.
      const after = limit !== undefined && last !== undefined ? [...beforeThem, last] : beforeThem;
      const array = limit === undefined ? numbers : `${numbers}%${limit}`;
      const args = [
        ...sbatchOptions,
        `--job-name=${jobName(sweep, rung, offset)}`,
        `--chdir=${sweep.directory}`,
        `--output=${join(asPattern(folder), "%A_%a.out")}`,
        `--array=${array}`,
        ...(after.length === 0 ? [] : [`--dependency=afterany:${after.join(":")}`]),
        path,
        String(rung),
        String(offset),
      ];
      onSubmit?.({ path, script, isNew, command: shellCommand(["sbatch", ...args]) });
      const id = await submitJob(args).catch((error: unknown) => {
        throw withAdvice(error, sweep, sbatchOptions, limit);
      });
      last = id;
      ofRung.push(id);
      ids.push(id);
      jobs.push({ id, rung, offset, array });
      await writeJobs(sweep, { options: sbatchOptions, limit, jobs });
    }
    beforeThem = ofRung;
  }
  return ids;
}

/** What sbatch says, with how to try again: the sweep's folder is there by now, and no second one is made. */
function withAdvice(
  error: unknown,
  { given }: SweepFolder,
  sbatchOptions: readonly string[],
  limit: number | undefined,
): unknown {
  if (!(error instanceof SweepError)) return error;
  const again = [
    "--slurm",
    ...(limit === undefined ? [] : ["--jobs", String(limit)]),
    ...(sbatchOptions.length === 0 ? [] : ["--", ...sbatchOptions]),
  ];
  const said = error.message.replace(/\.$/, "");
  return new SweepError(
    `${said}; when that is mended, or with other options after --, try again: ${resumeCommand(given, again)}`,
    { cause: error },
  );
}

/** `undefined` where there is no such file. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw asFileAccessError(error, path);
  }
}

function scriptOf({ directory }: SweepFolder): string {
  const root = packageRoot();
  if (root === null) {
    throw new SweepError(
      `The command line of mnist-native is not there, so that no trial can be submitted; ${BUNDLE_ADVICE}.`,
    );
  }
  return slurmScript({
    node: process.execPath,
    commandLine: join(root, "dist/cli/main.js"),
    folder: directory,
  });
}

/**
 * A folder in the name of a file that Slurm fills in.
 *
 * @throws SweepError when it has a backslash, which turns that off.
 */
function asPattern(folder: string): string {
  if (folder.includes("\\")) {
    throw new SweepError(
      `Expected a folder without backslashes in its path for what jobs of Slurm print, but received ${folder}; move or rename it.`,
    );
  }
  return folder.replaceAll("%", "%%");
}
