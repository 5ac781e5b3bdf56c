import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { OutputError } from "../errors.js";
import { asOutputError } from "../system/system-error.js";
import { CONFIG_FILE } from "./run-folder.js";

// The folder of a cross-validation has a folder for each fold's run, and a summary:
//
//   fold-1/ fold-2/ …        as train --out makes them; fold-01 and so on where there are ten folds or more
//   cross-validation.json    settings of the folds, each fold's scores, and mean and deviation of every score

export const CROSS_VALIDATION_FILE = "cross-validation.json";

const FOLD_FOLDER = /^fold-\d+$/;

/** What the folders of so many folds are called, so that they stand in their order. */
export function foldFolders(count: number): readonly string[] {
  const digits = String(count).length;
  return Array.from({ length: count }, (_, i) => `fold-${String(i + 1).padStart(digits, "0")}`);
}

/**
 * Checks that a folder may take a cross-validation: it is not there yet, or has none, or `force` is given; then the summary that is there
 * goes, and each run when its fold begins.
 *
 * @throws OutputError when it has one, or folds that would be taken for some of the new one.
 */
export async function prepareCrossValidationFolder(
  directory: string,
  folders: readonly string[],
  force: boolean,
): Promise<void> {
  if (!existsSync(directory)) return;
  let names: readonly string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    throw asOutputError(error, directory);
  }
  if (names.includes(CONFIG_FILE)) {
    throw new OutputError(`${directory} holds a run; name another folder for the cross-validation.`);
  }
  const folds = names.filter((name) => FOLD_FOLDER.test(name));
  if (!force && (folds.length > 0 || names.includes(CROSS_VALIDATION_FILE))) {
    throw new OutputError(
      `${directory} holds a cross-validation already; name another folder, or pass --force to replace it.`,
    );
  }
  const other = folds.filter((name) => !folders.includes(name));
  if (other.length > 0) {
    throw new OutputError(
      `${directory} holds ${other.map((name) => join(directory, name)).join(", ")}, which would be taken for folds of this cross-validation; remove them, or name another folder.`,
    );
  }
  try {
    await rm(join(directory, CROSS_VALIDATION_FILE), { force: true });
  } catch (error) {
    throw asOutputError(error, directory);
  }
}
