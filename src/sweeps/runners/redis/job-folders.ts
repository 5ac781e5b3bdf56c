import { existsSync } from "node:fs";
import { join } from "node:path";
import { SweepError } from "../../../errors.js";
import { createSweepFolder, openSweepFolder, SWEEP_FILE, type SweepFolder } from "../../sweep-folder.js";
import type { Place, TrialJob } from "./job.js";

/** Data of a worker's own, by the settings that name them. */
export type WorkerData = Readonly<Partial<Record<Exclude<Place, "from">, string>>>;

/** Why a worker leaves the jobs of a sweep to others: a sentence for a person. */
export class NotHereError extends Error {
  /** Its id. */
  readonly sweep: string;

  constructor(message: string, sweep: string) {
    super(message);
    this.sweep = sweep;
  }
}

/** Where the trials of jobs are kept. */
export interface JobFolders {
  /**
   * The folder of the sweep that a job is of.
   *
   * @throws NotHereError when this worker cannot run its trials, and another one may.
   */
  of(job: TrialJob): Promise<SweepFolder>;
}

/**
 * Opens the folder of a worker: that of a sweep, which its coordinator and all workers share, or one for sweeps, each in a folder of its own
 * that is named by the sweep's id.
 *
 * @param data Of trials whose folder is made here. A shared folder's sweep.json names its own.
 */
export function openJobFolders(folder: string, data: WorkerData = {}): JobFolders {
  let shared: SweepFolder | undefined;
  const open = new Map<string, Promise<SweepFolder>>();
  return {
    async of(job) {
      // The sweep may have begun after its worker.
      if (shared === undefined && existsSync(join(folder, SWEEP_FILE)))
        shared = await openSweepFolder(folder);
      if (shared !== undefined) {
        if (job.id === shared.id) return shared;
        throw new NotHereError(
          `${folder} is the folder of another sweep than ${job.id}, whose trials are left to other workers.`,
          job.id,
        );
      }
      const opening = open.get(job.id) ?? folderOfSweep(join(folder, job.id), job, data);
      open.set(job.id, opening);
      try {
        return await opening;
      } catch (error) {
        open.delete(job.id); // The next one may find another state of things.
        throw error;
      }
    },
  };
}

async function folderOfSweep(directory: string, job: TrialJob, data: WorkerData): Promise<SweepFolder> {
  const path = join(directory, SWEEP_FILE);
  if (!existsSync(path)) {
    const missing = job.needs.find((name) => name === "from" || data[name] === undefined);
    if (missing !== undefined) throw new NotHereError(withoutPlace(job.id, missing), job.id);
    const config = { ...job.config, train: { ...job.config.train, ...placesFor(job, data) } };
    try {
      return await createSweepFolder(directory, config, { id: job.id });
    } catch (error) {
      if (!existsSync(path)) throw error; // Else another worker was quicker.
    }
  }
  const sweep = await openSweepFolder(directory);
  if (sweep.id !== job.id) {
    throw new SweepError(`${path} is of another sweep than its folder's name says; name another folder.`);
  }
  return sweep;
}

/** Only what the sweep has asked for: one on digits that are drawn reads no files because its worker has some. */
function placesFor(job: TrialJob, data: WorkerData): WorkerData {
  const { dataset } = job.config.train;
  const takesFolder = job.needs.includes("dataDir") || (job.needs.length === 0 && dataset !== "synthetic");
  const entries = Object.entries(data).filter(([name]) =>
    name === "dataDir" ? takesFolder : job.needs.some((needed) => needed === name),
  );
  return Object.fromEntries(entries);
}

function withoutPlace(id: string, missing: Place): string {
  if (missing === "from") {
    return `Trials of sweep ${id} go on from a model, which only a folder that is shared has; they are left to other workers.`;
  }
  const option = missing.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `Trials of sweep ${id} learn from data that this worker has not been given, so that they are left to others; name the data by --${option}.`;
}
