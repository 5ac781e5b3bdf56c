import { formatAugmentation } from "../data/augmentation/notation.js";
import { asFoldChoice, type FoldChoice } from "../data/folds/fold-choice.js";
import { type LossNames, lossNames, MEAN_SQUARED_ERROR } from "../nn/losses/loss-names.js";
import type { LossSpecification } from "../nn/losses/specification.js";
import type { LayerSpecification } from "../nn/specification.js";
import { formatValue } from "../training/schedules/notation.js";
import type { RunEnvironment } from "./environment.js";
import type { ImportOrigin } from "./import-origin.js";
import type { Run, RunConfig } from "./read-run.js";
import { kindOfData } from "./recorded-data.js";
import { plateauInWords, stoppingInWords } from "./stopping-options.js";
import { trainCommand, trainFurtherCommand } from "./train-command.js";

/** What was asked for, and what the run was made on. */
export interface RunSettings {
  /** Units of every layer, the inputs first. */
  readonly layers: readonly number[];
  /** Where the network was imported from; `null` where it was trained here. */
  readonly origin: ImportOrigin | null;
  /** What the loss is called. */
  readonly lossNames: LossNames;
  /** Whether classes are learned, with an accuracy, or values. */
  readonly learns: "classes" | "values";
  /** Each layer in words, where {@link layers} do not tell all; `null` for sigmoid layers. */
  readonly layerWords: string | null;
  /** What training made small, and what updated the weights, in words; `null`: the chapter's. */
  readonly loss: string | null;
  readonly optimizer: string | null;
  readonly schedule: string | null;
  /** When training was to end before its last epoch, and when the learning rate was to be reduced. */
  readonly stopping: string | null;
  readonly reduceOnPlateau: string | null;
  /** `alpha` and `l1`; `null`: none. */
  readonly penalty: string | null;
  readonly classWeights: string | null;
  /** Classes, where not all of the data were learned. */
  readonly selectedClasses: readonly string[] | null;
  /** The model that the training went on from, and layers that stayed as they were. */
  readonly from: string | null;
  readonly frozen: readonly string[] | null;
  /** As many as were asked for; 0 of a network that was imported. */
  readonly epochs: number;
  /** Here and for the seed `null` of a network that was imported. */
  readonly batchSize: number | null;
  /** `null` where the optimizer found its steps by itself, too. */
  readonly learningRate: number | null;
  /** How training images were distorted, as `--augment` takes it; `null`: not at all. */
  readonly augment: string | null;
  readonly seed: number | null;
  readonly splitSeed: number | null;
  readonly dataset: string | null;
  readonly split: string | null;
  /** Of a cross-validation, in words, such as `2 of 5, stratified`; `null`: the run has the split's own training examples. */
  readonly fold: string | null;
  readonly dtype: string | null;
  readonly backend: string | null;
  readonly kernelSet: string | null;
  readonly threads: number | null;
  /** Of the package. */
  readonly version: string | null;
  /** A name for each class; `null`: their numbers. */
  readonly classNames: readonly string[] | null;
  readonly imageShape: readonly [height: number, width: number] | null;
  readonly examples: ExampleCounts | null;
  readonly environment: RecordedEnvironment | null;
  /** What follows `mnist-native` on the command line that makes the run again, or that trains an imported network further. */
  readonly command: readonly string[];
}

export interface ExampleCounts {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

/** The machine that the run was made on; what an older version did not record is `null`. */
export type RecordedEnvironment = {
  readonly [Name in "processor" | "processors" | "platform" | "node" | "peakGflops"]:
    | RunEnvironment[Name]
    | null;
};

type Values = Readonly<Record<string, unknown>>;

/** What a run's config.json and environment.json say, as the report tells it. What an older version did not record is `null`. */
export function runSettings({
  config,
  environment,
  directory,
  origin = null,
}: Pick<Run, "config" | "environment"> & Partial<Pick<Run, "directory" | "origin">>): RunSettings {
  const { epochs, batchSize = null, learningRate = null, seed = null } = config;
  const data = object(environment.data);
  const specifications = layersOf(config);
  return {
    layers: unitsOf(config),
    origin,
    lossNames: recordedLoss(config.loss),
    learns: number(data.classes) === null && ("columns" in data || origin !== null) ? "values" : "classes",
    layerWords: specifications === null ? null : specifications.map(layerInWords).join(", "),
    loss: inWords(config.loss),
    optimizer: inWords(config.optimizer),
    schedule: inWords(withoutLists(config.schedule)),
    stopping: stoppingInWords(config),
    reduceOnPlateau: plateauInWords(config),
    penalty: [config.alpha, config.l1].some((value) => number(value) !== null)
      ? inWords({ alpha: config.alpha, l1: config.l1 })
      : null,
    classWeights: text(config.classWeights),
    selectedClasses: texts(config.selectedClasses),
    from: origin === null ? text(config.from) : null,
    frozen: texts(config.freeze),
    epochs,
    batchSize,
    learningRate,
    augment: formatAugmentation(config.augment),
    seed,
    splitSeed: number(config.splitSeed),
    dataset: kindOfData(config) ?? null,
    split: text(config.split),
    fold: foldInWords(asFoldChoice(config.crossValidation), text(config.groupColumn)),
    dtype: text(config.dtype),
    backend: text(environment.backend),
    kernelSet: text(environment.kernelSet),
    threads: number(environment.threads),
    version: text(environment.version),
    classNames: texts(data.classNames),
    imageShape: shape(data.imageShape),
    examples: examples(data.examples),
    environment: recordedEnvironment(environment),
    command: (origin === null ? trainCommand : trainFurtherCommand)(config, directory),
  };
}

/** Every network of older versions had the chapter's loss. */
function recordedLoss(value: unknown): LossNames {
  const specification = typeof value === "string" ? { type: value } : value;
  try {
    return specification === undefined ? MEAN_SQUARED_ERROR : lossNames(specification as LossSpecification);
  } catch {
    return { short: "loss", long: "loss" }; // Of a version that knows other losses.
  }
}

function foldInWords(choice: FoldChoice | undefined, groups: string | null): string | null {
  if (choice === undefined) return null;
  const { fold, folds, repeats, stratified } = choice;
  return `${fold} of ${folds * repeats}${repeats === 1 ? "" : ` (${repeats} times ${folds})`}${stratified ? ", stratified" : ""}${groups === null ? "" : `, by groups of ${groups}`}`;
}

/** What each layer is; `null` where their units tell it. */
function layersOf({ layers }: RunConfig): readonly LayerSpecification[] | null {
  const [first] = layers;
  return typeof first === "number" ? null : (layers as readonly LayerSpecification[]);
}

/** The inputs, and the units of every dense layer. */
function unitsOf(config: RunConfig): readonly number[] {
  const layers = layersOf(config);
  if (layers === null) return config.layers as readonly number[];
  const dense = layers.filter((layer) => layer.type === "dense");
  return [number(config.inputs) ?? 0, ...dense.map(({ units }) => units)];
}

function layerInWords(layer: LayerSpecification): string {
  switch (layer.type) {
    case "dense":
      return `dense ${layer.units}${layer.activation === "identity" ? "" : ` ${layer.activation}`}`;
    case "activation":
      return layer.activation;
    case "dropout":
      return `dropout ${layer.rate}`;
    case "batchNormalization":
      return "batch normalisation";
    case "residual":
      return `residual (${layer.layers.map(layerInWords).join(", ")})`;
    case "auxiliary":
      return `auxiliary output ${layer.units} ${layer.activation}`;
    case "standardize":
      return layer.type;
  }
}

/** `adamw, weightDecay 0.05`; `null` where nothing is said. */
function inWords(value: unknown): string | null {
  const { type, ...options } = object(value);
  const words = Object.entries(options)
    .filter(([, option]) => option !== false && option !== 0 && option !== undefined)
    .map(([name, option]) => (option === true ? name : `${name} ${String(option)}`));
  const all = [...(typeof type === "string" ? [type] : []), ...words];
  return all.length === 0 ? null : all.join(", ");
}

/** The same with lists and objects in a word, as the command line has them. */
function withoutLists(value: unknown): Values {
  const entries = Object.entries(object(value)).map(([name, option]) => [
    name,
    typeof option === "object" ? formatValue(option) : option,
  ]);
  return Object.fromEntries(entries) as Values;
}

function examples(value: unknown): ExampleCounts | null {
  const { train, validation, test } = object(value);
  const counts = [train, validation, test].map(number);
  const [a = null, b = null, c = null] = counts;
  return a === null || b === null || c === null ? null : { train: a, validation: b, test: c };
}

function recordedEnvironment(value: Values): RecordedEnvironment | null {
  const { processor, processors, platform, node, peakGflops } = value;
  if (processor === undefined && node === undefined) return null;
  return {
    processor: text(processor),
    processors: number(processors),
    platform: text(platform),
    node: text(node),
    peakGflops: number(peakGflops),
  };
}

function object(value: unknown): Values {
  return typeof value === "object" && value !== null ? (value as Values) : {};
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function texts(value: unknown): readonly string[] | null {
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : null;
}

function numbers(value: unknown): readonly number[] | null {
  return Array.isArray(value) && value.every((item) => typeof item === "number") ? value : null;
}

function shape(value: unknown): readonly [height: number, width: number] | null {
  const [height, width] = numbers(value) ?? [];
  if (height === undefined || width === undefined) return null;
  return [height, width].every((side) => Number.isInteger(side) && side > 0) ? [height, width] : null;
}

/** What an example of the run's data is called. */
export function exampleWord({
  imageShape,
  examples,
  origin,
}: Pick<RunSettings, "imageShape" | "examples" | "origin">): "image" | "row" {
  return imageShape === null && (examples !== null || origin !== null) ? "row" : "image";
}
