import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { exampleCount } from "../../data/stream.js";
import { lossNames } from "../../nn/losses/loss-names.js";
import { createOptimizer } from "../../optim/specification.js";
import { writeFileAtomically } from "../../system/files.js";
import { findLearningRate } from "../../training/find-learning-rate.js";
import type { LearningRateRange } from "../../training/learning-rate-range.js";
import { learningRateTable } from "../learning-rate-table.js";
import { jsonOption, positiveNumber, readableOption, wholeNumber } from "../options/shared.js";
import {
  computationOptions,
  configOption,
  readTrainArguments,
  trainDataOptions,
} from "../options/train-arguments.js";
import { networkOptions, regularisationOptions, trainingOptions } from "../options/training.js";
import { interruptionOf, interruptSignal, print, printJson, UsageError } from "../process.js";
import { openTraining } from "./open-training.js";
import { createNetwork } from "./training-network.js";

// What a training has beyond steps at a learning rate is not asked for.
const { summary: _summary, ...network } = networkOptions;
const {
  "learning-rate": _learningRate,
  schedule: _schedule,
  "warm-up": _warmUp,
  epochs: _epochs,
  metrics: _metrics,
  ...training
} = trainingOptions;

const range = {
  min: readableOption("1e-6", "The first learning rate"),
  max: readableOption("10", "The last learning rate; the test ends sooner where the loss grows without end"),
  steps: readableOption("100", "Steps from the first to the last"),
} as const;

const run = {
  config: configOption,
  ...computationOptions,
  out: {
    type: "string",
    requiresArg: true,
    alias: "o",
    describe: "File for the curve, FILE.svg or FILE.png",
  },
  json: jsonOption,
} as const;

const options = {
  ...range,
  ...trainDataOptions,
  ...network,
  ...training,
  ...regularisationOptions,
  ...run,
} as const;

type FindArguments = ArgumentsCamelCase<InferredOptionTypes<typeof options>>;

export function builder(yargs: Argv) {
  return yargs
    .options(options)
    .group(Object.keys(range), "Learning rates:")
    .group(Object.keys(trainDataOptions), "Data:")
    .group(Object.keys(network), "Network:")
    .group(Object.keys(training), "Training:")
    .group(Object.keys(regularisationOptions), "Regularisation:")
    .group(Object.keys(run), "Run:")
    .example("$0 find-lr", "learning rates for the chapter's run, from a test of 100 steps")
    .example("$0 find-lr --preset modern -o curve.png", "the same for another network, with its curve");
}

export async function handler(args: FindArguments): Promise<void> {
  const { out, json } = args;
  const rates = readRange(args);
  const asked = await readTrainArguments(args, args.config);
  const { settings } = asked;
  if (out !== undefined && !/\.(svg|png)$/i.test(out)) {
    throw new UsageError(`Expected a name that ends in .svg or .png for --out but received ${out}.`);
  }
  const optimizer = createOptimizer(settings.optimizer);
  if (!("step" in optimizer)) {
    throw new UsageError(
      "Expected another optimizer than lbfgs for find-lr, as that one finds its steps by itself.",
    );
  }
  const { data, startNetwork, backend } = await openTraining(asked);
  const { signal, release } = interruptSignal();
  try {
    const { train } = data.parts;
    const network = createNetwork(settings, data.parts, startNetwork, backend);
    const { classWeights, augment, seed } = settings;
    const found = await findLearningRate(network, train, {
      ...rates,
      optimizer,
      batchSize: settings.batchSize ?? exampleCount(train),
      shuffle: seed,
      ...(classWeights !== undefined && { classWeights }),
      ...(augment !== undefined && { augment: { ...augment, seed } }),
      signal,
    });
    if (out !== undefined) await drawCurve(found, out, lossNames(network.loss).long);
    if (json) {
      printJson(found);
      return;
    }
    for (const line of learningRateTable(found, lossNames(network.loss).short)) print(line);
    if (out !== undefined) print(out);
  } catch (error) {
    const interruption = interruptionOf(error);
    if (interruption === undefined) throw error;
    process.exitCode = interruption.exitCode;
  } finally {
    release();
    await data.close();
  }
}

function readRange(args: FindArguments) {
  const [min, max] = [positiveNumber("min", args.min), positiveNumber("max", args.max)];
  if (max <= min)
    throw new UsageError(`Expected a number above --min, ${min}, for --max but received ${max}.`);
  return { min, max, steps: wholeNumber("steps", args.steps, 10, 1_000_000) };
}

/** Pixels of a PNG for each of the figure's own. */
const PNG_SCALE = 2;

async function drawCurve(found: LearningRateRange, path: string, lossName: string): Promise<void> {
  const [{ learningRateFigure }, { PANEL_WIDTH }] = await Promise.all([
    import("../../report/figures/learning-rate.js"),
    import("../../report/figures/value-panels.js"),
  ]);
  const svg = learningRateFigure(found, { lossName });
  if (!/\.png$/i.test(path)) return writeFileAtomically(path, svg);
  const { renderPng } = await import("../../report/rasterize.js");
  await writeFileAtomically(path, await renderPng(svg, { width: PNG_SCALE * PANEL_WIDTH }));
}
