import type { DType } from "../../backend/backend.js";
import type { BackendOptions } from "../../backend/select.js";
import { UsageError } from "../process.js";
import { type DataArguments, dataOptions, readClasses, readDataOptions } from "./data.js";
import { readMetrics } from "./metrics.js";
import { backendOptions, dtypeOption, readBackendOptions, wholeNumber } from "./shared.js";
import { readStoppingSettings, withMonitored } from "./stopping.js";
import { type Given, readTrainingSettings } from "./training-settings.js";

/** The options that name data to train on. */
export const trainDataOptions = {
  ...dataOptions,
  "target-column": { ...dataOptions["target-column"], defaultDescription: "with --from, the model's" },
  task: { ...dataOptions.task, defaultDescription: "with --from, the model's" },
  dataset: { ...dataOptions.dataset, defaultDescription: "mnist, or synthetic where it cannot be had" },
  classes: {
    requiresArg: true,
    defaultDescription: "all",
    describe: "Of images: learn these classes alone, by their numbers or names, such as 3,8",
  },
  split: {
    ...dataOptions.split,
    defaultDescription:
      "with --from, the model's on the same data; chapter; official for raw files above 1 GiB",
  },
  offline: { type: "boolean", default: false, describe: "Download nothing" },
} as const;

/** The option that names a configuration, for every command that reads its settings. */
export const configOption = {
  type: "string",
  requiresArg: true,
  describe: "File with settings, JSON or YAML, such as the config.json of a run; options win over it",
} as const;

/** The options on what computes. None has a default for yargs: whether one was given decides what a configuration may set. */
export const computationOptions = {
  seed: {
    requiresArg: true,
    defaultDescription: "123",
    describe: "Seed of weights, shuffling, dropout and distortions; the split always has the chapter's",
  },
  dtype: {
    choices: dtypeOption.choices,
    defaultDescription: dtypeOption.default,
    describe: dtypeOption.describe,
  },
  ...backendOptions,
} as const;

/** What was asked for, by the options on data, network, training and computation. */
export type TrainArguments = Awaited<ReturnType<typeof readOptions>>;

/** Reads the options, over those of a configuration where one is named. */
export function readTrainArguments(args: Given, config: string | undefined): Promise<TrainArguments> {
  return readOver(args, config, readOptions);
}

/** Reads by `read` the options, over those of a configuration where one is named. */
export async function readOver<T>(
  args: Given,
  config: string | undefined,
  read: (given: Given) => Promise<T>,
): Promise<T> {
  if (config === undefined) return read(args);
  const { readWithConfig } = await import("./config.js");
  return readWithConfig(args, config, read);
}

/** Reads options, whose choices yargs or the schema of configurations has let pass. */
export async function readOptions(given: Given) {
  const { classes, dtype = dtypeOption.default, seed = "123" } = given;
  const groupColumn = given["group-column"] as string | undefined; // A text, where yargs or the schema has let it pass.
  if (groupColumn !== undefined && given.table === undefined) {
    throw new UsageError("Expected --table with --group-column, which names one of its columns.");
  }
  const stopping = await readStoppingSettings(given);
  return {
    settings: {
      ...(await readTrainingSettings(given)),
      stopping,
      metrics: withMonitored(await readMetrics(given.metrics), stopping),
      seed: wholeNumber("seed", seed, 0, 2 ** 32 - 1),
      dtype: dtype as DType, // One of its choices.
    },
    choice: {
      ...readDataOptions(given as DataArguments),
      selectedClasses: classes === undefined ? undefined : readClasses(classes),
      groupColumn,
      crossValidation: given.crossValidation,
      offline: given.offline === true,
    },
    backendOptions: readBackendOptions(given as BackendOptions),
  };
}
