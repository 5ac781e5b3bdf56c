import { performance } from "node:perf_hooks";
import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { selectBackend } from "../../backend/select.js";
import { openDataOrDraw } from "../../data/open-data.js";
import { dataOptions, readDataOptions } from "../options/data.js";
import {
  backendOptions,
  dtypeOption,
  jsonOption,
  layerSizes,
  positiveNumber,
  readableOption,
  readBackendOptions,
  wholeNumber,
} from "../options/shared.js";

const options = {
  ...dataOptions,
  dataset: { ...dataOptions.dataset, defaultDescription: "mnist, or synthetic where it cannot be had" },
  offline: { type: "boolean", default: false, describe: "Download nothing" },
  split: { ...dataOptions.split, defaultDescription: "chapter; official for raw files above 1 GiB" },
  hidden: readableOption("50", "Units of the hidden layers: repeat it, or separate by commas"),
  epochs: readableOption("50", "Passes over the training set"),
  "batch-size": readableOption("100", "Examples in a minibatch"),
  "learning-rate": readableOption("0.1", "Step size of gradient descent"),
  seed: readableOption("123", "Seed of weights and shuffling; the split always has the chapter's"),
  dtype: dtypeOption,
  ...backendOptions,
  out: {
    type: "string",
    requiresArg: true,
    describe: "Folder for config.json, environment.json, metrics.jsonl, summary.json and model.safetensors",
  },
  force: { type: "boolean", default: false, describe: "Replace a run that is in the folder of --out" },
  json: jsonOption,
} as const;

type TrainArguments = ArgumentsCamelCase<InferredOptionTypes<typeof options>>;

export function builder(yargs: Argv) {
  return yargs
    .options(options)
    .group([...Object.keys(dataOptions), "offline"], "Data:")
    .example("$0 train", "the chapter's run, 784-50-10 and 50 epochs, on MNIST if it can be had")
    .example("$0 train --data-dir mnist", "the same on the files in the folder mnist")
    .example("$0 train --data-dir mnist --hidden 200,100", "two hidden layers")
    .example("$0 train --csv letters.csv --label-column letter", "a network for images of your own");
}

export async function handler(args: TrainArguments): Promise<void> {
  const { dtype, out, force, json } = args;
  const choice = { ...readDataOptions(args), offline: args.offline };
  const settings = {
    hidden: layerSizes("hidden", args.hidden),
    epochs: wholeNumber("epochs", args.epochs, 1),
    batchSize: wholeNumber("batch-size", args["batch-size"], 1),
    learningRate: positiveNumber("learning-rate", args["learning-rate"]),
    seed: wholeNumber("seed", args.seed, 0, 2 ** 32 - 1),
    dtype,
  };
  const start = performance.now();
  const backend = selectBackend(readBackendOptions(args));
  // Reading takes longer than importing, and other threads decompress: the two need not wait for each other.
  const [data, { trainAndTest }] = await Promise.all([openDataOrDraw(choice), import("./training-run.js")]);
  await trainAndTest({ choice, data, settings, backend, out, force, json, start });
}
