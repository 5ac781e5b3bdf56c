import type { Activation } from "../../backend/activation.js";
import type { AugmentOptions } from "../../data/augmentation/augmenter.js";
import type { InitializerName } from "../../nn/initializers.js";
import type { LossName } from "../../nn/losses/create-loss.js";
import type { LossSpecification } from "../../nn/losses/specification.js";
import type { OutputActivation } from "../../nn/specification.js";
import type { OptimizerName, OptimizerSpecification } from "../../optim/specification.js";
import type { Stack } from "../../runs/stack.js";
import { UsageError } from "../process.js";
import { readAugment } from "./augment.js";
import { PRESET_DEFAULTS, type PresetName } from "./presets.js";
import { layerSizes, numberInRange, positiveNumber, wholeNumber } from "./shared.js";

/** What was asked for of network and training, whatever the data are. */
export interface TrainingSettings {
  readonly stack: Stack;
  /** `undefined`: by the output's activation. */
  readonly loss: LossSpecification | undefined;
  readonly optimizer: OptimizerSpecification;
  /** `undefined` where the optimizer finds its step by itself. */
  readonly learningRate: number | undefined;
  readonly schedule: { readonly type: "constant" } | { readonly type: "cosine"; readonly warmUp: number };
  readonly epochs: number;
  /** `undefined`: all examples. */
  readonly batchSize: number | undefined;
  readonly alpha: number;
  readonly l1: number;
  readonly classWeights: "balanced" | undefined;
  /** How training images are distorted; `undefined`: not at all. */
  readonly augment: AugmentOptions | undefined;
  /** A model to go on from. */
  readonly from: string | undefined;
  readonly freeze: readonly string[];
  /** Whether two classes, and no others, are what the network is for. */
  readonly needsTwoClasses: boolean;
}

/** Arguments as yargs gives them, by option. */
type Given = Readonly<Record<string, unknown>>;

/** A usual learning rate of each optimizer. */
const LEARNING_RATES: Readonly<Record<Exclude<OptimizerName, "lbfgs">, string>> = {
  sgd: "0.1",
  rmsprop: "0.001",
  adagrad: "0.01",
  adam: "0.001",
  adamw: "0.001",
  nadam: "0.001",
  lion: "0.0002",
};

const STEP_OPTIONS = ["weight-decay", "max-norm", "clip-norm", "clip-value"] as const;

/** Options that say something about others: each with what it needs. */
const NEEDS: readonly (readonly [option: string, isMet: (given: Given) => boolean, needed: string])[] = [
  ["momentum", ({ optimizer = "sgd" }) => optimizer === "sgd", "--optimizer sgd"],
  [
    "nesterov",
    ({ momentum, optimizer = "sgd" }) => momentum !== undefined && optimizer === "sgd",
    "--momentum",
  ],
  ["warm-up", ({ schedule }) => schedule === "cosine", "--schedule cosine"],
  [
    "label-smoothing",
    (given) => /^(binaryC|c)rossEntropy$/.test(lossNameOf(given) ?? ""),
    "--loss crossEntropy or binaryCrossEntropy",
  ],
  ["freeze", ({ from }) => from !== undefined, "--from"],
];

/** Options that another one leaves nothing to say for. */
const EXCLUDES: readonly (readonly [
  by: string,
  holds: (given: Given) => boolean,
  options: readonly string[],
  because: string,
])[] = [
  [
    "--optimizer lbfgs",
    ({ optimizer }) => optimizer === "lbfgs",
    [...STEP_OPTIONS, "learning-rate", "schedule", "batch-size", "dropout", "augment"],
    "which takes all examples together, as they are, and finds its step by itself",
  ],
  [
    "--from",
    ({ from }) => from !== undefined,
    ["preset", "hidden", "activation", "output", "batch-norm", "init", "standardize", "dropout"],
    "because the model has its layers",
  ],
  [
    "--hidden none",
    ({ hidden }) => hidden === "none",
    ["activation", "batch-norm", "dropout"],
    "because it is about hidden layers",
  ],
  [
    "--task regress",
    ({ task }) => task === "regress",
    ["class-weights", "label-smoothing"],
    "because there are no classes",
  ],
  ["--table", ({ table }) => table !== undefined, ["augment", "classes"], "because it is about images"],
];

/**
 * Reads the options on network and training, with the defaults of a preset.
 *
 * @throws UsageError when one is out of range, or when some do not go together.
 */
export function readTrainingSettings(args: Given): TrainingSettings {
  const given = withPreset(args);
  checkTogether(given);
  const text = (option: string) => given[option] as string | undefined; // One of its choices, where yargs has let it pass.
  const share = (option: string) => optional(given[option], (v) => numberInRange(option, v, 0, 1));
  const atLeastZero = (option: string) => optional(given[option], (v) => numberInRange(option, v, 0));
  const positive = (option: string) => optional(given[option], (v) => positiveNumber(option, v));
  const optimizer = (text("optimizer") ?? "sgd") as OptimizerName;
  const loss = lossNameOf(given);
  return {
    stack: {
      hidden: given.hidden === "none" ? [] : layerSizes("hidden", given.hidden ?? "50"),
      activation: (text("activation") ?? "sigmoid") as Activation,
      output: (text("output") ?? outputFor(loss, given)) as OutputActivation,
      init: text("init") as InitializerName | undefined,
      dropout: share("dropout") ?? 0,
      batchNorm: given["batch-norm"] === true,
      standardize: (given.standardize as boolean | undefined) ?? given.table !== undefined,
    },
    loss: lossOf(given, share("label-smoothing")),
    optimizer: {
      type: optimizer,
      ...defined({
        momentum: share("momentum"),
        nesterov: given.nesterov === true ? true : undefined,
        weightDecay: atLeastZero("weight-decay"),
        maxNorm: positive("max-norm"),
        clipNorm: positive("clip-norm"),
        clipValue: positive("clip-value"),
      }),
    },
    learningRate:
      optimizer === "lbfgs"
        ? undefined
        : positiveNumber("learning-rate", given["learning-rate"] ?? LEARNING_RATES[optimizer]),
    schedule:
      given.schedule === "cosine"
        ? { type: "cosine", warmUp: readWarmUp(given["warm-up"]) }
        : { type: "constant" },
    epochs: wholeNumber("epochs", given.epochs ?? "50", 1),
    batchSize:
      optimizer === "lbfgs" || given["batch-size"] === "all"
        ? undefined
        : wholeNumber("batch-size", given["batch-size"] ?? "100", 1),
    alpha: atLeastZero("alpha") ?? 0,
    l1: atLeastZero("l1") ?? 0,
    classWeights: text("class-weights") as "balanced" | undefined,
    augment: readAugment(given.augment),
    from: text("from"),
    freeze: [given.freeze ?? []].flat().map(String),
    needsTwoClasses: given.preset === "adaline",
  };
}

function withPreset(args: Given): Given {
  const { preset, optimizer } = args;
  const given = defined(args);
  if (preset === undefined) return given;
  const defaults = { ...PRESET_DEFAULTS[preset as PresetName] };
  const forget = (...options: readonly string[]) => {
    for (const option of options) delete defaults[option];
  };
  // What is given takes along the defaults that are about what it replaces.
  if (optimizer !== undefined && optimizer !== defaults.optimizer) forget(...STEP_OPTIONS, "learning-rate");
  for (const [, holds, options] of EXCLUDES) if (holds(given)) forget(...options);
  if (given.task === "regress") forget("loss");
  if (given.loss !== undefined) forget("label-smoothing");
  if (given.schedule === "constant" || optimizer === "lbfgs") forget("warm-up");
  return { ...defaults, ...given };
}

function checkTogether(given: Given): void {
  const isGiven = (option: string) => given[option] !== undefined && given[option] !== false;
  for (const [by, holds, options, because] of EXCLUDES) {
    const alien = holds(given) ? options.find(isGiven) : undefined;
    if (alien !== undefined)
      throw new UsageError(`Expected no --${alien} with ${by}, ${because}; leave one out.`);
  }
  for (const [option, isMet, needed] of NEEDS) {
    if (isGiven(option) && !isMet(given)) throw new UsageError(`Expected ${needed} with --${option}.`);
  }
  const loss = lossNameOf(given);
  if (given.task === "regress" && loss === "crossEntropy") {
    throw new UsageError(
      "Expected a loss for numbers, such as squaredError, with --task regress but received crossEntropy.",
    );
  }
}

/** The loss that was named, or that goes with the output that was. */
function lossNameOf({ loss, output }: Given): LossName | undefined {
  return (loss as LossName | undefined) ?? (output === "softmax" ? "crossEntropy" : undefined);
}

function outputFor(loss: LossName | undefined, { task }: Given): OutputActivation {
  switch (loss) {
    case "crossEntropy":
      return "softmax";
    case "binaryCrossEntropy":
      return "sigmoid";
    case "absoluteError":
    case "huber":
      return "identity";
    default:
      return task === "regress" ? "identity" : "sigmoid";
  }
}

function lossOf(given: Given, labelSmoothing: number | undefined): LossSpecification | undefined {
  const type = lossNameOf(given);
  if (type === undefined) return undefined;
  // Linear outputs are averaged, as everywhere but in the chapter.
  if (type === "squaredError") {
    const isLinear = (given.output ?? outputFor(type, given)) === "identity";
    return isLinear ? { type, averageOutputs: true } : { type };
  }
  if (labelSmoothing !== undefined && (type === "crossEntropy" || type === "binaryCrossEntropy")) {
    return { type, labelSmoothing };
  }
  return { type };
}

function readWarmUp(given: unknown = "0"): number {
  const value = numberInRange("warm-up", given, 0);
  return value < 1 ? value : wholeNumber("warm-up", given, 1);
}

function optional<T>(given: unknown, read: (given: unknown) => T): T | undefined {
  return given === undefined ? undefined : read(given);
}

function defined<T extends object>(values: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, v]) => v !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };
}
