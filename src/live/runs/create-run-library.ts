import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { InvalidArgumentError } from "../../errors.js";
import { CONFIG_FILE } from "../../runs/run-folder.js";
import type { EventLog } from "../event-log.js";
import type { LiveEvent, RunDetail, RunState, RunSummary } from "../protocol.js";
import { EMPTY_HISTORY, withEpochs } from "../run-history.js";
import type { RunLibrary, RunModel } from "../run-library.js";
import { type AttachedRun, type AttachedTraining, followTraining } from "./attached-run.js";
import { realPathOf, runIdOf } from "./find-runs.js";
import { createStarter, type Starter } from "./starter.js";
import { type StoredEntry, storedModel, storedSummary } from "./stored-entry.js";
import { createStoredRuns } from "./stored-runs.js";

export interface RunLibraryOptions {
  readonly events: EventLog;
  /** Folders of runs, folders with such below them, and model files. What is missing may come later. */
  readonly paths: readonly string[];
  /**
   * The folder for runs that are started from the page; `null`: none can be started. Other runs in it are shown where it is one of the
   * paths, or where there are no paths.
   */
  readonly newRuns: string | null;
  /** A folder with the files of MNIST, from which new runs learn. Default: wherever MNIST is found. */
  readonly dataDir?: string | undefined;
  /** The folder of own drawings, from which new runs can learn. */
  readonly drawings?: string | undefined;
  /** Whether runs tell where they are and which process trains them, as only who sits at this machine may know. Default: they do not. */
  readonly tellsPlaces?: boolean | undefined;
  /** Told of each run that was started from the page when its process has ended. */
  readonly onRunEnd?: ((end: StartedRunEnd) => void) | undefined;
}

/** How a run that was started from the page has ended. */
export interface StartedRunEnd {
  readonly run: RunSummary;
  /** Where it is kept; `null` where it has left nothing. */
  readonly folder: string | null;
}

export interface LiveRunLibrary extends RunLibrary {
  /** Shows a training while it goes on. One whose folder is also below the paths is one run with it. */
  attach(training: AttachedTraining): RunSummary;
  /** Looks at all folders now: once after it was made, and then about once a second while somebody looks at the page. */
  refresh(): Promise<void>;
}

/** So many trainings without files of their own are kept that have ended, the newest, with models of so many bytes in all. */
const MOST_ENDED = 100;
const MOST_MODEL_BYTES = 2 ** 28;

/** The pause between two looks, in milliseconds; and as many times as long as a look took. */
const PAUSE = 1000;
const SHARE = 20;
const ENDED: readonly RunState[] = ["finished", "stopped", "failed", "interrupted"];
/** After a question somebody counts as looking for so long. */
const PATIENCE = 10_000;

/** The runs below folders, those of trainings that are attached, and those that are started from the page. */
export function createRunLibrary(options: RunLibraryOptions): LiveRunLibrary {
  const { events, newRuns, dataDir } = options;
  const paths = options.paths.length === 0 && newRuns !== null ? [newRuns] : [...options.paths];
  const followed = new Map<string, AttachedRun>();
  let made = 0;
  const closing = new AbortController();
  let askedAt = Date.now();

  const publish = (event: LiveEvent) => {
    events.append(event);
  };
  const rights = { canStart: newRuns !== null, tellsPlaces: options.tellsPlaces ?? false };
  const summaryOf = (entry: StoredEntry) => storedSummary(entry, rights);
  const stored = createStoredRuns({
    paths,
    drawings: options.drawings,
    isFollowed: (id) => followed.has(id),
    publish,
    rights,
  });

  /** A program may train thousands of times, and nobody looks at all of that. */
  const forgetOldest = () => {
    const ended = [...followed.values()].filter(({ state }) => ENDED.includes(state)).reverse();
    let bytes = 0;
    for (const [i, { id, model }] of ended.entries()) {
      bytes += model?.bytes.length ?? 0;
      if (i < MOST_ENDED && (i === 0 || bytes <= MOST_MODEL_BYTES)) continue;
      followed.delete(id);
      publish({ type: "gone", id });
    }
  };

  const follow = (training: AttachedTraining): AttachedRun => {
    forgetOldest();
    const path = training.folder === null ? null : realPathOf(training.folder);
    const id = runIdOf(path ?? `${training.name} ${process.pid} ${made++}`);
    let told = "";
    const run = followTraining(id, training, (event) => {
      if (event !== null) return publish(event);
      const summary = run.summary();
      const text = JSON.stringify(summary);
      if (text === told) return;
      told = text;
      publish({ type: "run", run: summary });
    });
    followed.set(id, run);
    run.tell({});
    return run;
  };

  /** From now on the run's files tell of it; and where it has none, what is remembered. */
  const handOver = async (run: AttachedRun) => {
    const { folder, state, reason } = run;
    if (folder === null || !existsSync(join(folder, CONFIG_FILE))) return;
    const end = state === "failed" || state === "stopped" ? { state, reason, stamp: "" } : null;
    const { name, startedAt, notice } = run.summary();
    const { history, layers, modelVersion } = run;
    const isStored = await stored.takeOver(realPathOf(folder), {
      name,
      startedAt,
      notice,
      end,
      samples: history.samples,
      layers,
      modelVersion,
    });
    if (!isStored) return;
    followed.delete(run.id);
    const entry = stored.entries.get(run.id);
    if (entry === undefined) return;
    const { modelVersion: version } = entry;
    publish({ type: "run", run: summaryOf(entry) });
    // Its last model may be another than the one that was sent last: that of the best epoch.
    if (version > 0) {
      publish({ type: "model", id: run.id, epoch: null, modelVersion: version });
    }
  };

  const starter: Starter | null =
    newRuns === null
      ? null
      : createStarter({
          newRuns,
          dataDir,
          drawings: options.drawings,
          onChoices: (starting) => publish({ type: "starting", starting }),
          follow(training) {
            const { folder } = training;
            // Of a folder that nobody has named, the runs that are started here are shown, and no others.
            if (folder !== null && !isBelow(folder, paths)) paths.push(folder);
            return follow(training);
          },
          async onEnd(run) {
            await handOver(run);
            const entry = stored.entries.get(run.id);
            const isStored = entry !== undefined;
            options.onRunEnd?.({
              run: isStored ? summaryOf(entry) : run.summary(),
              folder: isStored ? run.folder : null,
            });
          },
        });

  const resuming = new Map<string, Promise<RunSummary>>();
  const goOn = async (starter: Starter, entry: StoredEntry): Promise<RunSummary> => {
    const { found, facts, remembered, modelVersion } = entry;
    const { bytes } = (await storedModel(entry)) ?? {};
    const run = await starter.goOn({
      folder: found.path,
      name: found.name,
      dataset: facts.run.dataset,
      settings: facts.run.settings,
      epochs: facts.run.epochs,
      before: {
        startedAt: summaryOf(entry).startedAt,
        history: withEpochs({ ...EMPTY_HISTORY, samples: remembered?.samples ?? [] }, facts.epochs),
        model: bytes === undefined ? null : { version: modelVersion, epoch: facts.run.epoch, bytes },
        network: facts.run.network,
        loss: facts.run.loss,
        notice: remembered?.notice ?? null,
      },
    });
    return run.summary();
  };

  let looking: Promise<void> = Promise.resolve();
  const refresh = () => {
    looking = looking.then(async () => {
      if (closing.signal.aborted) return;
      await Promise.all([stored.look(), starter?.look()]);
    });
    return looking;
  };

  const isWatched = () =>
    events.readers === undefined || events.readers > 0 || Date.now() - askedAt < PATIENCE;
  const keepLooking = async () => {
    let warned = "";
    for (;;) {
      const start = performance.now();
      try {
        await refresh();
      } catch (error) {
        // The page goes on with what it knows: a fault in looking must not end trainings that are attached.
        looking = Promise.resolve();
        if (String(error) !== warned) process.emitWarning(error instanceof Error ? error : String(error));
        warned = String(error); // Once, though it may be so at every look.
      }
      const pause = Math.max(PAUSE, SHARE * (performance.now() - start));
      do await wait(pause, undefined, { ref: false, signal: closing.signal });
      while (!isWatched());
    }
  };
  const kept = keepLooking().catch((error: unknown) => {
    if (!closing.signal.aborted) throw error;
  });

  return {
    get starting() {
      return starter?.choices ?? null;
    },
    summaries() {
      askedAt = Date.now();
      const all = [
        ...[...followed.values()].map((run) => run.summary()),
        ...[...stored.entries].flatMap(([id, entry]) => (followed.has(id) ? [] : [summaryOf(entry)])),
      ];
      return all.sort((a, b) => compare(b.startedAt, a.startedAt) || compare(b.name, a.name));
    },
    detail(id): RunDetail | undefined {
      askedAt = Date.now();
      const run = followed.get(id);
      if (run !== undefined) {
        const { history, layers, stepsPerEpoch, modelVersion } = run;
        const { lastId: lastEventId } = events;
        return {
          run: run.summary(),
          layers,
          stepsPerEpoch,
          ...history,
          modelVersion,
          modelEpoch: run.model?.epoch ?? null,
          lastEventId,
        };
      }
      const entry = stored.entries.get(id);
      if (entry === undefined) return undefined;
      const { facts, remembered, modelVersion } = entry;
      return {
        run: summaryOf(entry),
        layers: remembered?.layers ?? [],
        stepsPerEpoch: facts.stepsPerEpoch,
        samples: remembered?.samples ?? [],
        epochs: withEpochs(EMPTY_HISTORY, facts.epochs).epochs,
        modelVersion,
        modelEpoch: null,
        lastEventId: events.lastId,
      };
    },
    async model(id): Promise<RunModel | undefined> {
      const run = followed.get(id);
      if (run === undefined) {
        const entry = stored.entries.get(id);
        return entry === undefined ? undefined : storedModel(entry);
      }
      if (run.model === null) return undefined;
      const { folder, images } = run;
      const { version, bytes } = run.model;
      const isThere = folder !== null && existsSync(join(folder, CONFIG_FILE));
      return { version, bytes, folder: isThere ? folder : null, images };
    },
    async start(settings) {
      if (starter === null) {
        throw new InvalidArgumentError(
          "No run can be started from this page, which has no folder for new runs; start mnist-native serve.",
        );
      }
      const run = await starter.start(settings);
      return run.summary();
    },
    command(id, command) {
      const run = followed.get(id);
      const entry = run === undefined ? stored.entries.get(id) : undefined;
      if (starter !== null && entry !== undefined && command === "resume" && summaryOf(entry).canGoOn) {
        // Who presses twice has one run.
        const pending = resuming.get(id) ?? goOn(starter, entry).finally(() => resuming.delete(id));
        resuming.set(id, pending);
        return pending;
      }
      if (run === undefined) {
        throw new InvalidArgumentError(
          "Expected a run that this page steers, but this one has ended, or another process trains it.",
        );
      }
      run.command(command);
      return run.summary();
    },
    attach: (training) => follow(training).summary(),
    refresh,
    async close() {
      closing.abort();
      await Promise.all([kept, looking, starter?.close()]);
    },
  };
}

/** Whether a folder of a run is found by looking into `paths`. */
function isBelow(folder: string, paths: readonly string[]): boolean {
  const places = new Set([folder, dirname(folder)].map(realPathOf));
  return paths.some((path) => places.has(realPathOf(path)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
