import { existsSync } from "node:fs";
import { mkdtemp, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { makeFolders } from "../system/files.js";
import { asOutputError } from "../system/system-error.js";

/** What a run leaves in its folder. */
export const CONFIG_FILE = "config.json";
/** What the machine and the data were that it was made on. */
export const ENVIRONMENT_FILE = "environment.json";
export const METRICS_FILE = "metrics.jsonl";
export const SUMMARY_FILE = "summary.json";
export const MODEL_FILE = "model.safetensors";
/** The model of a run that is being replaced, until there is a new one. */
export const PREVIOUS_MODEL_FILE = "model.previous.safetensors";
/** Where a run's checkpoints are: `last.safetensors`, to go on from, and `best.safetensors`. */
export const CHECKPOINT_FOLDER = "checkpoints";
/** Held by the process that keeps a run there. */
export const LOCK_FILE = ".lock";

/**
 * Makes the folder of a run, with the folders above it, and checks that files can be made in it. Called before training
 * starts, so that nobody waits for a result that cannot be kept.
 *
 * @throws OutputError when that is not possible.
 */
export async function prepareRunFolder(directory: string): Promise<void> {
  try {
    await makeFolders(directory);
    // Trying is the only check that holds for read-only file systems, access lists and Windows alike.
    await rmdir(await mkdtemp(join(directory, ".check-")));
  } catch (error) {
    throw asOutputError(error, directory);
  }
}

/** Where a run that was to replace another did not come to its end: a clause that names the file with the other's model. */
export function previousModelClause(directory: string): string | undefined {
  const path = join(directory, PREVIOUS_MODEL_FILE);
  return existsSync(path) && !existsSync(join(directory, MODEL_FILE))
    ? `${path} is the model of the run that was being replaced`
    : undefined;
}
