import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { selectBackend } from "../backend/select.js";
import { loadModel } from "../training/checkpoint.js";
import { evaluate } from "../training/evaluate.js";
import { DATASETS, dataOfModel, loadData } from "./data.js";
import { backendOptions, dataDirOption, jsonOption, readBackendOptions, splitOption } from "./options.js";
import { print, printJson } from "./run.js";

const options = {
  "data-dir": dataDirOption,
  dataset: { choices: DATASETS, defaultDescription: "the one it was trained on", describe: "Which data set" },
  split: { ...splitOption, defaultDescription: "the one it was trained with" },
  part: {
    choices: ["train", "validation", "test"] as const,
    default: "test" as const,
    describe: "Which part of the data",
  },
  ...backendOptions,
  json: jsonOption,
} as const;

type EvaluateArguments = ArgumentsCamelCase<InferredOptionTypes<typeof options> & { model: string }>;

export function builder(yargs: Argv) {
  return yargs
    .positional("model", {
      type: "string",
      demandOption: true,
      describe: "A model.safetensors that train wrote",
    })
    .options(options);
}

export async function handler({ model, part, json, ...args }: EvaluateArguments): Promise<void> {
  const backend = selectBackend(readBackendOptions(args));
  const { network, metadata } = await loadModel(model, { backend });
  const trained = dataOfModel(metadata);
  const dataset = args.dataset ?? trained.dataset;
  const split = args.split ?? trained.split;
  const parts = await loadData({ dataDir: args["data-dir"], dataset, split });
  const { loss, accuracy, correct, count } = await evaluate(network, parts[part]);
  if (json) {
    printJson({ model, part, loss, accuracy, correct, count, backend: backend.name });
  } else {
    print(
      `Accuracy on ${part}: ${(accuracy * 100).toFixed(2)}% (${correct} of ${count}) | MSE: ${loss.toFixed(4)}`,
    );
  }
}
