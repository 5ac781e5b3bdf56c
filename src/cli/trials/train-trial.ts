import type { Backend } from "../../backend/backend.js";
import { type DataChoice, ownData } from "../../data/open-data.js";
import {
  DataFormatError,
  DownloadError,
  FileAccessError,
  ModelFormatError,
  SweepError,
} from "../../errors.js";
import type { HeldRunFolder } from "../../runs/record-run.js";
import type { TrialProgress } from "../../sweeps/runner.js";
import type { SweepFolder } from "../../sweeps/sweep-folder.js";
import type { Task, Trial } from "../../sweeps/trial.js";
import type { Callback } from "../../training/callback.js";
import type { Checkpoint } from "../../training/checkpoint-file.js";
import { historyOfTable } from "../../training/history-table.js";
import { epochFigures } from "../../training/monitor.js";
import { openTraining } from "../commands/open-training.js";
import { lastCheckpoint } from "../commands/resumed-run.js";
import { trainRun } from "../commands/training-run.js";
import { readOverConfig } from "../options/config.js";
import { withMonitored } from "../options/stopping.js";
import { readOptions } from "../options/train-arguments.js";
import { printWarning } from "../process.js";
import { silentDisplay } from "../progress.js";
import type { trialSignal } from "./trial-signal.js";

/** Data, or a model to begin with, that cannot be had or read. */
export class DataError extends SweepError {}

/** Settings that say which data a trial has, or which model it begins with. */
export const DATA_SETTINGS: readonly string[] = [
  "dataDir",
  "csv",
  "npz",
  "imageFolder",
  "table",
  "dataset",
  "from",
];

export const DATA_ERRORS = [FileAccessError, DownloadError, DataFormatError];

export interface TrainTrialOptions {
  readonly folder: HeldRunFolder;
  readonly threads: string | undefined;
  readonly ending: ReturnType<typeof trialSignal>;
}

/** Trains a trial up to the end of its task, from its checkpoint where there is one, and keeps it as a run in its folder. */
export async function trainTrial(
  sweep: SweepFolder,
  task: Task,
  { folder, threads, ending }: TrainTrialOptions,
): Promise<void> {
  const { metric } = sweep.plan;
  const trial = sweep.plan.trials[task.trial] as Trial; // The plan has it, or there would be no such task.
  const { settings, choice, backendOptions } = await readTrial(trial, threads);
  const opened = await openTraining({
    settings: { ...settings, metrics: withMonitored(settings.metrics, { monitor: metric }) },
    choice: strictly(choice),
    backendOptions,
  }).catch((error) => {
    const isAboutData = error instanceof Error && DATA_ERRORS.some((kind) => error instanceof kind);
    throw isAboutData ? new DataError(error.message, { cause: error }) : error;
  });
  try {
    const checkpoint = await checkpointOf(folder.directory, task, opened.backend);
    await trainRun(
      {
        ...opened,
        out: folder.directory,
        force: true,
        resumed: { folder, checkpoint },
        checkpointEvery: 30,
        watcher: { begin: async () => untilRung(task, metric, ending.endRung), ended: () => {} },
      },
      { signal: ending.signal, begin: () => silentDisplay },
    );
  } finally {
    await opened.data.close();
  }
}

/** What `train` would make of a trial's configuration. */
export function readTrial({ config }: Pick<Trial, "config">, threads?: string) {
  return readOverConfig(
    threads === undefined ? {} : { threads },
    config,
    "The trial's settings",
    readOptions,
  );
}

/** Trials that cannot have MNIST must not go on with other data, as one training may. */
function strictly<T extends DataChoice>(choice: T): T {
  const isNamed = choice.dataDir !== undefined || ownData(choice) !== undefined;
  return isNamed ? choice : { ...choice, dataset: choice.dataset ?? "mnist" };
}

/** A checkpoint that cannot be used is as none: the trial comes to the same bits from its beginning. */
async function checkpointOf(
  directory: string,
  { epochs }: Task,
  backend: Backend,
): Promise<Checkpoint | undefined> {
  try {
    const checkpoint = await lastCheckpoint(directory, backend);
    if (checkpoint === undefined) return undefined;
    const { history, isWithinEpoch } = checkpoint.state;
    const had = historyOfTable(history).length;
    return had > epochs || (had === epochs && isWithinEpoch) ? undefined : checkpoint;
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error;
    printWarning(`${error.message} The trial begins anew.`);
    return undefined;
  }
}

/** Ends the training after the task's last epoch, and tells of each to whoever has started this process. */
function untilRung(task: Task, metric: string, endRung: () => void): Callback {
  const look = ({ history, epochs }: { history: readonly unknown[]; epochs: number }) => {
    if (history.length >= task.epochs && task.epochs < epochs) endRung();
  };
  return {
    onTrainBegin: look, // One that was killed at the rung's end has had them all.
    onEpochEnd(context) {
      const last = context.history.at(-1);
      if (last !== undefined) tell({ epoch: last.epoch, value: valueIn(epochFigures(last), metric) });
      look(context);
    },
  };
}

function valueIn(figures: ReturnType<typeof epochFigures>, metric: string): number | null {
  const value = figures.find(({ figure }) => figure === metric)?.value ?? Number.NaN;
  return Number.isFinite(value) ? value : null;
}

function tell(progress: TrialProgress): void {
  if (process.connected) process.send?.(progress, undefined, undefined, () => {}); // Its end says that the other one has gone.
}
