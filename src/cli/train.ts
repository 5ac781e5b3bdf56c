import { rm } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { selectBackend } from "../backend/select.js";
import { pixelCount } from "../data/dataset.js";
import {
  CONFIG_FILE,
  type EpochMetrics,
  METRICS_FILE,
  MODEL_FILE,
  prepareRunFolder,
  SUMMARY_FILE,
  writeJson,
  writeMetrics,
} from "../formats/run-folder.js";
import { MultilayerPerceptron } from "../nn/mlp.js";
import { saveModel } from "../training/checkpoint.js";
import { type Evaluation, evaluate } from "../training/evaluate.js";
import { fit } from "../training/fit.js";
import { formatEpoch } from "../training/history.js";
import { DATASETS, loadData } from "./data.js";
import {
  backendOptions,
  dataOptions,
  dtypeOption,
  jsonOption,
  layerSizes,
  positiveNumber,
  wholeNumber,
} from "./options.js";
import { createTrainingDisplay } from "./progress.js";
import { EXIT_INTERRUPTED, interruptSignal, print, printJson } from "./run.js";
import { packageVersion } from "./version.js";

const options = {
  ...dataOptions,
  dataset: { choices: DATASETS, default: "mnist" as const, describe: "Which data set" },
  hidden: {
    type: "string",
    requiresArg: true,
    default: "50",
    coerce: layerSizes("hidden"),
    describe: "Units of the hidden layers: repeat it, or separate by commas",
  },
  epochs: {
    type: "string",
    requiresArg: true,
    default: "50",
    coerce: wholeNumber("epochs", 1),
    describe: "Passes over the training set",
  },
  "batch-size": {
    type: "string",
    requiresArg: true,
    default: "100",
    coerce: wholeNumber("batch-size", 1),
    describe: "Examples in a minibatch",
  },
  "learning-rate": {
    type: "string",
    requiresArg: true,
    default: "0.1",
    coerce: positiveNumber("learning-rate"),
    describe: "Step size of gradient descent",
  },
  seed: {
    type: "string",
    requiresArg: true,
    default: "123",
    coerce: wholeNumber("seed", 0, 2 ** 32 - 1),
    describe: "Seed of weights and shuffling; the split always has the chapter's",
  },
  dtype: dtypeOption,
  ...backendOptions,
  out: {
    type: "string",
    requiresArg: true,
    describe: "Folder for config.json, metrics.jsonl, summary.json and model.safetensors",
  },
  json: jsonOption,
} as const;

type TrainArguments = ArgumentsCamelCase<InferredOptionTypes<typeof options>>;

const SPLIT_SEED = 123;

export function builder(yargs: Argv) {
  return yargs
    .options(options)
    .example("$0 train --data-dir mnist", "the chapter's run: 784-50-10, 50 epochs")
    .example(
      "$0 train --data-dir mnist --hidden 200,100 --out runs/deep",
      "two hidden layers, kept in a folder",
    );
}

export async function handler(args: TrainArguments): Promise<void> {
  const { dataset, split, dtype, out, json } = args;
  const [epochs, batchSize, learningRate, seed] = [
    args.epochs,
    args.batchSize,
    args.learningRate,
    args.seed,
  ].map(Number) as [number, number, number, number];
  const start = performance.now();
  const backend = selectBackend({ backend: args.backend, threads: args.threads });
  if (out !== undefined) await prepareRunFolder(out);
  const { train, validation, test } = await loadData({
    dataDir: args.dataDir,
    dataset,
    split,
    seed: SPLIT_SEED,
  });
  const network = new MultilayerPerceptron({
    layers: [pixelCount(train), ...args.hidden, train.classes],
    seed,
    dtype,
    backend,
  });

  const config = {
    version: packageVersion,
    dataset,
    dataDir: args.dataDir ?? null,
    split,
    splitSeed: SPLIT_SEED,
    layers: network.sizes,
    activation: "sigmoid",
    epochs,
    batchSize,
    learningRate,
    seed,
    dtype,
    backend: backend.name,
    kernelSet: backend.kernelSet,
    threads: backend.threads,
    imageShape: train.imageShape,
    classNames: train.classNames ?? null,
  };
  const metrics: EpochMetrics[] = [];
  const display = json
    ? { line: () => {}, progress: () => {}, close: () => {} }
    : createTrainingDisplay(epochs);
  if (!json) {
    const [height, width] = train.imageShape;
    const sizes = [train, validation, test].map(({ rows }) => rows.length.toLocaleString("en"));
    print(
      `Data: ${sizes[0]} training, ${sizes[1]} validation and ${sizes[2]} test images of ${height} x ${width} pixels.`,
    );
    const threads = backend.threads === 1 ? "1 thread" : `${backend.threads} threads`;
    print(
      `Network: ${network.sizes.join("-")}, ${dtype}, ${backend.name} backend (${backend.kernelSet}, ${threads}).`,
    );
  }

  const { signal, release } = interruptSignal();
  try {
    await fit(network, train, {
      epochs,
      batchSize,
      learningRate,
      shuffle: seed,
      validation,
      signal,
      onProgress: display.progress,
      onEpochEnd: async (epoch) => {
        metrics.push(epoch);
        display.line(formatEpoch(epoch, epochs));
        if (out !== undefined) await keepMetrics(out, config, metrics);
      },
    });
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    process.exitCode = EXIT_INTERRUPTED;
  } finally {
    release();
    display.close();
  }

  const interrupted = signal.aborted;
  const evaluation = await evaluate(network, test);
  const summary = {
    testLoss: evaluation.loss,
    testAccuracy: evaluation.accuracy,
    testCorrect: evaluation.correct,
    testCount: evaluation.count,
    seconds: (performance.now() - start) / 1000,
    backend: backend.name,
    kernelSet: backend.kernelSet,
    dtype,
    threads: backend.threads,
    epochs: metrics.length,
    interrupted,
  };
  if (out !== undefined) {
    if (metrics.length === 0) await keepMetrics(out, config, metrics);
    const metadata = { ...config, epochs: metrics.length, classes: train.classes };
    await saveModel(join(out, MODEL_FILE), network, asStrings(metadata));
    await writeJson(join(out, SUMMARY_FILE), summary);
  }
  if (json) {
    printJson({ config, epochs: metrics, summary });
    return;
  }
  if (interrupted) print(`Interrupted after ${metrics.length} of ${epochs} epochs.`);
  print(testLine(evaluation));
  print(`Time: ${summary.seconds.toFixed(1)} s${out === undefined ? "" : `, kept in ${out}`}`);
}

/** Writes what is known after an epoch; what an earlier run left in the folder goes with the first one. */
async function keepMetrics(
  directory: string,
  config: unknown,
  metrics: readonly EpochMetrics[],
): Promise<void> {
  if (metrics.length <= 1) {
    await Promise.all([SUMMARY_FILE, MODEL_FILE].map((file) => rm(join(directory, file), { force: true })));
    await writeJson(join(directory, CONFIG_FILE), config);
  }
  await writeMetrics(join(directory, METRICS_FILE), metrics);
}

function testLine({ accuracy, correct, count, loss }: Evaluation): string {
  return `Test accuracy: ${(accuracy * 100).toFixed(2)}% (${correct} of ${count}) | Test MSE: ${loss.toFixed(4)}`;
}

/** Safetensors metadata hold strings only: text stays as it is, the rest becomes JSON. */
function asStrings(values: Readonly<Record<string, unknown>>): Record<string, string> {
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, text(value)]));
}
