import { performance } from "node:perf_hooks";
import type { Backend, DType, FloatArray } from "../../backend/backend.js";
import { pixelCount } from "../../data/dataset.js";
import { type DataChoice, dataSettings, type OpenData } from "../../data/open-data.js";
import { exampleCount } from "../../data/stream.js";
import { MultilayerPerceptron } from "../../nn/mlp.js";
import { shellCommand } from "../../report/page/shell.js";
import { sparkline } from "../../report/sparkline.js";
import { describeData, describeEnvironment } from "../../runs/environment.js";
import { forgetfulRecorder, recordRun } from "../../runs/record-run.js";
import { type Evaluation, evaluate } from "../../training/evaluate.js";
import { fit } from "../../training/fit.js";
import type { EpochMetrics } from "../../training/history.js";
import { formatEpoch } from "../../training/history.js";
import { terminalEpochLine } from "../epoch-line.js";
import { interruptionOf, interruptSignal, outliveReader, print, printJson } from "../process.js";
import { createTrainingDisplay, silentDisplay } from "../progress.js";
import { packageVersion } from "../version.js";

export interface TrainingRunOptions {
  /** How the data were asked for. */
  readonly choice: DataChoice;
  /** Closed at the end. */
  readonly data: OpenData;
  readonly settings: {
    /** Units of the hidden layers. */
    readonly hidden: readonly number[];
    readonly epochs: number;
    readonly batchSize: number;
    readonly learningRate: number;
    /** Of weights and shuffling. */
    readonly seed: number;
    readonly dtype: DType;
  };
  readonly backend: Backend;
  /** The folder to keep the run in. */
  readonly out: string | undefined;
  /** Whether a run that is there may be replaced. */
  readonly force: boolean;
  /** Whether one JSON document is printed instead of lines. */
  readonly json: boolean;
  /** When the run began, by `performance.now()`: before its data were read. */
  readonly start: number;
}

/** Trains a network on the data and tests it; tells how it goes, and keeps the run where that is asked for. */
export async function trainAndTest(options: TrainingRunOptions): Promise<void> {
  const { choice, data, backend, out, force, json, start } = options;
  const { hidden, epochs, batchSize, learningRate, seed, dtype } = options.settings;
  const { train, validation, test } = data.parts;
  const network = new MultilayerPerceptron({
    layers: [pixelCount(train), ...hidden, train.targets.classes],
    seed,
    dtype,
    backend,
  });
  const computation = {
    backend: backend.name,
    kernelSet: backend.kernelSet,
    dtype,
    threads: backend.threads,
  };
  const config = {
    ...dataSettings(choice, data),
    layers: network.sizes,
    activation: "sigmoid",
    epochs,
    batchSize,
    learningRate,
    seed,
    dtype,
    backend: backend.name,
    threads: backend.threads,
  };
  const facts = describeData(data.parts);
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
  if (!json) announce(data.parts, network, backend);

  const metrics: EpochMetrics[] = [];
  const lastEpoch = snapshotOf(network);
  let interrupted = false;
  const display = json ? silentDisplay : createTrainingDisplay(epochs);
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
        lastEpoch.take();
        display.line(
          process.stdout.isTTY
            ? terminalEpochLine(epoch, epochs, process.stdout.columns)
            : formatEpoch(epoch, epochs),
        );
        await kept.keepMetrics(metrics);
      },
    });
  } catch (error) {
    const interruption = interruptionOf(error);
    if (interruption === undefined) throw error;
    process.exitCode = interruption.exitCode;
    interrupted = true;
    lastEpoch.restore(); // The kept model is that of the last whole epoch, which metrics and summary tell of.
  } finally {
    display.close();
  }

  const evaluation = await evaluate(network, test);
  await data.close();
  const summary = {
    testLoss: evaluation.loss,
    testAccuracy: evaluation.accuracy,
    testCorrect: evaluation.correct,
    testCount: evaluation.count,
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
  print(testLine(evaluation));
  print(`Time: ${summary.seconds.toFixed(1)} s${out === undefined ? "" : `, kept in ${out}`}`);
  if (process.stdout.isTTY) {
    for (const line of curves(metrics)) print(line);
    if (out !== undefined) print(`See it all: ${shellCommand(["npx", "mnist-native", "report", out])}`);
  }
}

/** For a terminal: how loss and accuracy went. */
function curves(metrics: readonly EpochMetrics[]): readonly string[] {
  const [first, last] = [metrics[0], metrics.at(-1)];
  if (first === undefined || last === undefined || metrics.length < 2) return [];
  const loss = sparkline(metrics.map(({ trainLoss }) => trainLoss));
  const accuracy = sparkline(metrics.map(({ trainAccuracy }) => trainAccuracy));
  const percent = (share: number) => `${(share * 100).toFixed(2)}%`;
  return [
    `Train MSE ${loss} ${first.trainLoss.toFixed(4)} to ${last.trainLoss.toFixed(4)}`,
    `Train Acc ${accuracy} ${percent(first.trainAccuracy)} to ${percent(last.trainAccuracy)}`,
  ];
}

function announce(
  { train, validation, test }: OpenData["parts"],
  network: MultilayerPerceptron,
  backend: Backend,
) {
  const [height, width] = train.features.imageShape;
  const [n, nValidation, nTest] = [train, validation, test].map((part) =>
    exampleCount(part).toLocaleString("en"),
  );
  print(
    `Data: ${n} training, ${nValidation} validation and ${nTest} test images of ${height} x ${width} pixels.`,
  );
  const threads = backend.threads === 1 ? "1 thread" : `${backend.threads} threads`;
  print(
    `Network: ${network.sizes.join("-")}, ${network.dtype}, ${backend.name} backend (${backend.kernelSet}, ${threads}).`,
  );
}

function testLine({ accuracy, correct, count, loss }: Evaluation): string {
  return `Test accuracy: ${(accuracy * 100).toFixed(2)}% (${correct} of ${count}) | Test MSE: ${loss.toFixed(4)}`;
}

/** What a network has learned at a moment, to go back to. */
function snapshotOf({ parameters }: MultilayerPerceptron) {
  const kept = parameters.map(({ value }) => value.data.slice());
  const each = (body: (value: FloatArray, copy: FloatArray) => void) => {
    for (const [i, { value }] of parameters.entries()) body(value.data, kept[i] as FloatArray); // One for each.
  };
  return {
    take: () => each((value, copy) => copy.set(value)),
    restore: () => each((value, copy) => value.set(copy)),
  };
}
