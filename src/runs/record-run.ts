import { existsSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { OutputError } from "../errors.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { writeJson } from "../system/files.js";
import { takeProcessLock } from "../system/process-lock.js";
import { asOutputError } from "../system/system-error.js";
import type { EpochMetrics } from "../training/history.js";
import { saveModel } from "../training/model-file.js";
import type { RunData, RunEnvironment } from "./environment.js";
import { writeMetrics } from "./metrics-file.js";
import { kindOfData } from "./recorded-data.js";
import {
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

/** Keeps a run in a folder while it goes on. What an earlier run left there goes when the first files are written. */
export interface RunRecorder {
  /** After an epoch: all metrics so far. */
  keepMetrics(metrics: readonly EpochMetrics[]): Promise<void>;
  keepResult(network: MultilayerPerceptron, summary: unknown): Promise<void>;
  /** Lets go of the folder. */
  close(): void;
}

export interface RunRecorderOptions {
  /** What was asked for, and could be asked for again; what is `undefined` was not. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What it runs on. */
  readonly environment: RunEnvironment;
  /** What it learns from. */
  readonly data: RunData;
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
  const { config, environment, data, force } = options;
  await prepareRunFolder(directory);
  const file = (name: string) => join(directory, name);
  const lock = lockFolder(directory);
  if (!force && [CONFIG_FILE, MODEL_FILE].some((name) => existsSync(file(name)))) {
    lock.release();
    const previous = previousModelClause(directory);
    const unfinished = previous === undefined ? "" : ` It has not come to its end: ${previous}.`;
    throw new OutputError(
      `${directory} holds a run already; name another folder, or pass --force to replace that run.${unfinished}`,
    );
  }
  await removeLeftovers(directory);
  let epochs: number | undefined;
  /** In an order in which a kill at any time leaves the old run, or no run, or the new one; and always a model. */
  const begin = async () => {
    if (existsSync(file(MODEL_FILE))) await rename(file(MODEL_FILE), file(PREVIOUS_MODEL_FILE));
    for (const name of [SUMMARY_FILE, METRICS_FILE, ENVIRONMENT_FILE]) await rm(file(name), { force: true });
    await writeJson(file(CONFIG_FILE), config);
    await writeJson(file(ENVIRONMENT_FILE), { ...environment, data });
  };
  const keepMetrics = async (metrics: readonly EpochMetrics[]) => {
    if (epochs === undefined) await begin();
    await writeMetrics(file(METRICS_FILE), metrics);
    epochs = metrics.length;
  };
  return {
    keepMetrics,
    async keepResult(network, summary) {
      if (epochs === undefined) await keepMetrics([]); // Interrupted in the first epoch.
      await saveModel(file(MODEL_FILE), network, asStrings({ ...modelMetadata(options), epochs }));
      await rm(file(PREVIOUS_MODEL_FILE), { force: true });
      await writeJson(file(SUMMARY_FILE), summary);
    },
    close: () => lock.release(),
  };
}

/** For a run that nobody keeps. */
export const forgetfulRecorder: RunRecorder = {
  keepMetrics: async () => {},
  keepResult: async () => {},
  close: () => {},
};

function lockFolder(directory: string) {
  const path = join(directory, LOCK_FILE);
  let lock: ReturnType<typeof takeProcessLock>;
  try {
    lock = takeProcessLock(path);
  } catch (error) {
    throw asOutputError(error, path);
  }
  if ("heldBy" in lock) {
    throw new OutputError(
      `${directory} is in use: process ${lock.heldBy} keeps its run there; name another folder, or wait until it has ended.`,
    );
  }
  return lock;
}

/** What is written under a temporary name (write-file-atomic adds a number), the folder that tries whether files can be made, and locks. */
const LEFTOVER =
  /^(?:(?:config\.json|environment\.json|metrics\.jsonl|summary\.json|model\.safetensors|\.lock)\.\d+|\.check-.*)$/;

async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (LEFTOVER.test(name)) await rm(join(directory, name), { force: true, recursive: true });
  }
}

/** A model travels, and where on this machine the data lay is nobody's business. */
const PRIVATE = ["dataDir", "csv", "npz", "imageFolder", "table", "from"];
/** What `saveModel` writes by itself. */
const OF_THE_MODEL = ["inputs", "layers", "activation"];

/** What a model says of its run: settings, data, and what computed it; what is `undefined` says nothing. */
function modelMetadata({ config, environment, data }: RunRecorderOptions): Readonly<Record<string, unknown>> {
  const { version, kernelSet } = environment;
  const without = [...PRIVATE, ...OF_THE_MODEL];
  const all = { version, kernelSet, ...config, dataset: kindOfData(config), ...data };
  return Object.fromEntries(
    Object.entries(all).filter(([name, value]) => !without.includes(name) && value !== undefined),
  );
}

/** Safetensors metadata hold strings only: text stays as it is, the rest becomes JSON. */
function asStrings(values: Readonly<Record<string, unknown>>): Record<string, string> {
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, text(value)]));
}
