import { performance } from "node:perf_hooks";
import type { Backend, FloatArray } from "../../backend/backend.js";
import { type AugmentOptions, checkAugmentOptions } from "../../data/augmentation/augmenter.js";
import type { FeatureFormat } from "../../data/features.js";
import { type DataChoice, dataSettings, type OpenData } from "../../data/open-data.js";
import { exampleCount } from "../../data/stream.js";
import type { Layer } from "../../nn/layer.js";
import type { MultilayerPerceptron } from "../../nn/mlp.js";
import { createOptimizer } from "../../optim/specification.js";
import { shellCommand } from "../../report/page/shell.js";
import { describeData, describeEnvironment } from "../../runs/environment.js";
import { forgetfulRecorder, recordRun } from "../../runs/record-run.js";
import { evaluate } from "../../training/evaluate.js";
import { fit } from "../../training/fit.js";
import type { EpochMetrics } from "../../training/history.js";
import { formatEpoch } from "../../training/history.js";
import { scoreValues } from "../../training/score-values.js";
import { terminalEpochLine } from "../epoch-line.js";
import { networkTable } from "../network-table.js";
import { interruptionOf, interruptSignal, outliveReader, print, printJson, UsageError } from "../process.js";
import { createTrainingDisplay, silentDisplay } from "../progress.js";
import { curveLines, testLine } from "../result-line.js";
import { packageVersion } from "../version.js";
import { createNetwork, learningRateOf, type NetworkSettings, networkConfig } from "./training-network.js";

export interface TrainingRunOptions {
  /** How the data were asked for. */
  readonly choice: DataChoice;
  /** Closed at the end. */
  readonly data: OpenData;
  readonly settings: NetworkSettings;
  /** A network to go on from. */
  readonly startNetwork: MultilayerPerceptron | undefined;
  readonly backend: Backend;
  /** The folder to keep the run in. */
  readonly out: string | undefined;
  /** Whether a run that is there may be replaced. */
  readonly force: boolean;
  /** Whether one JSON document is printed instead of lines. */
  readonly json: boolean;
  /** Whether the layers are printed as a table. Default: where there are others than dense ones. */
  readonly summary: boolean | undefined;
  /** When the run began, by `performance.now()`: before its data were read. */
  readonly start: number;
}

/** Trains a network on the data and tests it; tells how it goes, and keeps the run where that is asked for. */
export async function trainAndTest(options: TrainingRunOptions): Promise<void> {
  const { choice, data, settings, backend, out, force, json, start } = options;
  const { epochs, augment, classWeights, seed, dtype } = settings;
  const { train, validation, test } = data.parts;
  if (augment !== undefined) checkAugmentation(augment, train);
  const network = createNetwork(settings, data.parts, options.startNetwork, backend);
  const optimizer = createOptimizer(settings.optimizer);
  const batchSize = settings.batchSize ?? exampleCount(train);
  const isFullBatch = !("step" in optimizer); // It takes no batchSize and no learning rate.
  const learningRate = learningRateOf(settings);
  const computation = {
    backend: backend.name,
    kernelSet: backend.kernelSet,
    dtype,
    threads: backend.threads,
  };
  const config = {
    ...dataSettings(choice, data),
    ...networkConfig(settings, network, batchSize, "settings" in optimizer ? optimizer.settings : {}),
    seed,
    dtype,
    backend: backend.name,
    threads: backend.threads,
  };
  const facts = describeData(data);
  // Describing the machine measures its peak, which a run that nobody keeps need not wait for.
  const kept =
    out === undefined
      ? forgetfulRecorder
      : await recordRun(out, {
          config,
          environment: describeEnvironment(backend, dtype, packageVersion),
          data: facts,
          force,
        });
  if (out !== undefined) outliveReader();
  const { signal, release } = interruptSignal();
  if (!json) {
    announce(data.parts, network, backend);
    const { summary = network.layers.some((layer) => !isPlainLayer(layer)) } = options;
    if (summary) for (const line of await networkTable(network.summary())) print(line);
  }

  const metrics: EpochMetrics[] = [];
  const lastEpoch = snapshotOf(network);
  let interrupted = false;
  const display = json ? silentDisplay : createTrainingDisplay(epochs);
  try {
    await fit(network, train, {
      epochs,
      ...(!isFullBatch && { batchSize }),
      ...(learningRate !== undefined && { learningRate }),
      optimizer,
      ...(classWeights !== undefined && { classWeights }),
      shuffle: seed,
      ...(augment !== undefined && { augment: { ...augment, seed } }),
      validation,
      signal,
      onProgress: display.progress,
      onEpochEnd: async (epoch) => {
        metrics.push(epoch);
        lastEpoch.take();
        display.line(
          process.stdout.isTTY
            ? terminalEpochLine(epoch, epochs, process.stdout.columns, network.loss)
            : formatEpoch(epoch, epochs, { loss: network.loss }),
        );
        await kept.keepMetrics(metrics);
      },
    });
  } catch (error) {
    const interruption = interruptionOf(error);
    if (interruption === undefined) {
      // What was written of the epochs before stays, as of a training that diverged.
      await data.close();
      kept.close();
      release();
      throw error;
    }
    process.exitCode = interruption.exitCode;
    interrupted = true;
    lastEpoch.restore(); // The kept model is that of the last whole epoch, which metrics and summary tell of.
  } finally {
    display.close();
  }

  const evaluation = await evaluate(network, test);
  const scores = await scoreValues(network, test);
  await data.close();
  const summary = {
    testLoss: evaluation.loss,
    testAccuracy: evaluation.accuracy,
    testCorrect: evaluation.correct,
    testCount: evaluation.count,
    ...(scores !== null && { testScores: scores }),
    seconds: (performance.now() - start) / 1000,
    ...computation,
    epochs: metrics.length,
    interrupted,
  };
  await kept.keepResult(network, summary);
  kept.close();
  release();
  if (json) {
    printJson({ config, data: facts, epochs: metrics, summary });
    return;
  }
  if (interrupted) print(`Interrupted after ${metrics.length} of ${epochs} epochs.`);
  print(testLine(evaluation, network.loss, scores));
  print(`Time: ${summary.seconds.toFixed(1)} s${out === undefined ? "" : `, kept in ${out}`}`);
  if (process.stdout.isTTY) {
    for (const line of curveLines(metrics, network.loss)) print(line);
    if (out !== undefined) print(`See it all: ${shellCommand(["npx", "mnist-native", "report", out])}`);
  }
}

function announce(
  { train, validation, test }: OpenData["parts"],
  network: MultilayerPerceptron,
  backend: Backend,
) {
  const [n, nValidation, nTest] = [train, validation, test].map((part) =>
    exampleCount(part).toLocaleString("en"),
  );
  print(
    `Data: ${n} training, ${nValidation} validation and ${nTest} test ${kindOfExamples(train.features)}.`,
  );
  const threads = backend.threads === 1 ? "1 thread" : `${backend.threads} threads`;
  print(
    `Network: ${network.sizes.join("-")}, ${network.dtype}, ${backend.name} backend (${backend.kernelSet}, ${threads}).`,
  );
}

/** Before a folder is made for the run. */
function checkAugmentation(
  augment: AugmentOptions,
  { features }: { readonly features: FeatureFormat },
): void {
  if (features.kind === "floats") {
    throw new UsageError("Expected images for --augment, but the data are rows of numbers; leave it out.");
  }
  checkAugmentOptions(augment, features.imageShape);
}

function kindOfExamples(features: FeatureFormat): string {
  if (features.kind === "floats") return `rows of ${features.width} numbers`;
  const [height, width] = features.imageShape;
  return `images of ${height} x ${width} pixels`;
}

/** What a network has learned at a moment, running means and the like included, to go back to. */
function snapshotOf({ parameters, buffers }: MultilayerPerceptron) {
  const all = [...parameters, ...buffers];
  const kept = all.map(({ value }) => value.data.slice());
  const each = (body: (value: FloatArray, copy: FloatArray) => void) => {
    for (const [i, { value }] of all.entries()) body(value.data, kept[i] as FloatArray); // One for each.
  };
  return {
    take: () => each((value, copy) => copy.set(value)),
    restore: () => each((value, copy) => value.set(copy)),
  };
}

/** Whether the line of units tells all of it. */
function isPlainLayer({ specification: { type } }: Layer): boolean {
  return type === "dense" || type === "standardize";
}
