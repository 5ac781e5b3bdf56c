import { formatAugmentation } from "../../data/augmentation/notation.js";
import { asFoldChoice, type FoldChoice } from "../../data/folds/fold-choice.js";
import { DATASETS, OWN_DATA, type OwnData } from "../../data/open-data.js";
import { formatSchedule, formatValue } from "../../training/schedules/notation.js";
import { isObject, type JsonObject } from "../json-values.js";
import { nameOfFormat } from "../recorded-data.js";
import { stoppingOptions } from "../stopping-options.js";
import { type MeaningOfLayers, meaningOfLayers } from "./layers-of-config.js";
import { withType } from "./with-type.js";

// What a configuration means: the options of `train` that say the same, and what no option can say. A run's report shows them as a command,
// and `train --config` reads them under the options of its own command line.

/**
 * Each option of `train`, and of `cross-validate` on folds, with the key of a configuration that says the same. A new option needs a line
 * here, and its key one in the schema.
 */
const KEYS_OF_OPTIONS = {
  "data-dir": "dataDir",
  csv: "csv",
  "label-column": "labelColumn",
  npz: "npz",
  "image-folder": "imageFolder",
  table: "table",
  "target-column": "targetColumn",
  task: "task",
  dataset: "dataset",
  classes: "selectedClasses",
  split: "split",
  "group-column": "groupColumn",
  folds: "crossValidation.folds",
  repeats: "crossValidation.repeats",
  stratified: "crossValidation.stratified",
  "validation-size": "crossValidation.validationSize",
  from: "from",
  preset: "preset",
  hidden: "hidden",
  activation: "activation",
  output: "output",
  "batch-norm": "batchNorm",
  init: "init",
  standardize: "standardize",
  loss: "loss.type",
  optimizer: "optimizer.type",
  epochs: "epochs",
  "batch-size": "batchSize",
  "learning-rate": "learningRate",
  schedule: "schedule",
  "warm-up": "schedule.warmUp",
  momentum: "optimizer.momentum",
  nesterov: "optimizer.nesterov",
  "class-weights": "classWeights",
  metrics: "metrics",
  monitor: "monitor",
  "early-stopping": "earlyStopping",
  "min-delta": "earlyStopping.minDelta",
  "restore-best": "earlyStopping.restoreBestWeights",
  "reduce-on-plateau": "reduceOnPlateau",
  "time-limit": "timeLimit",
  dropout: "dropout",
  alpha: "alpha",
  l1: "l1",
  "weight-decay": "optimizer.weightDecay",
  "max-norm": "optimizer.maxNorm",
  "clip-norm": "optimizer.clipNorm",
  "clip-value": "optimizer.clipValue",
  "label-smoothing": "loss.labelSmoothing",
  augment: "augment",
  seed: "seed",
  dtype: "dtype",
  backend: "backend",
  threads: "threads",
  freeze: "freeze",
  "image-shape": "imageShape",
} as const;

type OptionName = keyof typeof KEYS_OF_OPTIONS;

/** An option's value as the command line has it; a list where it may be given several times. */
type OptionValue = string | boolean | readonly string[];

/** By the option's name; of those that the configuration says nothing of there is none. */
export type ConfigOptions = { readonly [Name in OptionName]?: OptionValue };

/** What a configuration can say and no option can. */
export interface BeyondOptions extends Omit<MeaningOfLayers, "stack"> {
  /** The number of training examples, as a run with an optimizer that takes all of them records it. */
  readonly allExamples?: number;
  /** The fold of a cross-validation. What its options say of all folds is said by them, too. */
  readonly crossValidation?: FoldChoice;
  /** Options of the loss and of the optimizer that have no option of `train`. A loss with such, even with none of them, is taken as it is. */
  readonly lossOptions?: JsonObject;
  readonly optimizerOptions?: JsonObject;
}

export interface MeaningOfConfig {
  readonly options: ConfigOptions;
  readonly beyond: BeyondOptions;
}

/** The key of a configuration that says what an option says: `optimizer.momentum` for `momentum`. */
export function keyOfOption(option: string): string | undefined {
  return Object.hasOwn(KEYS_OF_OPTIONS, option) ? KEYS_OF_OPTIONS[option as OptionName] : undefined;
}

/** What is told by `stoppingOptions`, which knows the defaults within. */
const OF_STOPPING = {
  monitor: undefined,
  earlyStopping: undefined,
  reduceOnPlateau: undefined,
  timeLimit: undefined,
} as const;

/** Settings that are objects with a `type`, or for short that type alone. */
const WITH_TYPE = ["loss", "optimizer", "schedule"] as const;

/**
 * What a configuration means. It may be one that `readConfig` has checked or the config.json of a run, of which values that are of no
 * known kind count as not there.
 */
export function meaningOfConfig(config: JsonObject): MeaningOfConfig {
  const typed = WITH_TYPE.map((name) => [name, withType(config[name])] as const);
  const { stack, ...network } = meaningOfLayers(config);
  const isFullBatch = Object.fromEntries(typed).optimizer?.type === "lbfgs";
  const all: JsonObject = {
    ...config,
    ...Object.fromEntries(typed),
    ...stack,
    ...meaningOfData(config),
    ...meaningOfRate(config),
    ...OF_STOPPING,
    ...(isFullBatch && meaningOfFullBatch(config)),
  };
  const options = Object.entries(KEYS_OF_OPTIONS).flatMap(([option, key]) => {
    const value = asOption(option, at(all, key));
    return value === undefined ? [] : [[option, value] as const];
  });
  const lossOptions = isObject(config.loss) ? withoutOptions(config.loss, "loss") : undefined;
  const optimizerOptions = withoutOptions(withType(config.optimizer) ?? {}, "optimizer");
  const { batchSize } = config;
  const crossValidation = asFoldChoice(config.crossValidation);
  return {
    options: { ...Object.fromEntries(options), ...stoppingOptions(config) },
    beyond: {
      ...network,
      ...(crossValidation !== undefined && { crossValidation }),
      ...(isFullBatch && typeof batchSize === "number" && { allExamples: batchSize }),
      ...(lossOptions !== undefined && { lossOptions }),
      ...(Object.keys(optimizerOptions).length > 0 && { optimizerOptions }),
    },
  };
}

function at(config: JsonObject, key: string): unknown {
  const [name = "", part] = key.split(".");
  const value = config[name];
  return part === undefined ? value : isObject(value) ? value[part] : undefined;
}

/** Of an object with a type what has no option. */
function withoutOptions(object: JsonObject, name: string): JsonObject {
  const known: readonly string[] = Object.values(KEYS_OF_OPTIONS);
  return Object.fromEntries(Object.entries(object).filter(([part]) => !known.includes(`${name}.${part}`)));
}

function asOption(option: string, value: unknown): OptionValue | undefined {
  if (option === "augment") return formatAugmentation(value) ?? undefined;
  if (option === "schedule") return formatSchedule(value) ?? undefined;
  if (option === "warm-up" && isObject(value)) return formatValue(value);
  if (Array.isArray(value)) {
    switch (option) {
      case "hidden":
        return value.length === 0 ? "none" : value.join(",");
      case "metrics":
        return value.length === 0 ? undefined : value.join(",");
      case "image-shape":
        return value.join("x");
      default:
        return value.map(String);
    }
  }
  if (typeof value === "boolean") return value;
  return typeof value === "number" || (typeof value === "string" && value !== "") ? String(value) : undefined;
}

/** Of data of one's own, whatever config.json calls them, no name is an option; and only rows of pixels need a shape. */
function meaningOfData(config: JsonObject): JsonObject {
  const isGiven = (name: string) => typeof config[name] === "string" && config[name] !== "";
  const keys: Readonly<Record<OwnData, string>> = {
    csv: "csv",
    npz: "npz",
    "image-folder": "imageFolder",
    table: "table",
  };
  const own = OWN_DATA.find((name) => isGiven(keys[name]));
  const recorded = DATASETS.find((name) => name === config.dataset);
  const dataset = isGiven("dataDir") ? nameOfFormat(recorded) : recorded;
  // A configuration may leave the place of rows to the command line; one of version 0.1.0 tells the shape of all images.
  const hasShape =
    own === "csv" || own === "npz" || (own === undefined && recorded === undefined && !isGiven("dataDir"));
  return {
    dataset: own === undefined ? dataset : undefined,
    imageShape: hasShape ? config.imageShape : undefined,
  };
}

/** A piecewise schedule has its own rates, of which a run records the first as its learning rate. */
function meaningOfRate({ learningRate, schedule }: JsonObject): JsonObject {
  const { type, points } = withType(schedule) ?? {};
  const [first] = type === "piecewise" && Array.isArray(points) ? (points as readonly unknown[]) : [];
  return Array.isArray(first) && first[1] === learningRate ? { learningRate: undefined } : {};
}

/** L-BFGS takes all examples at a constant rate, which a run records for the report. */
function meaningOfFullBatch({ batchSize, schedule }: JsonObject): JsonObject {
  return {
    ...(typeof batchSize === "number" && { batchSize: undefined }),
    ...(withType(schedule)?.type === "constant" && { schedule: undefined }),
  };
}
