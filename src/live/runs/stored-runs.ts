import type { LiveEvent } from "../protocol.js";
import { type FoundRun, findRuns, runIdOf } from "./find-runs.js";
import { lookAtFiles } from "./run-files.js";
import {
  changesOf,
  type PageRights,
  type Remembered,
  type StoredEntry,
  storedEntry,
  storedSummary,
} from "./stored-entry.js";
import { readStored } from "./stored-run.js";

/** The runs that files tell of, as they were at the last look. */
export interface StoredRuns {
  readonly entries: ReadonlyMap<string, StoredEntry>;
  /** Looks at all folders; only what has changed is read. */
  look(): Promise<void>;
  /** Looks at the folder of a run that is over. @returns Whether there is a run in it. */
  takeOver(path: string, remembered: Remembered & { readonly name: string }): Promise<boolean>;
}

export interface StoredRunsOptions {
  readonly paths: readonly string[];
  /** The folder of the page's drawings. */
  readonly drawings: string | undefined;
  /** Whether a run is known by more than its files, which are not looked at then. */
  isFollowed(id: string): boolean;
  publish(event: LiveEvent): void;
  readonly rights: PageRights;
}

/** Keeps what there is to know of the runs below folders. */
export function createStoredRuns({
  paths,
  drawings,
  isFollowed,
  publish,
  rights,
}: StoredRunsOptions): StoredRuns {
  const entries = new Map<string, StoredEntry>();
  /** Of each place that had a model, the last one's. What was computed of a model is kept by its version, and must be no other's. */
  const versions = new Map<string, number>();

  /** Files of other programs, by their runs' names, as they stood. */
  const passedOver = new Map<string, string>();

  const remove = (id: string) => {
    if (entries.delete(id)) publish({ type: "gone", id });
  };

  const keep = (id: string, entry: StoredEntry): StoredEntry => {
    entries.set(id, entry);
    if (entry.modelVersion > 0) versions.set(id, entry.modelVersion);
    return entry;
  };

  const update = async (found: FoundRun) => {
    const id = runIdOf(found.path);
    const before = entries.get(id);
    const files = await lookAtFiles(found);
    if (before?.files.stamp === files.stamp && before.found.name === found.name) return;
    if (passedOver.get(id) === files.stamp) return;
    const facts = await readStored(found, files, drawings);
    if (isFollowed(id)) return; // By now.
    if (facts === null) {
      passedOver.set(id, files.stamp);
      remove(id);
      return;
    }
    const after = keep(id, storedEntry(before, { found, files, facts }, versions.get(id) ?? 0));
    const changes = changesOf(before, after);
    for (const event of changes) publish(event);
    const run = storedSummary(after, rights);
    const isNew = before === undefined || changes.some(({ type }) => type === "gone");
    if (isNew || JSON.stringify(run) !== JSON.stringify(storedSummary(before, rights)))
      publish({ type: "run", run });
  };

  return {
    entries,
    async look() {
      const found = await findRuns(paths);
      const seen = new Set(found.map(({ path }) => runIdOf(path)));
      for (const run of found) if (!isFollowed(runIdOf(run.path))) await update(run);
      for (const id of [...entries.keys()]) {
        if (!seen.has(id) && !isFollowed(id)) remove(id);
      }
    },
    async takeOver(path, { name, end, ...remembered }) {
      const found: FoundRun = { kind: "folder", path, root: path, name };
      const files = await lookAtFiles(found);
      const facts = await readStored(found, files, drawings);
      if (facts === null || facts.run.network === "") return false;
      const kept = { ...remembered, end: end === null ? null : { ...end, stamp: files.stamp } };
      keep(runIdOf(path), storedEntry(undefined, { found, files, facts }, kept.modelVersion, kept));
      return true;
    },
  };
}
