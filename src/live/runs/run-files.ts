import { lstat, realpath } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import {
  CHECKPOINT_FOLDER,
  CONFIG_FILE,
  ENVIRONMENT_FILE,
  LOCK_FILE,
  METRICS_FILE,
  MODEL_FILE,
  SUMMARY_FILE,
} from "../../runs/run-folder.js";
import { holderOfProcessLock, type LockHolder } from "../../system/process-lock.js";
import { LAST_CHECKPOINT } from "../../training/checkpoint-names.js";
import type { FoundRun } from "./find-runs.js";

/** How the files of a run stand: what is looked at again and again, and read only where it has changed. */
export interface RunFiles {
  /** Changes with any of the files, and with who keeps the run. */
  readonly stamp: string;
  /** The living process that keeps its run there; `null` where none does. */
  readonly holder: LockHolder | null;
  /** Whether there is something to go on from. */
  readonly hasCheckpoint: boolean;
  readonly model: ModelPlace | null;
  /** A file that is a link to elsewhere, by its name: nothing is read of the run then. */
  readonly outside: string | null;
}

export interface ModelPlace {
  readonly path: string;
  /** Changes with the model. */
  readonly stamp: string;
}

const LAST = join(CHECKPOINT_FOLDER, LAST_CHECKPOINT);
const FILES = [CONFIG_FILE, ENVIRONMENT_FILE, METRICS_FILE, SUMMARY_FILE, MODEL_FILE, LAST];

/** Looks at the files of a run. A file that cannot be looked at is as one that is not there: reading it says why. */
export async function lookAtFiles({ kind, path, root }: FoundRun): Promise<RunFiles> {
  if (kind === "model") {
    const file = await lookAt(path, root);
    const model = file === undefined ? null : { path, stamp: file.stamp };
    return { stamp: file?.stamp ?? "", holder: null, hasCheckpoint: false, model, outside: null };
  }
  const names = [CHECKPOINT_FOLDER, ...FILES];
  const files = new Map<string, Look>();
  for (const name of names) {
    const file = await lookAt(join(path, name), root);
    if (file !== undefined) files.set(name, file);
  }
  const outside = names.find((name) => files.get(name)?.leadsOut === true) ?? null;
  const holder = outside === null ? await holderOf(join(path, LOCK_FILE)) : null;
  const [model, last] = [files.get(MODEL_FILE), files.get(LAST)];
  // Of a run that goes on again, the model is that of its first part.
  const isOvertaken = holder !== null && model !== undefined && last !== undefined && last.time > model.time;
  const name = model === undefined || isOvertaken ? LAST : MODEL_FILE;
  const place = files.get(name);
  return {
    // Of the folder of checkpoints the time alone changes, and often.
    stamp: JSON.stringify([holder, outside, FILES.map((file) => files.get(file)?.stamp ?? null)]),
    holder,
    hasCheckpoint: last !== undefined,
    model: place === undefined || outside !== null ? null : { path: join(path, name), stamp: place.stamp },
    outside,
  };
}

interface Look {
  readonly stamp: string;
  readonly time: number;
  readonly leadsOut: boolean;
}

async function lookAt(path: string, root: string): Promise<Look | undefined> {
  try {
    const stats = await lstat(path);
    const { ino, size, mtimeMs } = stats;
    const leadsOut = stats.isSymbolicLink() && !isWithin(await realpath(path), root);
    return { stamp: `${ino}-${size}-${mtimeMs}`, time: mtimeMs, leadsOut };
  } catch (error) {
    if (isOfSystem(error)) return undefined;
    throw error;
  }
}

function isWithin(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== ".." && !way.startsWith(`..${sep}`);
}

/** More than any lock has. */
const LARGEST_LOCK = 4096;

async function holderOf(path: string): Promise<LockHolder | null> {
  try {
    const stats = await lstat(path);
    // It is read at once, for which everybody would wait where it is a pipe, or large.
    if (!stats.isFile() || stats.size > LARGEST_LOCK) return null;
    return holderOfProcessLock(path) ?? null;
  } catch (error) {
    if (isOfSystem(error)) return null;
    throw error;
  }
}

/** Whether the operating system has refused something. */
function isOfSystem(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).syscall !== undefined;
}
