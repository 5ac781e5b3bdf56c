import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { selectBackend } from "../../backend/select.js";
import { lossNames } from "../../nn/losses/loss-names.js";
import { loadRunModel } from "../../runs/load-run-model.js";
import { openModelsData } from "../../runs/recorded-data.js";
import { evaluate } from "../../training/evaluate.js";
import { scoreValues } from "../../training/score-values.js";
import { noticeDivergence, noticeOtherData } from "../model-notices.js";
import { dataOptions, readDataOptions } from "../options/data.js";
import { backendOptions, jsonOption, readBackendOptions } from "../options/shared.js";
import { print, printJson } from "../process.js";
import { outputLines, resultLine } from "../result-line.js";

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
  const dataset = data.parts[part];
  const evaluation = await evaluate(network, dataset);
  const scores = await scoreValues(network, dataset);
  await data.close();
  if (json) {
    const { loss, accuracy, correct, count } = evaluation;
    const lossName = lossNames(network.loss).long;
    // What has no accuracy is judged by other scores.
    const result =
      scores === null ? { loss, lossName, accuracy, correct, count } : { loss, lossName, ...scores, count };
    printJson({ model, dataset: data.dataset, sameData, part, ...result, backend: backend.name });
    return;
  }
  const { targets } = dataset;
  const title = { accuracy: `Accuracy on ${part}`, prefix: "" };
  const line = resultLine(evaluation, { loss: network.loss, scores }, title);
  print(scores === null ? line : `On ${part}, ${evaluation.count} rows: ${line}`);
  if (scores === null) return;
  for (const output of outputLines(scores, targets.kind === "values" ? targets.names : undefined))
    print(output);
}
