import { rm } from "node:fs/promises";
import { join } from "node:path";
import { CONFIG_FILE, METRICS_FILE, MODEL_FILE, prepareRunFolder, SUMMARY_FILE, writeMetrics } from "./run-folder.js";
import type { EpochMetrics } from "../training/history.js";
import { writeJson } from "../system/files.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { saveModel } from "../training/model-file.js";

/** Keeps a run in a folder while it goes on. What an earlier run left there goes when the first files are written. */
export interface KeptRun {
  /** After an epoch: all metrics so far. */
  keepMetrics(metrics: readonly EpochMetrics[]): Promise<void>;
  keepResult(network: MultilayerPerceptron, summary: unknown): Promise<void>;
}

/**
 * @param directory Made if need be. `undefined`: nothing is kept.
 * @throws OutputError when the folder cannot be made or written to.
 */
export async function openKeptRun(
  directory: string | undefined,
  config: Readonly<Record<string, unknown>>,
): Promise<KeptRun> {
  if (directory === undefined) return { keepMetrics: async () => {}, keepResult: async () => {} };
  await prepareRunFolder(directory);
  const file = (name: string) => join(directory, name);
  let epochs: number | undefined;
  const keepMetrics = async (metrics: readonly EpochMetrics[]) => {
    if (epochs === undefined) {
      await Promise.all([SUMMARY_FILE, MODEL_FILE].map((name) => rm(file(name), { force: true })));
      await writeJson(file(CONFIG_FILE), config);
    }
    await writeMetrics(file(METRICS_FILE), metrics);
    epochs = metrics.length;
  };
  return {
    keepMetrics,
    async keepResult(network, summary) {
      if (epochs === undefined) await keepMetrics([]); // Interrupted in the first epoch.
      await saveModel(file(MODEL_FILE), network, asStrings({ ...modelMetadata(config), epochs }));
      await writeJson(file(SUMMARY_FILE), summary);
    },
  };
}

/** A model travels, and what this machine is, or where on it the data lay, is nobody's business. */
const PRIVATE = ["dataDir", "csv", "npz", "imageFolder", "environment"];
/** What `saveModel` writes by itself. */
const OF_THE_MODEL = ["layers", "activation"];

/** The part of config.json that goes into a model; what is `null` says nothing. */
function modelMetadata(config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const without = [...PRIVATE, ...OF_THE_MODEL];
  return Object.fromEntries(
    Object.entries(config).filter(([name, value]) => !without.includes(name) && value !== null),
  );
}

/** Safetensors metadata hold strings only: text stays as it is, the rest becomes JSON. */
function asStrings(values: Readonly<Record<string, unknown>>): Record<string, string> {
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, text(value)]));
}
