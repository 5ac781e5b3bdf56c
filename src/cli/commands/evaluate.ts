import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { selectBackend } from "../../backend/select.js";
import type { TargetFormat } from "../../data/targets.js";
import { lossNames } from "../../nn/losses/loss-names.js";
import { loadRunModel } from "../../runs/load-run-model.js";
import { openModelsData } from "../../runs/recorded-data.js";
import { evaluateAll, type OccurringReport } from "../../training/evaluation-report.js";
import { findMetrics } from "../../training/scorer.js";
import { classificationLines, metricLines } from "../metric-lines.js";
import { noticeDivergence, noticeOtherData, noticeOtherSplit } from "../model-notices.js";
import { dataOptions, readDataOptions } from "../options/data.js";
import { asUsage, metricsOption, readMetrics } from "../options/metrics.js";
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
  metrics: metricsOption("to compute"),
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
  const metricNames = await readMetrics(args.metrics);
  const backend = selectBackend(readBackendOptions(args));
  const { network, metadata } = await loadRunModel(model, { backend });
  noticeDivergence(network, model);
  const data = await openModelsData(choice, metadata);
  const sameData = noticeOtherData(metadata, data, model);
  if (part !== "train") noticeOtherSplit(metadata, data, model);
  const dataset = data.parts[part];
  if (metricNames !== undefined) asUsage(() => findMetrics(metricNames, network, dataset));
  const { evaluation, classes, values } = await evaluateAll(network, dataset, metricNames);
  await data.close();
  const { targets } = dataset;
  if (json) {
    const { loss, accuracy, correct, count, metrics } = evaluation;
    const lossName = lossNames(network.loss).long;
    // What has no accuracy is judged by other scores.
    const result =
      values === null ? { loss, lossName, accuracy, correct, count } : { loss, lossName, ...values, count };
    printJson({
      model,
      dataset: data.dataset,
      sameData,
      part,
      ...result,
      ...(metricNames !== undefined && { metrics }),
      ...(classes !== null && { report: namedReport(classes, targets) }),
      backend: backend.name,
    });
    return;
  }
  const title = { accuracy: `Accuracy on ${part}`, prefix: "" };
  const line = resultLine(evaluation, { loss: network.loss, scores: values }, title);
  print(values === null ? line : `On ${part}, ${evaluation.count} rows: ${line}`);
  if (values !== null) {
    for (const output of outputLines(values, targets.kind === "values" ? targets.names : undefined))
      print(output);
  }
  for (const metric of metricLines(evaluation.metrics)) print(metric);
  if (classes === null) return;
  print("");
  for (const row of classificationLines(classes, classNames(targets))) print(row);
}

/** Each class by its number, and by its name where it has one. */
function namedReport(
  { classes, perClass, macroAverage, weightedAverage }: OccurringReport,
  of: TargetFormat,
) {
  const names = classNames(of);
  return {
    perClass: perClass.map((scores, i) => {
      const label = classes[i] as number; // One for each.
      return { label, ...(names !== undefined && { name: names[label] }), ...scores };
    }),
    macroAverage,
    weightedAverage,
  };
}

function classNames(targets: TargetFormat): readonly string[] | undefined {
  return targets.kind === "classes" ? targets.classNames : undefined;
}
