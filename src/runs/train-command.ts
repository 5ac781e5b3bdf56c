import { join } from "node:path";
import { seedOfFirstFold } from "../data/folds/fold.js";
import { SPLIT_SEED } from "../data/open-data.js";
import { InvalidArgumentError } from "../errors.js";
import { createOptimizer, type OptimizerName } from "../optim/specification.js";
import { type BeyondOptions, type ConfigOptions, meaningOfConfig } from "./config/options-of-config.js";
import type { RunConfig } from "./read-run.js";
import { CONFIG_FILE, MODEL_FILE } from "./run-folder.js";

type Values = Readonly<Record<string, unknown>>;

/**
 * What follows `mnist-native` on the command line that makes a run again: options that say all, without those that only say a default; of a
 * fold those of `cross-validate`, which makes the other folds, too; or the run's config.json, where it has what no option says.
 */
export function trainCommand(config: RunConfig, directory = "."): readonly string[] {
  const { options, beyond } = meaningOfConfig(config);
  if (!optionsSayAll(options, beyond)) return ["train", "--config", join(directory, CONFIG_FILE)];
  const { crossValidation } = beyond;
  const isOfClasses = options.table === undefined || options.task === "classify";
  const defaults: Values = {
    momentum: "0",
    nesterov: false,
    "batch-norm": false,
    "weight-decay": options.optimizer === "adamw" ? "0.01" : "0",
    schedule: "constant",
    "warm-up": "0",
    output: options.loss === undefined && options.task !== "regress" ? "sigmoid" : undefined,
    repeats: "1",
    stratified: isOfClasses && options["group-column"] === undefined,
  };
  const ofAllFolds = crossValidation && {
    seed: String(seedOfFirstFold(config.seed ?? 0, crossValidation.fold)), // Every run with a fold has one.
  };
  const words = Object.entries({ ...options, ...ofAllFolds }).flatMap(([option, value]) => {
    if (value === defaults[option] || (option === "threads" && options.backend !== "native")) return [];
    if (option === "classes") return optionWords(option, String(value));
    if (typeof value === "object") return value.flatMap((one) => optionWords(option, one));
    return value === true ? [`--${option}`] : optionWords(option, String(value));
  });
  return [crossValidation === undefined ? "train" : "cross-validate", ...words];
}

/** What trains a network further that was imported, on the data that its folder tells of. */
export function trainFurtherCommand(config: RunConfig, directory = "."): readonly string[] {
  const { options } = meaningOfConfig(config);
  const data = (Object.keys(DATA) as (keyof typeof DATA)[]).flatMap((option) => {
    const value = options[option];
    return typeof value === "string" ? optionWords(option, value) : [];
  });
  return ["train", "--from", join(directory, MODEL_FILE), ...data];
}

/** Options that name data. */
const DATA = {
  "data-dir": true,
  csv: true,
  "label-column": true,
  npz: true,
  "image-folder": true,
  "image-shape": true,
  table: true,
  "target-column": true,
  task: true,
  dataset: true,
  split: true,
} as const satisfies { readonly [Name in keyof ConfigOptions]?: true };

function optionsSayAll(options: ConfigOptions, beyond: BeyondOptions): boolean {
  const { optimizer, output } = options;
  const { layers, lossOptions = {}, optimizerOptions = {}, crossValidation } = beyond;
  const { averageOutputs, ...others } = lossOptions;
  const isOfNoFold = crossValidation === undefined && options["group-column"] === undefined;
  return (
    layers === undefined &&
    Object.keys(others).length === 0 &&
    (averageOutputs === undefined || averageOutputs === (output === "identity")) &&
    (isOfNoFold || crossValidation?.seed === SPLIT_SEED) &&
    isDefault(optimizer, optimizerOptions)
  );
}

/** Whether an optimizer has these options where none are given. */
function isDefault(type: unknown, options: Values): boolean {
  if (Object.keys(options).length === 0) return true;
  try {
    const optimizer = createOptimizer({ type: type as OptimizerName });
    const standard: Values = "settings" in optimizer ? optimizer.settings : {};
    return Object.entries(options).every(([name, value]) => standard[name] === value);
  } catch (error) {
    if (error instanceof InvalidArgumentError) return false; // Of a version that knows other optimizers.
    throw error;
  }
}

/** A value that starts like an option has to be joined to its own. */
function optionWords(option: string, value: string): readonly string[] {
  return value.startsWith("-") ? [`--${option}=${value}`] : [`--${option}`, value];
}
