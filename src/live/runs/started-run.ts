import { rmdir } from "node:fs/promises";
import { MnistNativeError } from "../../errors.js";
import type { TrainConfig } from "../../runs/config/schema.js";
import { readRun } from "../../runs/read-run.js";
import { type RunSettings, runSettings } from "../../runs/settings.js";
import type { AttachedRun, AttachedTraining, RunBefore } from "./attached-run.js";
import { nameOfData } from "./name-of-data.js";
import { SYNTHETIC } from "./start-choices.js";
import { type ProcessEnd, startTrainingProcess, type TrainingProcess } from "./training-process.js";
import { settingsInWords } from "./words.js";

/** A run whose process this server has started. */
export interface StartedRun {
  readonly run: AttachedRun;
  readonly process: TrainingProcess;
  /** Settled when the process is gone, and its end is told. */
  readonly ended: Promise<void>;
}

export interface StartOptions {
  /** `null` for the run that is in the folder, and goes on. */
  readonly config: TrainConfig | null;
  /** The run's folder; that of a new run is empty. */
  readonly folder: string;
  readonly name: string;
  readonly dataset: string | null;
  readonly settings: Readonly<Record<string, string>>;
  readonly epochs: number;
  /** The folder of the page's drawings. */
  readonly drawings: string | undefined;
  /** Of a run that goes on: what there was of it before. */
  readonly before?: RunBefore;
  /** Makes it one of the runs that are shown. */
  follow(training: AttachedTraining): AttachedRun;
  /** Called when the process is gone. */
  onEnd(run: AttachedRun): Promise<void>;
}

/** Starts the process of a run, and follows it. */
export async function startRun(options: StartOptions): Promise<StartedRun> {
  const { config, folder, drawings: _, follow, onEnd, ...words } = options;
  const process = await startTrainingProcess(config, folder).catch(async (error: unknown) => {
    await removeEmpty(folder);
    throw error;
  });
  const run = follow({
    ...process,
    ...words,
    onMessage(listener) {
      process.onMessage((message) => {
        listener(message);
        if (message.type === "begin") tellFolder(run, process, options).catch(warn);
      });
    },
    folder,
    images: null,
    readsImages: true,
  });
  const end = async () => {
    const told = await process.ended;
    try {
      await removeEmpty(folder);
    } finally {
      tellEnd(run, told); // Whoever hears of it finds no folder that is about to go.
    }
    await onEnd(run);
  };
  const ended = end().catch(warn);
  return { run, process, ended };
}

/** A fault in telling of one run must not end the server, nor the others. */
function warn(error: unknown): void {
  globalThis.process.emitWarning(error instanceof Error ? error : String(error));
}

/** As soon as its folder tells them, data and settings are those that the run has found: MNIST may be digits that were drawn. */
async function tellFolder(
  run: AttachedRun,
  process: TrainingProcess,
  { folder, dataset, drawings, before }: StartOptions,
): Promise<void> {
  let settings: RunSettings;
  try {
    const found = await readRun(folder);
    settings = { ...runSettings(found), dataset: nameOfData(found.config, drawings) };
  } catch (error) {
    // Somebody has removed the folder, which the training itself says when it keeps its next epoch.
    if (error instanceof MnistNativeError) return;
    throw error;
  }
  const found = settings.dataset ?? dataset;
  const isOther = dataset === "mnist" && found === SYNTHETIC;
  run.tell({
    dataset: found,
    settings: settingsInWords(settings),
    reason: null,
    // What is said of other data than were asked for stays to be read.
    ...(before === undefined && {
      notice: isOther
        ? (process.lastWords() ?? `It learns from ${found}, as ${dataset} cannot be had.`)
        : null,
    }),
  });
}

/** What the end of its process means for a run that may have told its end before. */
function tellEnd(run: AttachedRun, { code, signal, lastWords }: ProcessEnd): void {
  const hasEnded = ["finished", "stopped", "failed"].includes(run.state);
  if (code === 0 && hasEnded) return;
  if (code === 130 || code === 143 || signal === "SIGTERM") {
    run.tell({ state: "interrupted", reason: "It was interrupted." });
  } else if (code === 0) {
    run.tell({ state: "finished", reason: null });
  } else {
    const why =
      lastWords === null
        ? `Its process was ended${signal === null ? ` with exit code ${code}` : ` by ${signal}`}.`
        : lastWords;
    run.tell({ state: "failed", reason: why });
  }
}

/** A run that failed before it had written a file leaves no folder. */
async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(code)) throw error;
  }
}
