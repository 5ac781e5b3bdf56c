import { relative } from "node:path";
import { holderInWords, type LockHolder } from "../../system/process-lock.js";
import { LARGEST_FILE, readRegularFile } from "../../system/regular-file.js";
import { shellCommand } from "../../system/shell.js";
import type { EpochPoint, LiveEvent, RunState, RunSummary, Sample } from "../protocol.js";
import type { RunModel } from "../run-library.js";
import type { FoundRun } from "./find-runs.js";
import type { RunFiles } from "./run-files.js";
import type { StoredFacts } from "./stored-run.js";

/** What this server has seen of a run while it was trained, and its files do not tell. */
export interface Remembered {
  readonly samples: readonly Sample[];
  readonly layers: readonly string[];
  readonly modelVersion: number;
  readonly startedAt: string;
  readonly notice: string | null;
  /** How it ended, where the files do not tell; it holds while they stay as they are. */
  readonly end: { readonly state: RunState; readonly reason: string | null; readonly stamp: string } | null;
}

/** A run as its files tell of it, from one look to the next. */
export interface StoredEntry {
  readonly found: FoundRun;
  readonly files: RunFiles;
  readonly facts: StoredFacts;
  readonly remembered: Remembered | null;
  /** Grows when its model's file changes; 0 where there is none. */
  readonly modelVersion: number;
}

/**
 * A run that was found, as it stands after a look at its files.
 *
 * @param last Version of the last model that there was at the run's place, also of a run that has gone since: no other model has it.
 */
export function storedEntry(
  before: StoredEntry | undefined,
  { found, files, facts }: Pick<StoredEntry, "found" | "files" | "facts">,
  last: number,
  remembered: Remembered | null = before?.remembered ?? null,
): StoredEntry {
  const isSame = before !== undefined && before.files.model?.stamp === files.model?.stamp;
  const modelVersion = files.model === null ? 0 : isSame ? last : last + 1;
  return { found, files, facts, remembered, modelVersion };
}

/** What a page may do and say of runs. */
export interface PageRights {
  /** Whether it starts processes. */
  readonly canStart: boolean;
  /** Whether it tells where runs are and who trains them: whoever reads it sits at this machine. */
  readonly tellsPlaces: boolean;
}

export function storedSummary(
  { facts, files, found, remembered }: StoredEntry,
  { canStart, tellsPlaces }: PageRights,
): RunSummary {
  const { end = null } = remembered ?? {};
  const { state, reason } = end?.stamp === files.stamp ? end : facts.run;
  const { holder, hasCheckpoint } = files;
  const canBeResumed = state === "interrupted" && hasCheckpoint;
  return {
    ...facts.run,
    state,
    reason: holder !== null && tellsPlaces && state === "elsewhere" ? howToStop(holder) : reason,
    ...(remembered !== null && { startedAt: remembered.startedAt }),
    notice: remembered?.notice ?? null,
    isSteerable: false,
    canGoOn: canBeResumed && canStart,
    goOnCommand: canBeResumed && tellsPlaces ? commandFor(found.path) : null,
    // Of a file that is no model, nothing is known.
    hasModel: files.model !== null && facts.run.network !== "",
  };
}

/** As from the working folder of whoever serves the page. */
function commandFor(path: string): string {
  return shellCommand(["npx", "mnist-native", "train", "--resume", relative(process.cwd(), path) || "."]);
}

function howToStop(holder: LockHolder): string {
  const { pid, host } = holder;
  const advice =
    process.platform === "win32" || host !== null
      ? "end it where it was started"
      : `the command kill -INT ${pid} ends it, and it keeps a checkpoint first`;
  return `${holderInWords(holder).replace("p", "P")} trains it; ${advice}.`;
}

/** What has happened to a run between two looks, but for what its summary says. */
export function changesOf(before: StoredEntry | undefined, after: StoredEntry): readonly LiveEvent[] {
  const { id } = after.facts.run;
  const events: LiveEvent[] = [];
  if (before !== undefined) {
    const known = before.facts.epochs.length;
    if (isAnotherRun(before.facts.epochs, after.facts.epochs)) events.push({ type: "gone", id });
    else if (after.facts.epochs.length > known) {
      events.push({ type: "epochs", id, epochs: after.facts.epochs.slice(known) });
    }
  }
  if (after.modelVersion > (before?.modelVersion ?? 0) && before !== undefined) {
    events.push({ type: "model", id, epoch: null, modelVersion: after.modelVersion });
  }
  return events;
}

/** Whether a run has taken the place of another: the epochs that there were are not those that there are. */
function isAnotherRun(before: readonly EpochPoint[], after: readonly EpochPoint[]): boolean {
  const last = before.at(-1);
  if (last === undefined) return false;
  const same = after[before.length - 1];
  return same === undefined || same.trainLoss !== last.trainLoss || same.seconds !== last.seconds;
}

/**
 * Reads the model of a run.
 *
 * @throws FileAccessError when it cannot be read.
 */
export async function storedModel(entry: StoredEntry): Promise<RunModel | undefined> {
  const { found, files, modelVersion } = entry;
  if (files.model === null) return undefined;
  const bytes = await readRegularFile(files.model.path, LARGEST_FILE.model, {
    name: `The model of ${found.name}`,
  });
  const folder = found.kind === "folder" ? found.path : null;
  return { version: modelVersion, bytes, folder, images: null };
}
