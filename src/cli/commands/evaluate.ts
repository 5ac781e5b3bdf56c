import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { selectBackend } from "../../backend/select.js";
import { loadRunModel } from "../../runs/load-run-model.js";
import { openModelsData } from "../../runs/recorded-data.js";
import { evaluate } from "../../training/evaluate.js";
import { noticeDivergence, noticeOtherData } from "../model-notices.js";
import { dataOptions, readDataOptions } from "../options/data.js";
import { backendOptions, jsonOption, readBackendOptions } from "../options/shared.js";
import { print, printJson } from "../process.js";

const options = {
  ...dataOptions,
  dataset: { ...dataOptions.dataset, defaultDescription: "the one it was trained on" },
  split: { ...dataOptions.split, defaultDescription: "the one it was trained with" },
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
    .options(options)
    .group(Object.keys(dataOptions), "Data:");
}

export async function handler({ model, part, json, ...args }: EvaluateArguments): Promise<void> {
  const choice = readDataOptions(args);
  const backend = selectBackend(readBackendOptions(args));
  const { network, metadata } = await loadRunModel(model, { backend });
  noticeDivergence(network, model);
  const data = await openModelsData(choice, metadata);
  const sameData = noticeOtherData(metadata, data, model);
  const { loss, accuracy, correct, count } = await evaluate(network, data.parts[part]);
  await data.close();
  if (json) {
    const { dataset } = data;
    printJson({ model, dataset, sameData, part, loss, accuracy, correct, count, backend: backend.name });
  } else {
    print(
      `Accuracy on ${part}: ${(accuracy * 100).toFixed(2)}% (${correct} of ${count}) | MSE: ${loss.toFixed(4)}`,
    );
  }
}
