import { resolve } from "node:path";
import { DATASETS } from "../../data/open-data.js";
import { InvalidArgumentError } from "../../errors.js";
import { parseConfig } from "../../runs/config/read-config.js";
import type { TrainConfig } from "../../runs/config/schema.js";
import { show } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { IDX_FOLDER } from "../drawings/drawings-folder.js";
import type { StartChoices, StartSettings } from "../protocol.js";
import { BOUNDS, DRAWINGS } from "./start-choices.js";

const KNOWN: KnownOptions<StartSettings> = {
  dataset: true,
  hidden: true,
  activation: true,
  loss: true,
  optimizer: true,
  learningRate: true,
  batchSize: true,
  epochs: true,
  seed: true,
  augment: true,
};
const EXAMPLE = '{ dataset: "mnist", hidden: [128], … }';

/** How images are distorted where that is asked for: about as hands differ. */
const AUGMENT = { shift: 1, rotate: 8, scale: 0.1 } as const;

/**
 * Checks what somebody asks for from the page.
 *
 * @throws InvalidArgumentError naming the first setting that is missing or out of its bounds.
 */
export function checkStartSettings(given: unknown, choices: StartChoices): StartSettings {
  requireKnownOptions("The settings of a new run", given as object, KNOWN, EXAMPLE);
  const settings = given as Readonly<Record<keyof StartSettings, unknown>>;
  const { layers, units, learningRate, batchSize, epochs } = BOUNDS;
  const { hidden } = settings;
  if (!Array.isArray(hidden) || hidden.length > layers) {
    throw outOfBounds("hidden", `a list of at most ${layers} numbers of units`, hidden);
  }
  return {
    dataset: oneOf(
      "dataset",
      settings.dataset,
      choices.datasets.map(({ name }) => name),
    ),
    hidden: hidden.map((size, i) => wholeNumber(`hidden[${i}]`, size, units)),
    activation: oneOf("activation", settings.activation, choices.activations),
    loss: oneOf("loss", settings.loss, choices.losses),
    optimizer: oneOf("optimizer", settings.optimizer, choices.optimizers),
    learningRate: number("learningRate", settings.learningRate, learningRate),
    batchSize: wholeNumber("batchSize", settings.batchSize, batchSize),
    epochs: wholeNumber("epochs", settings.epochs, epochs),
    seed: wholeNumber("seed", settings.seed, [0, 2 ** 32 - 1]),
    augment: trueOrFalse("augment", settings.augment),
  };
}

/** Folders that stand for data sets. */
export interface DataFolders {
  /** With the files of MNIST. */
  readonly dataDir: string | undefined;
  readonly drawings: string | undefined;
}

/**
 * The configuration of `train` that says the same. MNIST is not named, so that digits are drawn where it cannot be had; and neither are the
 * chapter's loss and optimizer, so that its run is kept as the chapter's.
 *
 * @throws ConfigFormatError when `train` would refuse it.
 */
export function configOf(settings: StartSettings, folders: DataFolders): Promise<TrainConfig> {
  const { dataset, activation, loss, optimizer, augment, ...others } = settings;
  return parseConfig({
    ...dataOf(dataset, folders),
    ...others,
    ...(settings.hidden.length > 0 && { activation }),
    ...(loss !== "squaredError" && { loss }),
    ...(optimizer !== "sgd" && { optimizer }),
    ...(augment && { augment: AUGMENT }),
  });
}

function dataOf(dataset: string, { dataDir, drawings }: DataFolders): object {
  if (dataset === DRAWINGS && drawings !== undefined) return { dataDir: resolve(drawings, IDX_FOLDER) };
  if (dataset !== "mnist") return { dataset: DATASETS.find((name) => name === dataset) };
  return dataDir === undefined ? {} : { dataDir: resolve(dataDir) };
}

function oneOf(name: string, value: unknown, choices: readonly string[]): string {
  const choice = choices.find((known) => known === value);
  if (choice === undefined) throw outOfBounds(name, `one of ${choices.join(", ")}`, value);
  return choice;
}

type Bounds = readonly [least: number, most: number];

function number(name: string, value: unknown, [least, most]: Bounds): number {
  if (typeof value !== "number" || !(value >= least && value <= most)) {
    throw outOfBounds(name, `a number from ${least} to ${most}`, value);
  }
  return value;
}

function wholeNumber(name: string, value: unknown, bounds: Bounds): number {
  const [least, most] = bounds;
  if (!Number.isInteger(value)) {
    throw outOfBounds(name, `a whole number from ${least} to ${most}`, value);
  }
  return number(name, value, bounds);
}

function trueOrFalse(name: string, value: unknown): boolean {
  if (typeof value !== "boolean") throw outOfBounds(name, "true or false", value);
  return value;
}

function outOfBounds(name: string, expected: string, value: unknown): InvalidArgumentError {
  return new InvalidArgumentError(
    `Expected ${expected} for ${name} of a new run but received ${show(value)}.`,
  );
}
