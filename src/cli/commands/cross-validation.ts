import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { Dataset } from "../../data/dataset.js";
import { type Fold, seedOfFold } from "../../data/folds/fold.js";
import type { FoldChoice, FoldsChoice } from "../../data/folds/fold-choice.js";
import { foldedExamples, makeFolds, partsOfFold } from "../../data/folds/fold-parts.js";
import type { OpenData } from "../../data/open-data.js";
import { exampleCount } from "../../data/stream.js";
import { InvalidArgumentError } from "../../errors.js";
import { type FoldScores, namedScores, summarizeScores } from "../../estimators/fold-scores.js";
import {
  CROSS_VALIDATION_FILE,
  foldFolders,
  prepareCrossValidationFolder,
} from "../../runs/cross-validation-folder.js";
import { describeData } from "../../runs/environment.js";
import { writeJson } from "../../system/files.js";
import { shellCommand } from "../../system/shell.js";
import { evaluate } from "../../training/evaluate.js";
import { scoreValues } from "../../training/score-values.js";
import { metricLines } from "../metric-lines.js";
import { Interruption, interruptSignal, print, printJson, UsageError } from "../process.js";
import { createTrainingDisplay, silentDisplay } from "../progress.js";
import { resultLine, spreadLine } from "../result-line.js";
import { announceNetwork, kindOfExamples } from "./training-announcements.js";
import { type TrainingRunOptions, trainRun } from "./training-run.js";

export interface CrossValidationOptions extends TrainingRunOptions {
  readonly asked: Omit<FoldsChoice, "stratified"> & { readonly stratified: boolean | undefined };
}

/** A fold that is finished, as cross-validation.json tells of it. */
interface FinishedFold {
  /** Counted from 1. */
  readonly fold: number;
  /** Of its run, below the folder of all. */
  readonly directory?: string;
  readonly seed: number;
  readonly trainCount: number;
  readonly heldOutCount: number;
  /** On what it held out. */
  readonly scores: FoldScores;
  readonly seconds: number;
}

/** Trains a network for each fold and tells how well it does on what the fold held out; keeps all runs where that is asked for. */
export async function crossValidate(options: CrossValidationOptions): Promise<void> {
  const { signal, release } = interruptSignal();
  try {
    await trainFolds(options, signal);
  } finally {
    await options.data.close();
    release();
  }
}

async function trainFolds(options: CrossValidationOptions, signal: AbortSignal): Promise<void> {
  const { choice, data, settings, out, force, json, start } = options;
  const examples = foldedExamples(data.parts);
  const { groups } = data;
  const foldsChoice = readFolds(options.asked, examples, groups !== undefined);
  const folds = inOptions(() =>
    makeFolds(examples, foldsChoice, { groups, onNotice: choice.listeners?.onNotice }),
  );
  const partsOf = (i: number) => {
    const choice = { fold: i + 1, ...foldsChoice }; // In the order in which they are read, for the same bytes.
    return { choice, ...partsOfFold(data.parts, examples, folds[i] as Fold, choice) }; // i is one of its keys.
  };
  if (foldsChoice.validationSize !== undefined) checkRoom(foldsChoice.validationSize, () => partsOf(0));
  const folders = foldFolders(folds.length);
  if (out !== undefined) await prepareCrossValidationFolder(out, folders, force);
  if (!json) announceFolds(data, examples, foldsChoice);

  const finished: FinishedFold[] = [];
  const document = () => ({
    ...foldsChoice,
    interrupted: finished.length < folds.length && signal.aborted,
    scores: summarizeScores(finished.map(({ scores }) => scores)),
    runs: finished,
  });
  let first: TrainedFold | undefined;
  let unfinished: string | undefined;
  for (const i of folds.keys()) {
    const directory = folders[i] as string; // There is one for each.
    const trained = await trainFold(options, { signal, ...partsOf(i), directory });
    first ??= trained;
    if (trained.finished !== undefined) {
      finished.push(trained.finished);
      if (!json) print(`Fold ${i + 1} of ${folds.length}: ${trained.line}`);
    }
    if (out !== undefined) await writeJson(join(out, CROSS_VALIDATION_FILE), document());
    if (signal.aborted) {
      if (trained.run.isResumable && trained.finished === undefined) unfinished = directory;
      break;
    }
  }
  if (signal.reason instanceof Interruption) process.exitCode = signal.reason.exitCode;
  // It may have been interrupted since the summary was written.
  if (out !== undefined && finished.length < folds.length) {
    await writeJson(join(out, CROSS_VALIDATION_FILE), document());
  }
  const seconds = (performance.now() - start) / 1000;
  if (json) {
    const config = { ...first?.run.config, crossValidation: undefined, seed: settings.seed };
    printJson({ config, data: describeData(data), ...document(), seconds });
    return;
  }
  if (finished.length < folds.length) print(`Interrupted after ${finished.length} of ${folds.length} folds.`);
  if (first !== undefined && finished.length > 1) {
    const line = spreadLine(document().scores, first.run.network.loss);
    print(`Mean ± standard deviation (n - 1) of ${finished.length} folds: ${line}`);
  }
  print(`Time: ${seconds.toFixed(1)} s${out === undefined ? "" : `, kept in ${out}`}`);
  if (out !== undefined && unfinished !== undefined) {
    const words = ["npx", "mnist-native", "train", "--resume", join(out, unfinished)];
    print(`Go on with the training of this fold alone: ${shellCommand(words)}`);
  }
}

/** @throws UsageError when values are to be stratified. */
/** What the data have no room for, by the option that asked for it. */
function inOptions<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new UsageError(error.message.replaceAll("nSplits", "--folds"));
  }
}

function readFolds(
  asked: CrossValidationOptions["asked"],
  examples: Dataset,
  hasGroups: boolean,
): FoldsChoice {
  const { stratified } = asked;
  const isOfClasses = examples.targets.kind === "classes";
  if (stratified && !isOfClasses) {
    throw new UsageError(
      "Expected no --stratified, because these data have numbers to be learned and no classes; leave it out.",
    );
  }
  return { ...asked, stratified: stratified ?? (isOfClasses && !hasGroups) };
}

/** @throws UsageError when a fold has no room for a part of this size. */
function checkRoom(validationSize: number, takePart: () => void): void {
  try {
    takePart();
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new UsageError(`${error.message} Choose another --validation-size than ${validationSize}.`);
  }
}

function announceFolds(
  { parts, groups }: OpenData,
  examples: Dataset,
  { folds, repeats, stratified, validationSize }: FoldsChoice,
) {
  const kept =
    validationSize === undefined
      ? ""
      : `; of those to train on ${sizeInWords(validationSize)} are for validation`;
  const [n, nTest] = [examples, parts.test].map((part) => exampleCount(part).toLocaleString("en"));
  const kind = groups !== undefined ? "folds by groups" : stratified ? "stratified folds" : "folds";
  const times = repeats === 1 ? "" : `, ${repeats} times`;
  print(
    `Data: ${n} ${kindOfExamples(examples.features)} in ${folds} ${kind}${times}${kept}; the ${nTest} for the test stay apart.`,
  );
}

function sizeInWords(size: number): string {
  return size < 1 ? `${Number((100 * size).toPrecision(3))}%` : size.toLocaleString("en");
}

interface FoldToTrain {
  readonly signal: AbortSignal;
  readonly choice: FoldChoice;
  readonly parts: OpenData["parts"];
  /** What it is scored on. */
  readonly heldOut: Dataset;
  /** Below the folder of all. */
  readonly directory: string;
}

interface TrainedFold {
  readonly run: Awaited<ReturnType<typeof trainRun>>;
  /** `undefined` where the training was interrupted. */
  readonly finished?: FinishedFold;
  readonly line?: string;
}

async function trainFold(
  options: CrossValidationOptions,
  { signal, choice, parts, heldOut, directory }: FoldToTrain,
): Promise<TrainedFold> {
  const { settings, backend, out, json, summary } = options;
  const start = performance.now();
  const seed = seedOfFold(settings.seed, choice.fold);
  const run = await trainRun(
    {
      ...options,
      choice: { ...options.choice, crossValidation: choice },
      data: { ...options.data, parts },
      settings: { ...settings, seed },
      out: out === undefined ? undefined : join(out, directory),
      start,
    },
    {
      signal,
      async begin(network) {
        if (json) return silentDisplay;
        if (choice.fold === 1) await announceNetwork(network, backend, 1, summary);
        return { ...createTrainingDisplay(settings.epochs), line: () => {} }; // Each fold has a line of its own.
      },
    },
  );
  if (run.summary.interrupted) return { run };
  const { network } = run;
  const evaluation = await evaluate(network, heldOut, { metrics: settings.metrics });
  const ofValues = await scoreValues(network, heldOut);
  const seconds = (performance.now() - start) / 1000;
  const title = { accuracy: "Accuracy", prefix: "" };
  const { stopReason } = run.summary;
  const line = [
    resultLine(evaluation, { loss: network.loss, scores: ofValues }, title),
    ...metricLines(evaluation.metrics),
    ...(stopReason === undefined ? [] : [`stopped after epoch ${run.metrics.length}`]),
    `${seconds.toFixed(1)} s`,
  ].join(" | ");
  return {
    run,
    line,
    finished: {
      fold: choice.fold,
      ...(out !== undefined && { directory }),
      seed,
      trainCount: exampleCount(parts.train),
      heldOutCount: exampleCount(heldOut),
      scores: namedScores(evaluation, ofValues),
      seconds,
    },
  };
}
