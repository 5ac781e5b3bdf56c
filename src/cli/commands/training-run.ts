import type { Backend } from "../../backend/backend.js";
import { type AugmentOptions, checkAugmentOptions } from "../../data/augmentation/augmenter.js";
import type { FeatureFormat } from "../../data/features.js";
import { type DataChoice, dataSettings, type OpenData } from "../../data/open-data.js";
import { exampleCount } from "../../data/stream.js";
import { InvalidArgumentError } from "../../errors.js";
import type { Layer } from "../../nn/layer.js";
import type { MultilayerPerceptron } from "../../nn/mlp.js";
import { createOptimizer } from "../../optim/specification.js";
import { shellCommand } from "../../report/page/shell.js";
import { describeData, describeEnvironment } from "../../runs/environment.js";

import { forgetfulRecorder, recordResumedRun, recordRun } from "../../runs/record-run.js";
import { packageVersion } from "../../system/package-version.js";
import type { EarlyStopping } from "../../training/callbacks/early-stopping.js";
import { checkFits } from "../../training/compatibility.js";
import { evaluate } from "../../training/evaluate.js";
import { fit } from "../../training/fit.js";
import type { EpochMetrics } from "../../training/history.js";
import { historyOfTable } from "../../training/history-table.js";
import { scoreValues } from "../../training/score-values.js";
import { putWeights } from "../../training/weights.js";
import { keepLastEpoch, keepTime } from "../kept-with-run.js";
import { metricLines } from "../metric-lines.js";
import { networkTable } from "../network-table.js";
import { asUsage } from "../options/metrics.js";
import {
  interruptionOf,
  interruptSignal,
  outliveReader,
  print,
  printJson,
  printWarning,
  UsageError,
} from "../process.js";
import { createTrainingDisplay, showTraining, silentDisplay, type TrainingDisplay } from "../progress.js";
import { curveLines, testLine } from "../result-line.js";
import type { Stopping } from "../stopping.js";
import type { BoardTrainingOptions } from "./board-training.js";
import type { ResumedRun } from "./resumed-run.js";
import { endOfRun, type RunWatcher } from "./run-watcher.js";
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
  /** The run of the folder that is to go on. */
  readonly resumed?: ResumedRun | undefined;
  /** Seconds of a long epoch after which a checkpoint is written within it. */
  readonly checkpointEvery: number;
  /** A folder of runs that TensorBoard shows, to write this one to, too. */
  readonly tensorboard?: string | undefined;
  /** Whether one JSON document is printed instead of lines. */
  readonly json: boolean;
  /** Whether the layers are printed as a table. Default: where there are others than dense ones. */
  readonly summary: boolean | undefined;
  /** When the run began, by `performance.now()`: before its data were read. */
  readonly start: number;
  /** Who watches it. */
  readonly watcher?: RunWatcher | undefined;
}

/**
 * Trains a network on the data and tests it; tells how it goes, and keeps the run where that is asked for.
 *
 * @returns Whether it was interrupted.
 */
export async function trainAndTest(options: TrainingRunOptions): Promise<boolean> {
  const { data, settings, backend, out, json } = options;
  const { epochs } = settings;
  const { signal, release } = interruptSignal();
  const begin = async (network: MultilayerPerceptron) => {
    if (json) return silentDisplay;
    announceData(data.parts);
    await announceNetwork(network, backend, options.summary);
    const { tensorboard } = options;
    if (tensorboard !== undefined) {
      print(`TensorBoard: ${shellCommand(["tensorboard", "--logdir", tensorboard])}`);
    }
    return createTrainingDisplay(epochs);
  };
  const run = await trainRun(options, { signal, begin }).finally(async () => {
    await data.close();
    release();
  });
  const { network, metrics, evaluation, scores, summary, early } = run;
  if (json) {
    printJson({ config: run.config, data: run.data, epochs: metrics, summary });
    return summary.interrupted;
  }
  if (summary.interrupted) print(`Interrupted after ${metrics.length} of ${epochs} epochs.`);
  const { stopReason } = summary;
  if (stopReason !== undefined) print(`Stopped after epoch ${metrics.length}: ${stopReason}.`);
  else if (early !== undefined) for (const line of bestLines(early)) print(line);
  print(testLine(evaluation, network.loss, scores));
  for (const line of metricLines(evaluation.metrics, "Test ")) print(line);
  print(`Time: ${summary.seconds.toFixed(1)} s${out === undefined ? "" : `, kept in ${out}`}`);
  if (process.stdout.isTTY) {
    for (const line of curveLines(metrics, network.loss)) print(line);
    if (out !== undefined) print(`See it all: ${shellCommand(["npx", "mnist-native", "report", out])}`);
  }
  if (summary.interrupted && out !== undefined && run.isResumable) {
    print(`Go on with it: ${shellCommand(["npx", "mnist-native", "train", "--resume", out])}`);
  }
  return summary.interrupted;
}

/** Who follows a run. */
export interface RunFollower {
  /** Ends the training after the current minibatch; its reason is an {@link Interruption}. */
  readonly signal: AbortSignal;
  /** Called before the training, and waited for. What it shows is closed when the training ends. */
  begin(network: MultilayerPerceptron): TrainingDisplay | Promise<TrainingDisplay>;
}

/**
 * Trains a network on the data and tests it, and keeps the run where that is asked for. An interruption is no error: it sets the exit
 * code, and the run has the epochs before it. The data stay open.
 */
export async function trainRun(
  options: Omit<TrainingRunOptions, "json" | "summary">,
  { signal, begin }: RunFollower,
) {
  const { choice, data, settings, backend, out, force } = options;
  const { epochs, augment, classWeights, seed, dtype, metrics: metricNames } = settings;
  const { train, validation, test } = data.parts;
  if (augment !== undefined) checkAugmentation(augment, train);
  const checkpoint = options.resumed?.checkpoint;
  // By the settings also where there is a checkpoint, so that one of another network does not pass for the run's.
  const start = settings.from === undefined ? undefined : (checkpoint?.network ?? options.startNetwork);
  const network = createNetwork(settings, data.parts, start, backend);
  if (metricNames !== undefined) {
    const { findMetrics } = await import("../../training/scorer.js");
    asUsage(() => findMetrics(metricNames, network, train)); // Before a folder is made for the run.
  }
  const optimizer = createOptimizer(settings.optimizer);
  const batchSize = settings.batchSize ?? exampleCount(train);
  const isFullBatch = !("step" in optimizer); // It takes no batchSize and no learning rate.
  if (isFullBatch) requireAllExamples(settings, batchSize);
  checkFits(network, train);
  const learningRate = await learningRateOf(settings);
  const computation = {
    backend: backend.name,
    kernelSet: backend.kernelSet,
    dtype,
    threads: backend.threads,
  };
  const config = options.resumed?.config ?? {
    ...dataSettings(choice, data),
    ...networkConfig(settings, network, batchSize, isFullBatch ? {} : optimizer.settings),
    metrics: metricNames,
    seed,
    dtype,
    backend: backend.name,
    threads: backend.threads,
  };
  const facts = describeData(data);
  // Describing the machine measures its peak, which a run that nobody keeps need not wait for.
  const record = () => ({
    config,
    environment: describeEnvironment(backend, dtype, packageVersion()),
    data: facts,
  });
  const board = await boardOf(options, { network, optimizer, batchSize });
  const watching = await options.watcher?.begin({ data, config, facts, out });
  const kept =
    options.resumed !== undefined
      ? await recordResumedRun(options.resumed.folder, {
          ...record(),
          hasCheckpoint: checkpoint !== undefined,
        })
      : out !== undefined
        ? await recordRun(out, { ...record(), force })
        : forgetfulRecorder;
  if (out !== undefined) outliveReader();
  const display = await begin(network);

  const metrics: EpochMetrics[] = checkpoint === undefined ? [] : historyOfTable(checkpoint.state.history);
  const lastEpoch = keepLastEpoch(network);
  const time = keepTime(options.start);
  let unsaved: Error | undefined;
  const warn = (error: Error) => {
    if (error.message !== unsaved?.message) printWarning(`${error.message} The training goes on.`);
    unsaved = error;
  };
  const stopping = await stoppingOf(settings);
  const keep = out === undefined ? undefined : await import("../../training/callbacks/checkpointing.js");
  const { monitor } = settings.stopping ?? {};
  let stopReason: string | undefined;
  let interrupted = false;
  try {
    ({ stopReason } = await fit(network, train, {
      epochs,
      ...(!isFullBatch && { batchSize }),
      ...(learningRate !== undefined && { learningRate }),
      optimizer,
      ...(classWeights !== undefined && { classWeights }),
      shuffle: seed,
      ...(augment !== undefined && { augment: { ...augment, seed } }),
      validation,
      ...(metricNames !== undefined && { metrics: metricNames }),
      signal,
      ...(checkpoint !== undefined && { resume: checkpoint }),
      callbacks: [
        showTraining(display),
        ...stopping.callbacks,
        lastEpoch.callback,
        time.callback,
        ...(keep === undefined
          ? []
          : [
              keep.checkpointing({
                write: async (name, bytes) => {
                  await kept.keepCheckpoint(name, bytes);
                  unsaved = undefined;
                },
                everySeconds: options.checkpointEvery,
                ...(monitor !== undefined && { monitor }),
                // Epochs are those that it has had, as a model's are.
                metadata: ({ history }) => ({ ...kept.metadata, epochs: String(history.length) }),
                onError: warn,
              }),
            ]),
        ...(board === undefined ? [] : [board]),
        ...(watching === undefined ? [] : [watching]),
      ],
      onEpochEnd: async (epoch) => {
        metrics.push(epoch);
        await kept.keepMetrics(metrics).catch(warn);
      },
    }));
  } catch (error) {
    const interruption = interruptionOf(error);
    if (interruption === undefined) {
      // What was written of the epochs before stays, as of a training that diverged.
      kept.close();
      throw error;
    }
    process.exitCode = interruption.exitCode;
    interrupted = true;
    lastEpoch.restoreNetwork(); // The kept model is that of the last whole epoch, which metrics and summary tell of.
    const best = stopping.early?.bestWeights;
    if (best !== undefined) putWeights(network, best); // Or that of the best, where that was asked for.
  } finally {
    display.close();
  }

  const evaluation = await evaluate(network, test, { metrics: metricNames });
  const scores = await scoreValues(network, test);
  const summary = {
    testLoss: evaluation.loss,
    testAccuracy: evaluation.accuracy,
    testCorrect: evaluation.correct,
    testCount: evaluation.count,
    ...(scores !== null && { testScores: scores }),
    ...(evaluation.metrics !== undefined && { testMetrics: evaluation.metrics }),
    seconds: time.seconds,
    ...computation,
    epochs: metrics.length,
    interrupted,
    ...(stopReason !== undefined && { stopReason }),
    ...(stopping.early?.bestEpoch !== undefined && { bestEpoch: stopping.early.bestEpoch }),
  };
  await kept.keepResult(network, metrics, summary).finally(kept.close);
  options.watcher?.ended(endOfRun(summary, epochs));
  const isResumable = out !== undefined && unsaved === undefined;
  return {
    network,
    config,
    data: facts,
    metrics,
    evaluation,
    scores,
    summary,
    isResumable,
    early: stopping.early,
  };
}

/** What writes the run for TensorBoard; it is loaded where that is asked for. */
async function boardOf(
  { tensorboard, out, resumed, force, settings, data }: Omit<TrainingRunOptions, "json" | "summary">,
  training: Pick<BoardTrainingOptions, "network" | "optimizer" | "batchSize">,
) {
  if (tensorboard === undefined) return undefined;
  const { writtenForTensorBoard } = await import("./board-training.js");
  const { validation } = data.parts;
  const isResumed = resumed !== undefined;
  return writtenForTensorBoard({
    ...training,
    directory: tensorboard,
    out,
    isResumed,
    force,
    settings,
    validation,
  });
}

/** What there is for the settings; it is loaded when there are any. */
async function stoppingOf({ stopping = {} }: NetworkSettings): Promise<Stopping> {
  if (Object.keys(stopping).length === 0) return { callbacks: [], early: undefined };
  const { createStopping } = await import("../stopping.js");
  return createStopping(stopping);
}

/** Which weights are kept, where nothing has stopped the training. */
function bestLines({ bestEpoch, bestWeights, figure }: EarlyStopping): readonly string[] {
  if (bestWeights === undefined) return [];
  return [`The weights of epoch ${bestEpoch} are kept, with the best ${figure}.`];
}

function announceData({ train, validation, test }: OpenData["parts"]) {
  const [n, nValidation, nTest] = [train, validation, test].map((part) =>
    exampleCount(part).toLocaleString("en"),
  );
  print(
    `Data: ${n} training, ${nValidation} validation and ${nTest} test ${kindOfExamples(train.features)}.`,
  );
}

/** Prints what a network is and what computes it, and its layers as a table where that is asked for or the line does not tell them. */
export async function announceNetwork(
  network: MultilayerPerceptron,
  backend: Backend,
  summary = network.layers.some((layer) => !isPlainLayer(layer)),
): Promise<void> {
  const threads = backend.threads === 1 ? "1 thread" : `${backend.threads} threads`;
  print(
    `Network: ${network.sizes.join("-")}, ${network.dtype}, ${backend.name} backend (${backend.kernelSet}, ${threads}).`,
  );
  if (summary) for (const line of await networkTable(network.summary())) print(line);
}

/** A configuration that a run has kept says how many there were. */
function requireAllExamples({ stated, optimizer }: NetworkSettings, examples: number): void {
  const { allExamples = examples } = stated;
  if (allExamples !== examples) {
    throw new InvalidArgumentError(
      `Expected no batchSize with the optimizer ${optimizer.type}, which takes all ${examples} training examples together, but the configuration says ${allExamples}; leave it out.`,
    );
  }
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

/** As a sentence on the data ends. */
export function kindOfExamples(features: FeatureFormat): string {
  if (features.kind === "floats") return `rows of ${features.width} numbers`;
  const [height, width] = features.imageShape;
  return `images of ${height} x ${width} pixels`;
}

/** Whether the line of units tells all of it. */
function isPlainLayer({ specification: { type } }: Layer): boolean {
  return type === "dense" || type === "standardize";
}
