import type { Backend } from "../../backend/backend.js";
import { type AugmentOptions, checkAugmentOptions } from "../../data/augmentation/augmenter.js";
import type { FeatureFormat } from "../../data/features.js";
import { type DataChoice, dataSettings, type OpenData } from "../../data/open-data.js";
import { exampleCount } from "../../data/stream.js";
import { InvalidArgumentError } from "../../errors.js";
import type { MultilayerPerceptron } from "../../nn/mlp.js";
import { createOptimizer } from "../../optim/specification.js";
import { describeData, describeEnvironment } from "../../runs/environment.js";
import { forgetfulRecorder, recordResumedRun, recordRun, requireFreeFolder } from "../../runs/record-run.js";
import { packageVersion } from "../../system/package-version.js";
import { shellCommand } from "../../system/shell.js";
import type { Callback } from "../../training/callback.js";
import type { EarlyStopping } from "../../training/callbacks/early-stopping.js";
import type { Checkpoint } from "../../training/checkpoint-file.js";
import { checkFits } from "../../training/compatibility.js";
import { type Evaluation, evaluate } from "../../training/evaluate.js";
import { fit } from "../../training/fit.js";
import type { EpochMetrics } from "../../training/history.js";
import { historyOfTable } from "../../training/history-table.js";
import { scoreValues } from "../../training/score-values.js";
import { putWeights } from "../../training/weights.js";
import { keepLastEpoch, keepTime } from "../kept-with-run.js";
import { metricLines } from "../metric-lines.js";
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
import { isTerminal } from "../terminal.js";
import type { BoardTrainingOptions } from "./board-training.js";
import type { Together } from "./parallel-training.js";
import type { ResumedRun } from "./resumed-run.js";
import { endOfRun, type RunWatcher } from "./run-watcher.js";
import { announceData, announceNetwork } from "./training-announcements.js";
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
  /** The other processes that train with this one. */
  readonly together?: Together | undefined;
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
    if (json || !isFirst(options)) return silentDisplay;
    announceData(data.parts);
    await announceNetwork(network, backend, options.together?.communicator.size, options.summary);
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
  const isTested = evaluation.count > 0;
  if (summary.interrupted) {
    print(`Interrupted after ${metrics.length} of ${epochs} epochs${isTested ? "" : ", and not tested"}.`);
  }
  const { stopReason } = summary;
  if (stopReason !== undefined) print(`Stopped after epoch ${metrics.length}: ${stopReason}.`);
  else if (early !== undefined) for (const line of bestLines(early)) print(line);
  if (isTested) {
    print(testLine(evaluation, network.loss, scores));
    for (const line of metricLines(evaluation.metrics, "Test ")) print(line);
  }
  print(`Time: ${summary.seconds.toFixed(1)} s${out === undefined ? "" : `, kept in ${out}`}`);
  if (isTerminal(process.stdout)) {
    for (const line of curveLines(metrics, network.loss)) print(line);
    if (out !== undefined && metrics.length > 0)
      print(`See it all: ${shellCommand(["npx", "mnist-native", "report", out])}`);
  }
  if (summary.interrupted && out !== undefined && run.isResumable) {
    const how = options.together === undefined ? "" : ", in any number of processes";
    print(`Go on with it${how}: ${shellCommand(["npx", "mnist-native", "train", "--resume", out])}`);
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
  const { choice, data, settings, backend, force, together } = options;
  // Of several processes the first alone writes.
  const out = isFirst(options) ? options.out : undefined;
  const resumed = isFirst(options) ? options.resumed : undefined;
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
    ...(together !== undefined && { ranks: together.communicator.size }),
  };
  const config = options.resumed?.config ?? {
    ...dataSettings(choice, data),
    ...networkConfig(settings, network, batchSize, isFullBatch ? {} : optimizer.settings),
    metrics: metricNames,
    seed,
    dtype,
    backend: backend.name,
    // A rank's threads are not those of a run by itself, which this configuration is of, too.
    ...(together === undefined && { threads: backend.threads }),
  };
  const facts = describeData(data);
  // Describing the machine measures its peak, which a run that nobody keeps need not wait for.
  const record = () => ({
    config,
    environment: {
      ...describeEnvironment(backend, dtype, packageVersion()),
      ...(together !== undefined && {
        ranks: together.communicator.size,
        communicator: together.communicator.name,
      }),
    },
    data: facts,
  });
  if (together !== undefined) {
    if (out !== undefined && resumed === undefined) requireFreeFolder(out, { force });
    const { kernelSet } = backend;
    const place = checkpoint && JSON.stringify([checkpoint.state.step, checkpoint.state.identity]);
    await together.ready({ config, data, facts, kernelSet, checkpoint: place });
  }
  const board = await boardOf({ ...options, out, resumed }, { network, optimizer, batchSize });
  const watching = await options.watcher?.begin({ data, config, facts, out });
  const kept =
    resumed !== undefined
      ? await recordResumedRun(resumed.folder, {
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
  const callbacks = [
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
  ];
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
      ...(checkpoint !== undefined && {
        resume: isFirst(options) ? checkpoint : forCallbacks(checkpoint, callbacks),
      }),
      callbacks,
      ...(together !== undefined && { communicator: together.communicator }),
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

  // An untrained network has nothing to tell; and when mpirun is interrupted it kills its processes after a second or so, which is for keeping the run.
  const isTested = isFirst(options) && !(interrupted && (metrics.length === 0 || together !== undefined));
  const evaluation = isTested ? await evaluate(network, test, { metrics: metricNames }) : UNTESTED;
  const scores = isTested ? await scoreValues(network, test) : null;
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

/** A summary without a test says that there were no examples. */
const UNTESTED: Evaluation = { loss: Number.NaN, accuracy: Number.NaN, correct: Number.NaN, count: 0 };

/** Whether this process tells and keeps the run: it is alone, or the first of several. */
function isFirst({ together }: Pick<TrainingRunOptions, "together">): boolean {
  return together === undefined || together.communicator.rank === 0;
}

/** A checkpoint without what the callbacks of another process have saved. */
function forCallbacks(checkpoint: Checkpoint, callbacks: readonly Callback[]): Checkpoint {
  const saved = checkpoint.state.callbacks.filter(({ name }) => callbacks.some((own) => own.name === name));
  return { ...checkpoint, state: { ...checkpoint.state, callbacks: saved } };
}

/** What writes the run for TensorBoard; it is loaded where that is asked for. */
async function boardOf(
  {
    together,
    tensorboard,
    out,
    resumed,
    force,
    settings,
    data,
  }: Omit<TrainingRunOptions, "json" | "summary">,
  training: Pick<BoardTrainingOptions, "network" | "optimizer" | "batchSize">,
) {
  if (tensorboard === undefined || !isFirst({ together })) return undefined;
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
