import { basename, dirname } from "node:path";
import type { Backend } from "../backend/backend.js";
import { FileAccessError } from "../errors.js";
import { type LoadedModel, type LoadModelOptions, loadModel } from "../training/model-file.js";
import { knownColumns } from "./recorded-data.js";
import { MODEL_FILE, previousModelClause } from "./run-folder.js";

/**
 * As `loadModel`, for a model that may be a run's: where there is none, because the run was ended while it replaced another, the
 * message names the file that has the other's.
 */
export async function loadRunModel(path: string, options: LoadModelOptions = {}): Promise<LoadedModel> {
  try {
    return await loadModel(path, options);
  } catch (error) {
    const isMissing =
      error instanceof FileAccessError && (error.cause as NodeJS.ErrnoException)?.code === "ENOENT";
    const previous =
      isMissing && basename(path) === MODEL_FILE ? previousModelClause(dirname(path)) : undefined;
    if (previous === undefined) throw error;
    throw new FileAccessError(`There is no model ${path} yet; ${previous}.`, { cause: error });
  }
}

/** The network that a training begins with, and what it knows of a table's columns. */
export async function loadStartNetwork(path: string, backend: Backend) {
  const { network, metadata } = await loadRunModel(path, { backend });
  return { network, columns: knownColumns(metadata) };
}
