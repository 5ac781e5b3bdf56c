import { existsSync, statSync } from "node:fs";
import { mkdir, mkdtemp, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { asOutputError } from "../system/system-error.js";
import type { EpochMetrics } from "../training/history.js";

/** What a run leaves in its folder. */
export const CONFIG_FILE = "config.json";
export const METRICS_FILE = "metrics.jsonl";
export const SUMMARY_FILE = "summary.json";
export const MODEL_FILE = "model.safetensors";

const METRIC_NAMES: readonly (keyof EpochMetrics)[] = [
  "epoch",
  "trainLoss",
  "trainAccuracy",
  "validLoss",
  "validAccuracy",
  "seconds",
];

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

/**
 * Writes a file under a temporary name and renames it, so that `path` holds its old content or the new, never a part.
 *
 * @throws OutputError when the file cannot be written; what was there before is kept.
 */
export async function writeFileAtomically(path: string, data: string | Uint8Array): Promise<void> {
  try {
    // The data are written from the callback, because write-file-atomic itself makes a single call to write() and does not
    // notice when a disk that fills up takes only a part.
    await writeFileAtomic(path, "", { tmpfileCreated: (temporary) => writeFile(temporary, data) });
  } catch (error) {
    throw asOutputError(error, path);
  }
}

/** Writes a value as JSON, atomically. NaN and the infinities become `null`. Throws as {@link writeFileAtomically} does. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Writes one line of JSON for each epoch, atomically. Throws as {@link writeFileAtomically} does. */
export async function writeMetrics(path: string, epochs: readonly EpochMetrics[]): Promise<void> {
  const lines = epochs.map((epoch) => `${JSON.stringify(epoch, [...METRIC_NAMES])}\n`);
  await writeFileAtomically(path, lines.join(""));
}

/** As `mkdir` with `recursive`, which never returns where a file system answers ENOENT for good, as Linux's /proc does. */
async function makeFolders(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code === "ENOENT" && parent !== path && !existsSync(parent)) {
      await makeFolders(parent);
      await mkdir(path);
    } else if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      throw error;
    }
  }
}
