import { performance } from "node:perf_hooks";
import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import type { Backend } from "../../backend/backend.js";
import { selectBackend } from "../../backend/select.js";
import { openDataOrDraw } from "../../data/open-data.js";
import { dataOptions, readDataOptions } from "../options/data.js";
import {
  backendOptions,
  dtypeOption,
  jsonOption,
  readableOption,
  readBackendOptions,
  wholeNumber,
} from "../options/shared.js";
import { networkOptions, regularisationOptions, trainingOptions } from "../options/training.js";
import { readTrainingSettings } from "../options/training-settings.js";
import { UsageError } from "../process.js";

const data = {
  ...dataOptions,
  dataset: { ...dataOptions.dataset, defaultDescription: "mnist, or synthetic where it cannot be had" },
  classes: {
    requiresArg: true,
    defaultDescription: "all",
    describe: "Of images: learn these classes alone, by their numbers or names, such as 3,8",
  },
  split: { ...dataOptions.split, defaultDescription: "chapter; official for raw files above 1 GiB" },
  offline: { type: "boolean", default: false, describe: "Download nothing" },
} as const;

const run = {
  seed: readableOption(
    "123",
    "Seed of weights, shuffling, dropout and distortions; the split always has the chapter's",
  ),
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

const options = {
  ...data,
  ...networkOptions,
  ...trainingOptions,
  ...regularisationOptions,
  ...run,
} as const;

type TrainArguments = ArgumentsCamelCase<InferredOptionTypes<typeof options>>;

export function builder(yargs: Argv) {
  return yargs
    .options(options)
    .group(Object.keys(data), "Data:")
    .group(Object.keys(networkOptions), "Network:")
    .group(Object.keys(trainingOptions), "Training:")
    .group(Object.keys(regularisationOptions), "Regularisation:")
    .group(Object.keys(run), "Run:")
    .example("$0 train", "the chapter's run, 784-50-10 and 50 epochs, on MNIST if it can be had")
    .example("$0 train --data-dir mnist", "the same on the files in the folder mnist")
    .example("$0 train --data-dir mnist --hidden 200,100", "two hidden layers")
    .example("$0 train --preset modern", "what works well today, made of the options below")
    .example("$0 train --preset adaline --classes 3,8", "one linear unit that tells two digits apart")
    .example("$0 train --activation relu --loss crossEntropy --optimizer adam", "another network")
    .example("$0 train --hidden 300 --augment shift=2,rotate=10", "distorted images, which overfit less")
    .example("$0 train --csv letters.csv --label-column letter", "a network for images of your own")
    .example("$0 train --table iris.csv --target-column species --task classify", "and for a table")
    .example("$0 train --table houses.csv --target-column price --task regress", "numbers to learn")
    .example("$0 train --from runs/a/model.safetensors --freeze layers.0", "go on from a model");
}

export async function handler(args: TrainArguments): Promise<void> {
  const { dtype, out, force, json, summary } = args;
  const selectedClasses = args.classes === undefined ? undefined : classNames(args.classes);
  const settings = {
    ...readTrainingSettings(args),
    seed: wholeNumber("seed", args.seed, 0, 2 ** 32 - 1),
    dtype,
  };
  const choice = { ...readDataOptions(args), selectedClasses, offline: args.offline };
  const start = performance.now();
  const backend = selectBackend(readBackendOptions(args));
  const loaded = settings.from === undefined ? undefined : await loadStart(settings.from, backend);
  const columns = choice.table === undefined ? undefined : loaded?.columns;
  // Reading takes longer than importing, and other threads decompress: the two need not wait for each other.
  const [data, { trainAndTest }] = await Promise.all([
    openDataOrDraw({ ...choice, columns }),
    import("./training-run.js"),
  ]);
  const startNetwork = loaded?.network;
  await trainAndTest({ choice, data, settings, startNetwork, backend, out, force, json, summary, start });
}

/** The network to go on from, and what it knows of a table's columns. */
async function loadStart(path: string, backend: Backend) {
  const [{ loadRunModel }, { knownColumns }] = await Promise.all([
    import("../../runs/load-run-model.js"),
    import("../../runs/recorded-data.js"),
  ]);
  const { network, metadata } = await loadRunModel(path, { backend });
  return { network, columns: knownColumns(metadata) };
}

function classNames(given: unknown): readonly string[] {
  const names = [given].flat().flatMap((part) =>
    String(part)
      .split(",")
      .map((name) => name.trim()),
  );
  if (names.length < 2 || names.includes("") || new Set(names).size < names.length) {
    throw new UsageError(
      `Expected at least two different classes, such as 3,8, for --classes but received ${JSON.stringify([given].flat().join(","))}.`,
    );
  }
  return names;
}
