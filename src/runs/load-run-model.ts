import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Backend } from "../backend/backend.js";
import { FileAccessError, ModelFormatError } from "../errors.js";
import { type LoadedModel, type LoadModelOptions, loadModel } from "../training/model-file.js";
import { importFirst } from "./import-origin.js";
import { knownColumns } from "./recorded-data.js";
import { MODEL_FILE, previousModelClause } from "./run-folder.js";

/** What is said of safetensors of another program: PyTorch writes numbers of types that no model here has. */
const OF_OTHERS =
  /not a model of this program: its metadata|has the type \S*F16\S*, and F32 or F64 was expected/;
const IN_ANOTHER_FORM = /is not a safetensors file/;

/** Whether a file could not be read because another program has written it, in the form of our models. */
export function isOfAnotherProgram(error: unknown): error is ModelFormatError {
  return error instanceof ModelFormatError && OF_OTHERS.test(error.message);
}

/**
 * As `loadModel`, for a model that may be a run's. The message names what there is instead: the file in a run's folder, where that was
 * named; where there is none, because the run was ended while it replaced another, the file that has the other's; and how another
 * program's network becomes a model here.
 */
export async function loadRunModel(path: string, options: LoadModelOptions = {}): Promise<LoadedModel> {
  try {
    return await loadModel(path, options);
  } catch (error) {
    const isInAnotherForm = error instanceof ModelFormatError && IN_ANOTHER_FORM.test(error.message);
    if (isInAnotherForm || isOfAnotherProgram(error)) {
      throw new ModelFormatError(`${error.message.replace(/\.$/, "")}; ${importFirst(path)}.`, {
        cause: error,
      });
    }
    const own = join(path, MODEL_FILE);
    if (error instanceof FileAccessError && existsSync(own)) {
      throw new FileAccessError(`${path} is the folder of a run; name the model in it, ${own}.`, {
        cause: error,
      });
    }
    const isMissing =
      error instanceof FileAccessError && (error.cause as NodeJS.ErrnoException)?.code === "ENOENT";
    const previous =
      isMissing && basename(path) === MODEL_FILE ? previousModelClause(dirname(path)) : undefined;
    if (previous === undefined) throw error;
    throw new FileAccessError(`There is no model ${path} yet; ${previous}.`, { cause: error });
  }
}

/** The network that a training begins with, what it knows of a table's columns, and all that its file says. */
export async function loadStartNetwork(path: string, backend: Backend) {
  const { network, metadata } = await loadRunModel(path, { backend });
  return { network, columns: knownColumns(metadata), metadata };
}
