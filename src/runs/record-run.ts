import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { OutputError } from "../errors.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { asJson, makeFolders, temporaryNameOf, writeFileAtomically, writeJson } from "../system/files.js";
import { holderInWords, type ProcessLock, takeProcessLock } from "../system/process-lock.js";
import { asOutputError } from "../system/system-error.js";
import { BEST_CHECKPOINT, LAST_CHECKPOINT } from "../training/checkpoint-names.js";
import type { EpochMetrics } from "../training/history.js";
import { saveModel } from "../training/model-file.js";
import { CROSS_VALIDATION_FILE } from "./cross-validation-folder.js";
import { ORIGIN } from "./import-origin.js";
import { writeMetrics } from "./metrics-file.js";
import {
  CHECKPOINT_FOLDER,
  CONFIG_FILE,
  ENVIRONMENT_FILE,
  LOCK_FILE,
  METRICS_FILE,
  MODEL_FILE,
  PREVIOUS_MODEL_FILE,
  prepareRunFolder,
  previousModelClause,
  SUMMARY_FILE,
} from "./run-folder.js";
import { type DescribedRun, runMetadata } from "./run-metadata.js";

/** Keeps a run in a folder while it goes on. What an earlier run left there goes when the first files are written. */
export interface RunRecorder {
  /** What a model of the run says of it. */
  readonly metadata: Readonly<Record<string, string>>;
  /** After an epoch: all metrics so far. */
  keepMetrics(metrics: readonly EpochMetrics[]): Promise<void>;
  /** A file of the folder of checkpoints. */
  keepCheckpoint(name: string, bytes: Uint8Array): Promise<void>;
  keepResult(
    network: MultilayerPerceptron,
    metrics: readonly EpochMetrics[],
    summary: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  /** Lets go of the folder. */
  close(): void;
}

export interface RunRecorderOptions extends DescribedRun {
  /** Whether a run that is there already may be replaced. Its model goes when the new one is written. */
  readonly force: boolean;
}

/**
 * Opens a folder to keep a run in, for this process alone. What processes that died left unfinished in it is removed.
 *
 * @param directory Made if need be.
 * @throws OutputError when the folder cannot be made or written to, when another process keeps a run in it, or when it holds a run
 *   and `force` is not given.
 */
export async function recordRun(directory: string, options: RunRecorderOptions): Promise<RunRecorder> {
  requireNoCrossValidation(directory);
  await prepareRunFolder(directory);
  const folder = takeRunFolder(directory);
  try {
    if (!options.force) requireNoRun(directory);
    return await recordIn(folder, options, folder.holdsRun ? "replaces" : "is new");
  } catch (error) {
    folder.release();
    throw error;
  }
}

/**
 * Checks that a run could be kept in a folder, before anybody waits for it. {@link recordRun} checks it again.
 *
 * @throws OutputError when the folder holds a run, and `force` is not given, or a cross-validation.
 */
export function requireFreeFolder(directory: string, { force }: Pick<RunRecorderOptions, "force">): void {
  requireNoCrossValidation(directory);
  if (!force) requireNoRun(directory);
}

function requireNoCrossValidation(directory: string): void {
  if (existsSync(join(directory, CROSS_VALIDATION_FILE))) {
    throw new OutputError(
      `${directory} holds a cross-validation, whose folds are runs; name another folder.`,
    );
  }
}

function requireNoRun(directory: string): void {
  if (holdsRun(directory)) {
    const previous = previousModelClause(directory);
    const has = (name: string) => existsSync(join(directory, name));
    const isResumable = has(CONFIG_FILE) && (has(CHECKPOINT_FOLDER) || !has(SUMMARY_FILE));
    const unfinished = previous === undefined ? "" : ` It has not come to its end: ${previous}.`;
    const resume = isResumable ? "go on with it by --resume, " : "";
    throw new OutputError(
      `${directory} holds a run already; ${resume}name another folder, or pass --force to replace that run.${unfinished}`,
    );
  }
}

/**
 * Keeps a run in a folder whose run it goes on with.
 *
 * @param folder What {@link takeRunFolder} returned.
 * @param options.hasCheckpoint Whether there is more of that run than its settings.
 * @throws OutputError when the folder cannot be written to.
 */
export async function recordResumedRun(
  folder: HeldRunFolder,
  { hasCheckpoint, ...options }: Omit<RunRecorderOptions, "force"> & { readonly hasCheckpoint: boolean },
): Promise<RunRecorder> {
  return recordIn(folder, options, hasCheckpoint ? "goes on" : "is new");
}

/** @param kind What the run is in its folder: what stands there stays until the run has come to its first epoch or checkpoint. */
async function recordIn(
  folder: HeldRunFolder,
  options: Omit<RunRecorderOptions, "force">,
  kind: "is new" | "replaces" | "goes on",
): Promise<RunRecorder> {
  const { config, environment, data, imported } = options;
  const { directory } = folder;
  const file = (name: string) => join(directory, name);
  let hasBegun = false;
  const describe = async () => {
    await writeJson(file(CONFIG_FILE), config);
    await writeJson(file(ENVIRONMENT_FILE), { ...environment, data, [ORIGIN]: imported?.origin });
  };
  /** In an order in which a kill at any time leaves the old run, or no run, or the new one; and always a model. */
  const begin = async () => {
    const isHeld = folder.isHeld();
    if (isHeld && hasBegun) return;
    if (!isHeld) {
      // Somebody has removed the folder while the training went on.
      await makeFolders(directory);
      folder.retake();
      if (hasBegun) await requireOwn(file(CONFIG_FILE));
    }
    if (!hasBegun && kind === "replaces") {
      await rm(file(CHECKPOINT_FOLDER), { recursive: true, force: true });
      if (existsSync(file(MODEL_FILE))) await rename(file(MODEL_FILE), file(PREVIOUS_MODEL_FILE));
      for (const name of [SUMMARY_FILE, METRICS_FILE, ENVIRONMENT_FILE]) {
        await rm(file(name), { force: true });
      }
    }
    await describe();
    hasBegun = true;
  };
  const requireOwn = async (path: string) => {
    if (!existsSync(path) || (await readFile(path, "utf8")) === asJson(config)) return;
    folder.release();
    throw new OutputError(
      `${directory} was removed and holds another run by now; this one cannot be kept there any more.`,
    );
  };
  const guarded = async (action: () => Promise<void>) => {
    try {
      await action();
    } catch (error) {
      throw asOutputError(error, directory);
    }
  };
  await guarded(() => removeLeftovers(directory));
  // A run that is killed before its first checkpoint can be begun again by its settings.
  if (kind === "is new") await guarded(begin);
  const keepMetrics = (metrics: readonly EpochMetrics[]) =>
    guarded(async () => {
      await begin();
      await rm(file(SUMMARY_FILE), { force: true }); // That of the part before an interruption.
      await writeMetrics(file(METRICS_FILE), metrics);
    });
  const metadata = { ...imported?.metadata, ...runMetadata(options) };
  return {
    metadata,
    keepMetrics,
    keepCheckpoint: (name, bytes) =>
      guarded(async () => {
        await begin();
        await makeFolders(file(CHECKPOINT_FOLDER));
        await writeFileAtomically(join(directory, CHECKPOINT_FOLDER, name), bytes);
      }),
    keepResult: (network, metrics, summary) =>
      guarded(async () => {
        if (imported === undefined) await keepMetrics(metrics);
        else await begin();
        const epochs = imported === undefined ? { epochs: String(metrics.length) } : {};
        await saveModel(file(MODEL_FILE), network, { ...metadata, ...epochs });
        await rm(file(PREVIOUS_MODEL_FILE), { force: true });
        await writeJson(file(SUMMARY_FILE), summary);
      }),
    close: folder.release,
  };
}

/** For a run that nobody keeps. */
export const forgetfulRecorder: RunRecorder = {
  metadata: {},
  keepMetrics: async () => {},
  keepCheckpoint: async () => {},
  keepResult: async () => {},
  close: () => {},
};

/** A run's folder that this process alone writes to. */
export interface HeldRunFolder {
  readonly directory: string;
  /** Whether there is a run in it, finished or not. */
  readonly holdsRun: boolean;
  /** Whether it still is this process's: not where somebody has removed it. */
  isHeld(): boolean;
  /**
   * Takes it again, after it has been removed and made anew.
   *
   * @throws OutputError when another process has it by now.
   */
  retake(): void;
  release(): void;
}

/**
 * Takes a run's folder for this process.
 *
 * @throws OutputError when another process has it, or when it cannot be written to.
 */
export function takeRunFolder(directory: string): HeldRunFolder {
  let lock = lockFolder(directory);
  return {
    directory,
    holdsRun: holdsRun(directory),
    isHeld: () => lock.isHeld(),
    retake() {
      lock = lockFolder(directory);
    },
    release: () => lock.release(),
  };
}

function lockFolder(directory: string): ProcessLock {
  const path = join(directory, LOCK_FILE);
  let lock: ReturnType<typeof takeProcessLock>;
  try {
    lock = takeProcessLock(path);
  } catch (error) {
    throw asOutputError(error, path);
  }
  if ("heldBy" in lock) {
    throw new OutputError(
      `${directory} is in use: ${holderInWords(lock.heldBy)} keeps its run there; name another folder, or wait until it has ended.`,
    );
  }
  return lock;
}

/** Whether a folder has any file of a run: of two runs, it would be a mixture. */
function holdsRun(directory: string): boolean {
  const lastCheckpoint = join(CHECKPOINT_FOLDER, LAST_CHECKPOINT);
  return [...FILES, lastCheckpoint].some((name) => existsSync(join(directory, name)));
}

/** The folder that tries whether files can be made, locks of dead processes, and what versions up to 0.2 called files before they were whole. */
const LEFTOVER =
  /^(?:(?:config\.json|environment\.json|metrics\.jsonl|summary\.json|model\.safetensors|\.lock)\.\d+|\.check-.*)$/;
const FILES = [CONFIG_FILE, ENVIRONMENT_FILE, METRICS_FILE, SUMMARY_FILE, MODEL_FILE];
const CHECKPOINTS = [LAST_CHECKPOINT, BEST_CHECKPOINT];

async function removeLeftovers(directory: string): Promise<void> {
  const isUnfinished = (name: string, files: readonly string[]) =>
    files.includes(temporaryNameOf(name) ?? "");
  for (const name of await readdir(directory)) {
    if (LEFTOVER.test(name) || isUnfinished(name, FILES)) {
      await rm(join(directory, name), { force: true, recursive: true });
    }
  }
  const checkpoints = join(directory, CHECKPOINT_FOLDER);
  if (!existsSync(checkpoints)) return;
  for (const name of await readdir(checkpoints)) {
    if (isUnfinished(name, CHECKPOINTS)) await rm(join(checkpoints, name), { force: true });
  }
}
