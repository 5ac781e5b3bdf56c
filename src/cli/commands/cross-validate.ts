import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { seedOfFirstFold } from "../../data/folds/fold.js";
import { SPLIT_SEED } from "../../data/open-data.js";
import {
  checkpointOption,
  jsonOption,
  positiveNumber,
  readCheckpointEvery,
  wholeNumber,
} from "../options/shared.js";
import { stoppingOptions } from "../options/stopping.js";
import {
  computationOptions,
  configOption,
  readOptions,
  readOver,
  trainDataOptions,
} from "../options/train-arguments.js";
import { networkOptions, regularisationOptions, trainingOptions } from "../options/training.js";
import type { Given } from "../options/training-settings.js";
import { UsageError } from "../process.js";
import type { StoppingSettings } from "../stopping.js";
import { openTraining } from "./open-training.js";

const folds = {
  folds: {
    requiresArg: true,
    defaultDescription: "5",
    describe:
      "Into how many folds the training and validation examples are shared out; the test examples stay apart",
  },
  repeats: {
    requiresArg: true,
    defaultDescription: "1",
    describe: "How many times that is done, each time into other folds",
  },
  stratified: {
    type: "boolean",
    defaultDescription: "true for classes without --group-column",
    describe: "Share each class out alike",
  },
  "group-column": {
    type: "string",
    requiresArg: true,
    describe:
      "For --table: the column whose rows with the same value stay in one fold, such as a patient's; the network does not read it",
  },
  "validation-size": {
    requiresArg: true,
    defaultDescription: "0.1 where validation decides when to stop, else none",
    describe:
      "How many of its training examples a fold validates on instead, or below 1 which share of them; with none it validates on what it holds out",
  },
} as const;

const run = {
  config: {
    ...configOption,
    describe:
      "File with settings, JSON or YAML; the config.json of any fold makes its cross-validation again; options win over it",
  },
  ...computationOptions,
  seed: {
    ...computationOptions.seed,
    describe:
      "Seed of weights, shuffling, dropout and distortions of the first fold, the next number for the next; folds, as the split, always have the chapter's",
  },
  out: {
    type: "string",
    requiresArg: true,
    describe:
      "Folder for cross-validation.json, and in fold-1, fold-2 and so on each fold's run as train keeps one",
  },
  "checkpoint-every": checkpointOption,
  force: {
    type: "boolean",
    default: false,
    describe: "Replace a cross-validation that is in the folder of --out",
  },
  json: jsonOption,
} as const;

const options = {
  ...trainDataOptions,
  ...folds,
  ...networkOptions,
  ...trainingOptions,
  ...stoppingOptions,
  ...regularisationOptions,
  ...run,
} as const;

type CrossValidateArguments = ArgumentsCamelCase<InferredOptionTypes<typeof options>>;

export function builder(yargs: Argv) {
  return yargs
    .options(options)
    .group(Object.keys(trainDataOptions), "Data:")
    .group(Object.keys(folds), "Folds:")
    .group(Object.keys(networkOptions), "Network:")
    .group(Object.keys(trainingOptions), "Training:")
    .group(Object.keys(stoppingOptions), "Stopping:")
    .group(Object.keys(regularisationOptions), "Regularisation:")
    .group(Object.keys(run), "Run:")
    .example("$0 cross-validate --epochs 10", "the chapter's network on five folds: mean and deviation")
    .example("$0 cross-validate --hidden 100 --folds 10 --repeats 3", "30 trainings, in 3 times 10 folds")
    .example("$0 cross-validate --table iris.csv --target-column species --task classify", "a table")
    .example("$0 cross-validate --early-stopping 5", "each fold as long as there is a gain")
    .example("$0 cross-validate --out cv", "keep the folds; then: report cv/fold-*, or evaluate a model")
    .example("$0 cross-validate --config cv/fold-1/config.json", "the cross-validation in cv again");
}

export async function handler(args: CrossValidateArguments): Promise<void> {
  const { out, force, json, summary } = args;
  const checkpointEvery = readCheckpointEvery(args["checkpoint-every"], out !== undefined);
  const isSeedGiven = args.seed !== undefined;
  const asked = await readOver(args, args.config, (given) => readCrossValidation(given, isSeedGiven));
  const [opened, { crossValidate }] = await Promise.all([
    openTraining(asked),
    import("./cross-validation.js"),
  ]);
  await crossValidate({ ...opened, asked: asked.folds, checkpointEvery, out, force, json, summary });
}

/**
 * Reads what is trained, and for which folds.
 *
 * @param isSeedGiven Whether the seed is that of the first fold, as on the command line; the configuration of a fold has the fold's own.
 */
async function readCrossValidation(given: Given, isSeedGiven: boolean) {
  const { choice, settings, backendOptions } = await readOptions(given);
  const { crossValidation } = choice;
  const folds = {
    folds: wholeNumber("folds", given.folds ?? "5", 2),
    repeats: wholeNumber("repeats", given.repeats ?? "1", 1),
    stratified: given.stratified as boolean | undefined, // As yargs or the schema has let it pass.
    seed: crossValidation?.seed ?? SPLIT_SEED,
    validationSize: readValidationSize(given["validation-size"], settings.stopping),
  };
  if (choice.groupColumn !== undefined) checkGroups(folds);
  const isOfFold = crossValidation !== undefined && !isSeedGiven;
  const seed = isOfFold ? seedOfFirstFold(settings.seed, crossValidation.fold) : settings.seed;
  return {
    choice: { ...choice, crossValidation: undefined },
    settings: { ...settings, seed },
    backendOptions,
    folds,
  };
}

/** Where validation decides when to stop, what is held out for the scores must have no part in it. */
function readValidationSize(given: unknown, stopping: StoppingSettings): number | undefined {
  const decides = stopping.earlyStopping !== undefined || stopping.reduceOnPlateau !== undefined;
  if (given === undefined) return decides && stopping.monitor?.startsWith("validation.") ? 0.1 : undefined;
  const size = positiveNumber("validation-size", given);
  return size < 1 ? size : wholeNumber("validation-size", given, 1);
}

/** @throws UsageError when groups do not go together with the rest. */
function checkGroups({
  repeats,
  stratified,
}: {
  readonly repeats: number;
  readonly stratified: boolean | undefined;
}): void {
  if (stratified === true || repeats > 1) {
    const option = stratified === true ? "stratified" : "repeats";
    throw new UsageError(
      `Expected no --${option} with --group-column, because groups decide by their sizes into which fold they go; leave one out.`,
    );
  }
}
