import type { RunEnvironment } from "./environment.js";
import type { Run, RunConfig } from "./read-run.js";
import { kindOfData } from "./recorded-data.js";

/** What was asked for, and what the run was made on. */
export interface RunSettings {
  /** Units of every layer, the inputs first. */
  readonly layers: readonly number[];
  /** As many as were asked for. */
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly splitSeed: number | null;
  readonly dataset: string | null;
  readonly split: string | null;
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
  /** What follows `mnist-native` on the command line that makes the run again. */
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
export function runSettings({ config, environment }: Pick<Run, "config" | "environment">): RunSettings {
  const { layers, epochs, batchSize, learningRate, seed } = config;
  const data = object(environment.data);
  return {
    layers,
    epochs,
    batchSize,
    learningRate,
    seed,
    splitSeed: number(config.splitSeed),
    dataset: kindOfData(config) ?? null,
    split: text(config.split),
    dtype: text(config.dtype),
    backend: text(environment.backend),
    kernelSet: text(environment.kernelSet),
    threads: number(environment.threads),
    version: text(environment.version),
    classNames: texts(data.classNames),
    imageShape: shape(data.imageShape),
    examples: examples(data.examples),
    environment: recordedEnvironment(environment),
    command: trainCommand(config),
  };
}

/** The options of `train`, with the settings that each takes its value from. */
const OPTIONS: readonly (readonly [option: string, setting: string])[] = [
  ["data-dir", "dataDir"],
  ["csv", "csv"],
  ["label-column", "labelColumn"],
  ["npz", "npz"],
  ["image-folder", "imageFolder"],
  ["dataset", "dataset"],
  ["split", "split"],
  ["hidden", "hidden"],
  ["epochs", "epochs"],
  ["batch-size", "batchSize"],
  ["learning-rate", "learningRate"],
  ["seed", "seed"],
  ["dtype", "dtype"],
  ["backend", "backend"],
  ["threads", "threads"],
];
const OWN = ["csv", "npz", "imageFolder"];

/** What follows `mnist-native` on the command line that makes a run again. */
function trainCommand(config: RunConfig): readonly string[] {
  const hidden = config.layers.slice(1, -1);
  const isOwn = OWN.some((name) => text(config[name]) !== null);
  const values: Values = {
    ...config,
    hidden: hidden.length === 0 ? null : hidden.join(","),
    // Data of one's own are no published data set, whatever config.json calls them.
    dataset: isOwn ? null : config.dataset,
    threads: config.backend === "native" ? config.threads : null,
  };
  const shapeOfRows = isOwn && text(config.imageFolder) === null ? shape(config.imageShape) : null;
  return [
    "train",
    ...OPTIONS.flatMap(([option, setting]) => {
      const value = values[setting];
      return typeof value === "string" || typeof value === "number" ? optionWords(option, String(value)) : [];
    }),
    ...(shapeOfRows === null ? [] : ["--image-shape", shapeOfRows.join("x")]),
  ];
}

/** A value that starts like an option has to be joined to its own. */
function optionWords(option: string, value: string): readonly string[] {
  return value.startsWith("-") ? [`--${option}=${value}`] : [`--${option}`, value];
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
