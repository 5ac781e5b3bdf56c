import { stat } from "node:fs/promises";
import { join } from "node:path";
import { MnistNativeError } from "../../errors.js";
import { importFirst } from "../../runs/import-origin.js";
import { isOfAnotherProgram } from "../../runs/load-run-model.js";
import { type Run, readRun } from "../../runs/read-run.js";
import { CONFIG_FILE } from "../../runs/run-folder.js";
import { runSettings } from "../../runs/settings.js";
import { LARGEST_FILE, readRegularFile } from "../../system/regular-file.js";
import { asFileAccessError } from "../../system/system-error.js";
import type { EpochPoint, Figure, RunState, RunSummary } from "../protocol.js";
import { STOPPED_FROM_PAGE } from "../watching/steering.js";
import { epochPoint, figure } from "../watching/training-facts.js";
import { type FoundRun, runIdOf } from "./find-runs.js";
import { modelFacts } from "./model-facts.js";
import { nameOfData } from "./name-of-data.js";
import type { RunFiles } from "./run-files.js";
import { settingInWords, settingsInWords, withoutPlaces } from "./words.js";

/** What the files of a run say. */
export interface StoredFacts {
  readonly run: Omit<RunSummary, "isSteerable" | "hasModel" | "notice" | "canGoOn" | "goOnCommand">;
  readonly epochs: readonly EpochPoint[];
  readonly stepsPerEpoch: Figure;
}

/**
 * Reads what a run's folder, or a model, says of itself. One that cannot be read is a run that has failed, with the reason.
 *
 * @returns `null` of the safetensors of another program, which may lie about in a folder of models: only where it was named itself, the
 *   reader is told of it.
 * @param files As the run's files stand.
 * @param drawings The folder of the page's drawings.
 */
export async function readStored(
  found: FoundRun,
  files: RunFiles,
  drawings: string | undefined,
): Promise<StoredFacts | null> {
  const { path, name, root } = found;
  try {
    if (files.outside !== null) {
      return await broken(
        found,
        `${files.outside} of ${name} is a link that leads out of the folder; put the file itself there.`,
      );
    }
    return await (found.kind === "model" ? readModel(found) : readFolder(found, files, drawings));
  } catch (error) {
    if (found.kind === "model" && isOfAnotherProgram(error)) {
      if (path !== root) return null;
      return broken(found, `${name} was written by another program; ${importFirst(name)}.`);
    }
    const known = asFileAccessError(error, path);
    if (known instanceof MnistNativeError) {
      return broken(found, withoutPlaces(known.message, { [path]: name }));
    }
    // Whatever files say, other runs are shown all the same.
    process.emitWarning(known instanceof Error ? known : String(known));
    return broken(
      found,
      `The files of ${name} hold what this program does not write; keep other files elsewhere.`,
    );
  }
}

async function readFolder(
  found: FoundRun,
  { holder }: RunFiles,
  drawings: string | undefined,
): Promise<StoredFacts> {
  const { path, name } = found;
  const run = await readRun(path);
  const settings = { ...runSettings(run), dataset: nameOfData(run.config, drawings) };
  const epochs = run.epochs.map(epochPoint);
  const last = epochs.at(-1);
  const { layers, imageShape, learns, dataset } = settings;
  return {
    run: {
      id: runIdOf(path),
      name,
      ...endOf(run, holder !== null),
      startedAt: await timeOf(join(path, CONFIG_FILE)),
      network: layers.join("-"),
      dataset: dataset === null ? null : settingInWords(dataset),
      loss: settings.lossNames.short,
      epochs: settings.epochs,
      epoch: last?.epoch ?? 0,
      validAccuracy: last?.validAccuracy ?? null,
      testAccuracy: testAccuracyOf(run),
      readsImages: imageShape !== null && learns === "classes",
      settings: settingsInWords(settings),
    },
    epochs,
    stepsPerEpoch:
      last === undefined || last.step === null ? null : Math.round(last.step / Math.max(1, last.epoch)),
  };
}

function endOf(
  { summary, epochs, config, origin }: Run,
  isHeld: boolean,
): { state: RunState; reason: string | null } {
  if (origin !== null) {
    return { state: "imported", reason: settingInWords(`It was read from ${origin.file}.`) };
  }
  if (isHeld) return { state: "elsewhere", reason: null };
  const count = `${epochs.length} of ${config.epochs} epochs`;
  if (summary === null) {
    return { state: "interrupted", reason: `Its process has ended after ${count}, before the run was over.` };
  }
  if (summary.interrupted) return { state: "interrupted", reason: `It was interrupted after ${count}.` };
  const { stopReason = null } = summary;
  if (stopReason === STOPPED_FROM_PAGE) {
    return { state: "stopped", reason: `It was stopped from the page after ${count}.` };
  }
  return {
    state: "finished",
    reason: stopReason === null ? null : `It ended after ${count}: ${stopReason}.`,
  };
}

/** Of classes; values that are learned have none. */
function testAccuracyOf({ summary }: Run): Figure {
  if (summary === null || summary.testCount === 0) return null;
  const { testAccuracy, testCorrect, testCount } = summary;
  return figure(typeof testAccuracy === "number" ? testAccuracy : testCorrect / testCount);
}

async function readModel(found: FoundRun): Promise<StoredFacts> {
  const { path, name } = found;
  const bytes = await readRegularFile(path, LARGEST_FILE.model);
  const facts = await modelFacts(bytes, path);
  return {
    run: {
      id: runIdOf(path),
      name,
      state: "finished",
      reason: null,
      startedAt: await timeOf(path),
      ...facts,
      validAccuracy: null,
      testAccuracy: null,
    },
    epochs: [],
    stepsPerEpoch: null,
  };
}

async function broken({ path, name }: FoundRun, reason: string): Promise<StoredFacts> {
  return {
    run: {
      id: runIdOf(path),
      name,
      state: "failed",
      reason,
      startedAt: await timeOf(path),
      network: "",
      dataset: null,
      loss: "",
      epochs: 0,
      epoch: 0,
      validAccuracy: null,
      testAccuracy: null,
      readsImages: false,
      settings: {},
    },
    epochs: [],
    stepsPerEpoch: null,
  };
}

/** When a file was written, in ISO 8601; 1970 of one that is gone. */
async function timeOf(path: string): Promise<string> {
  const time = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0, // It has just been removed, which the next look tells.
  );
  return new Date(time).toISOString();
}
