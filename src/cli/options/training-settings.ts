import { resolve } from "node:path";
import type { Activation } from "../../backend/activation.js";
import type { AugmentOptions } from "../../data/augmentation/augmenter.js";
import type { InitializerName } from "../../nn/initializers.js";
import type { LossName } from "../../nn/losses/create-loss.js";
import type { LossSpecification } from "../../nn/losses/specification.js";
import type { OutputActivation } from "../../nn/specification.js";
import type { OptimizerName, OptimizerSpecification } from "../../optim/specification.js";
import type { BeyondOptions } from "../../runs/config/options-of-config.js";
import type { PresetName } from "../../runs/preset-names.js";
import type { Stack } from "../../runs/stack.js";
import type { ScheduleSpecification } from "../../training/schedules/specification.js";
import { UsageError } from "../process.js";
import { readAugment } from "./augment.js";
import { PRESET_DEFAULTS } from "./presets.js";
import { namesSchedule } from "./schedule.js";
import { layerSizes, numberInRange, positiveNumber, wholeNumber } from "./shared.js";

/** What was asked for of network and training, whatever the data are. */
export interface TrainingSettings {
  readonly stack: Stack;
  /** `undefined`: by the output's activation. */
  readonly loss: LossSpecification | undefined;
  readonly optimizer: OptimizerSpecification;
  /** `undefined` where the optimizer finds its step by itself. */
  readonly learningRate: number | undefined;
  readonly schedule: ScheduleSpecification;
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
  /** What a configuration says of the network and no option can. */
  readonly stated: Pick<BeyondOptions, "layers" | "inputs" | "outputs" | "layersOfModel" | "allExamples">;
}

/** Arguments as yargs gives them, by option; and by names in camelCase what a configuration says beyond options. */
export type Given = Readonly<Record<string, unknown>> & Partial<BeyondOptions>;

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

/** As the schema of a configuration lets them be. */
type OptimizerOptions = Readonly<Record<string, number | boolean>>;

const STEP_OPTIONS = ["weight-decay", "max-norm", "clip-norm", "clip-value"] as const;

/** Options that say something about others: each with what it needs. */
const NEEDS: readonly (readonly [option: string, isMet: (given: Given) => boolean, needed: string])[] = [
  ["momentum", ({ optimizer = "sgd" }) => optimizer === "sgd", "--optimizer sgd"],
  [
    "nesterov",
    ({ momentum, optimizer = "sgd" }) => momentum !== undefined && optimizer === "sgd",
    "--momentum",
  ],
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
    [...STEP_OPTIONS, "learning-rate", "schedule", "warm-up", "batch-size", "dropout", "augment"],
    "which takes all examples together, as they are, and finds its step by itself",
  ],
  [
    "--schedule piecewise",
    ({ schedule }) => namesSchedule(schedule, "piecewise"),
    ["learning-rate"],
    "which has learning rates of its own",
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
    "the layers of the configuration",
    ({ layers }) => layers !== undefined,
    ["hidden", "activation", "output", "batch-norm", "init", "standardize", "dropout"],
    "because they say it all",
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
export async function readTrainingSettings(args: Given): Promise<TrainingSettings> {
  const given = withPreset(args);
  checkTogether(given);
  const text = (option: string) => given[option] as string | undefined; // One of its choices, where yargs has let it pass.
  const share = (option: string) => optional(given[option], (v) => numberInRange(option, v, 0, 1));
  const atLeastZero = (option: string) => optional(given[option], (v) => numberInRange(option, v, 0));
  const positive = (option: string) => optional(given[option], (v) => positiveNumber(option, v));
  const optimizer = (text("optimizer") ?? "sgd") as OptimizerName;
  const loss = lossNameOf(given);
  const rateOf = (schedule: ScheduleSpecification) => rateFor(given, optimizer, schedule);
  const schedule = await scheduleOf(given, rateOf);
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
      ...(given.optimizerOptions as OptimizerOptions | undefined),
    },
    learningRate: optimizer === "lbfgs" ? undefined : rateOf(schedule),
    schedule,
    epochs: wholeNumber("epochs", given.epochs ?? "50", 1),
    batchSize:
      optimizer === "lbfgs" || given["batch-size"] === "all"
        ? undefined
        : wholeNumber("batch-size", given["batch-size"] ?? "100", 1),
    alpha: atLeastZero("alpha") ?? 0,
    l1: atLeastZero("l1") ?? 0,
    classWeights: text("class-weights") as "balanced" | undefined,
    augment: readAugment(given.augment),
    from: given.from === undefined ? undefined : resolve(String(given.from)),
    freeze: [given.freeze ?? []].flat().map(String),
    needsTwoClasses: given.preset === "adaline",
    stated: defined({
      layers: given.layers,
      inputs: given.inputs,
      outputs: given.outputs,
      layersOfModel: given.layersOfModel,
      allExamples: given.allExamples,
    }),
  };
}

async function scheduleOf(
  { schedule, "warm-up": warmUp }: Given,
  rateOf: (schedule: ScheduleSpecification) => number,
): Promise<ScheduleSpecification> {
  if (schedule === undefined && warmUp === undefined) return { type: "constant" };
  const { readSchedule } = await import("./read-schedule.js");
  return readSchedule(schedule, warmUp, rateOf);
}

function withPreset(args: Given): Given {
  const { preset } = args;
  const given = defined(args) as Given;
  return preset === undefined
    ? given
    : { ...withoutReplaced(PRESET_DEFAULTS[preset as PresetName], given), ...given };
}

/** Of defaults those that still stand. What is given takes along the defaults that are about what it replaces. */
export function withoutReplaced(defaults: Given, given: Given): Given {
  const { optimizer } = given;
  const replaced = new Set<string>();
  const forget = (...options: readonly string[]) => {
    for (const option of options) replaced.add(option);
  };
  if (optimizer !== undefined && optimizer !== (defaults.optimizer ?? "sgd")) {
    forget(...STEP_OPTIONS, "momentum", "nesterov", "learning-rate", "optimizerOptions", "allExamples");
  }
  for (const [, holds, options] of EXCLUDES) if (holds(given)) forget(...options);
  if (given.task === "regress" && defaults.loss === "crossEntropy")
    forget("loss", "label-smoothing", "lossOptions");
  if (given.loss !== undefined) forget("label-smoothing", "lossOptions");
  if (namesSchedule(given.schedule, "constant", "oneCycle") || optimizer === "lbfgs") forget("warm-up");
  if (optimizer === "lbfgs") {
    forget("reduce-on-plateau");
    if ({ ...defaults, ...given }["early-stopping"] === undefined) forget("monitor");
  }
  return Object.fromEntries(Object.entries(defaults).filter(([option]) => !replaced.has(option)));
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
  const { lossOptions } = given;
  if (lossOptions !== undefined) {
    return { type, ...defined({ labelSmoothing }), ...lossOptions } as LossSpecification; // As the schema lets it be.
  }
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

function rateFor(given: Given, optimizer: OptimizerName, schedule: ScheduleSpecification): number {
  if (schedule.type === "piecewise") return schedule.points[0]?.[1] ?? Number.NaN; // Its own check refuses no points.
  const usual = optimizer === "lbfgs" ? LEARNING_RATES.sgd : LEARNING_RATES[optimizer]; // L-BFGS takes none.
  return positiveNumber("learning-rate", given["learning-rate"] ?? usual);
}

function optional<T>(given: unknown, read: (given: unknown) => T): T | undefined {
  return given === undefined ? undefined : read(given);
}

export function defined<T extends object>(values: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, v]) => v !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };
}
