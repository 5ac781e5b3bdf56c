import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Backend } from "../../backend/backend.js";
import { FileAccessError, ModelFormatError } from "../../errors.js";
import { asImportOrigin, ORIGIN } from "../../runs/import-origin.js";
import { parseObject } from "../../runs/json-values.js";
import { fileForFolder } from "../../runs/read-run.js";
import { type HeldRunFolder, takeRunFolder } from "../../runs/record-run.js";
import {
  CHECKPOINT_FOLDER,
  CONFIG_FILE,
  ENVIRONMENT_FILE,
  MODEL_FILE,
  SUMMARY_FILE,
} from "../../runs/run-folder.js";
import { type Checkpoint, loadCheckpoint } from "../../training/checkpoint-file.js";
import { BEST_CHECKPOINT, LAST_CHECKPOINT } from "../../training/checkpoint-names.js";

/** A run that is to go on. */
export interface ResumedRun {
  readonly folder: HeldRunFolder;
  /** `undefined` where the run was killed before its first checkpoint. */
  readonly checkpoint: Checkpoint | undefined;
  /** What its config.json says, with as many epochs as are asked for now. Default: what a new run's would say. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/**
 * Takes the folder of a run that is to go on.
 *
 * @throws FileAccessError when there is no run in it, and OutputError when another process keeps its run there.
 */
export function takeUnfinishedRun(directory: string): HeldRunFolder {
  if (statSync(directory, { throwIfNoEntry: false })?.isFile() === true) throw fileForFolder(directory);
  if (!existsSync(join(directory, CONFIG_FILE))) {
    throw new FileAccessError(
      `${directory} holds no run to go on with: there is no ${CONFIG_FILE}; name a folder that train --out wrote.`,
    );
  }
  const folder = takeRunFolder(directory);
  if (isImported(directory)) {
    folder.release();
    throw new FileAccessError(
      `${directory} holds an imported network, and no training to go on with; train it further by --from ${join(directory, MODEL_FILE)}.`,
    );
  }
  if (!hasCheckpoint(directory) && hasEnded(directory)) {
    folder.release();
    throw new FileAccessError(
      `${directory} holds a run that has ended, and no checkpoint to go on from; make the run again by --config ${join(directory, CONFIG_FILE)}.`,
    );
  }
  return folder;
}

/** The folder of a run that another process has taken, and writes to. */
export function readOnlyFolder(directory: string): HeldRunFolder {
  return { directory, holdsRun: true, isHeld: () => false, retake() {}, release() {} };
}

/**
 * The last checkpoint of a run, where it has one.
 *
 * @throws ModelFormatError when it is damaged, with what else there is to go on from.
 */
export async function lastCheckpoint(directory: string, backend: Backend): Promise<Checkpoint | undefined> {
  if (!hasCheckpoint(directory)) return undefined;
  try {
    return await loadCheckpoint(lastPath(directory), { backend });
  } catch (error) {
    const best = join(directory, CHECKPOINT_FOLDER, BEST_CHECKPOINT);
    if (!(error instanceof ModelFormatError) || !existsSync(best)) throw error;
    throw new ModelFormatError(`${error.message} To go on from an earlier epoch, put ${best} in its place.`, {
      cause: error,
    });
  }
}

/** Whether there is a result, and not of a run that was interrupted before it had begun. */
function hasEnded(directory: string): boolean {
  const path = join(directory, SUMMARY_FILE);
  if (!existsSync(path)) return false;
  const { interrupted, epochs } = parseObject(readFileSync(path, "utf8"), path);
  return interrupted !== true || epochs !== 0;
}

function isImported(directory: string): boolean {
  const path = join(directory, ENVIRONMENT_FILE);
  return (
    existsSync(path) && asImportOrigin(parseObject(readFileSync(path, "utf8"), path)[ORIGIN]) !== undefined
  );
}

function hasCheckpoint(directory: string): boolean {
  return existsSync(lastPath(directory));
}

function lastPath(directory: string): string {
  return join(directory, CHECKPOINT_FOLDER, LAST_CHECKPOINT);
}
