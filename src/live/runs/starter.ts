import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DatasetName } from "../../data/catalog/catalog.js";
import { InvalidArgumentError, MnistNativeError } from "../../errors.js";
import { cpuLimits } from "../../system/machine.js";
import { createDrawings } from "../drawings/drawings.js";
import { OWN_DRAWINGS, type StartChoices, type StartSettings } from "../protocol.js";
import type { AttachedRun, AttachedTraining } from "./attached-run.js";
import { makeNamedFolder } from "./run-names.js";
import { DRAWINGS, publishedHere, startChoices } from "./start-choices.js";
import { checkStartSettings, configOf } from "./start-settings.js";
import { type StartedRun, type StartOptions, startRun } from "./started-run.js";

/** Starts runs in processes of their own. */
export interface Starter {
  readonly choices: StartChoices;
  /** @throws InvalidArgumentError as `RunLibrary.start`. */
  start(settings: unknown): Promise<AttachedRun>;
  /** Goes on with the run that is in a folder. @throws InvalidArgumentError as `RunLibrary.start`. */
  goOn(run: StoppedRun): Promise<AttachedRun>;
  /** Looks at what has come of data sets and of runs that are getting ready. */
  look(): Promise<void>;
  /** Ends what goes on, and waits for it. */
  close(): Promise<void>;
}

/** A run that can go on. */
export type StoppedRun = Pick<StartOptions, "folder" | "name" | "dataset" | "settings" | "epochs" | "before">;

export interface StarterOptions {
  readonly newRuns: string;
  readonly dataDir: string | undefined;
  readonly drawings: string | undefined;
  /** Told what a new run may be, when that has changed. */
  onChoices(choices: StartChoices): void;
  follow(training: AttachedTraining): AttachedRun;
  onEnd(run: AttachedRun): Promise<void>;
}

/** Milliseconds that a run has to keep its checkpoint when the server ends. */
const GRACE = 20_000;

export function createStarter(options: StarterOptions): Starter {
  const { newRuns, dataDir, drawings, follow, onEnd, onChoices } = options;
  const most = Math.max(1, cpuLimits().affinity);
  const going = new Set<StartedRun>();
  /** Those on their way into `going`. */
  const pending = new Set<Promise<AttachedRun>>();
  let isClosed = false;
  let published: ReadonlySet<DatasetName> = new Set();
  let isPublishedKnown = false;

  let areDrawingsEnough = false;

  const choices = () => startChoices({ published, hasDrawings: areDrawingsEnough });

  const beginNew = async (given: unknown) => {
    const settings = checkStartSettings(given, choices());
    const config = await configOf(settings, { dataDir, drawings });
    const name = await makeNamedFolder(newRuns, settings);
    const { epochs } = settings;
    const dataset = settings.dataset === DRAWINGS ? OWN_DRAWINGS : settings.dataset;
    const words = wordsOf({ ...settings, dataset });
    return begin({ config, folder: join(newRuns, name), name, dataset, settings: words, epochs });
  };

  const begin = async (run: Omit<StartOptions, "drawings" | "follow" | "onEnd">) => {
    const started = await startRun({
      ...run,
      drawings,
      follow,
      async onEnd(run) {
        going.delete(started);
        isPublishedKnown = false; // It may have fetched its data.
        await onEnd(run);
      },
    });
    going.add(started);
    if (isClosed) started.process.interrupt(); // While it was being started.
    return started.run;
  };

  /** One more at a time than can be is refused. */
  const admit = async (start: () => Promise<AttachedRun>) => {
    if (isClosed)
      throw new InvalidArgumentError("The server is about to end, so that no run can be started.");
    if (going.size + pending.size >= most) {
      throw new InvalidArgumentError(
        `Expected fewer runs at once: ${most === 1 ? "one is" : `${most} are`} going on, as many as this machine has processors; wait until one has ended, or stop one.`,
      );
    }
    const beginning = start();
    pending.add(beginning);
    try {
      return await beginning;
    } finally {
      pending.delete(beginning);
    }
  };

  let told = JSON.stringify(choices());
  return {
    get choices() {
      return choices();
    },
    start: (settings) => admit(() => beginNew(settings)),
    goOn: (run) => admit(() => begin({ config: null, ...run })),
    async look() {
      for (const { run, process } of going) {
        const words = run.state === "starting" ? process.lastWords() : null;
        if (words !== null) run.tell({ reason: words });
      }
      areDrawingsEnough = drawings !== undefined && (await canBeLearned(drawings));
      if (!isPublishedKnown) {
        published = await publishedHere(dataDir);
        isPublishedKnown = true;
      }
      const text = JSON.stringify(choices());
      if (text !== told) onChoices(choices());
      told = text;
    },
    async close() {
      isClosed = true;
      for (const { process } of going) process.interrupt();
      await Promise.allSettled(pending); // Each is interrupted when it has begun; who has asked for it hears of a failure.
      const timer = setTimeout(() => {
        for (const { process } of going) process.kill();
      }, GRACE);
      await Promise.all(Array.from(going, ({ ended }) => ended));
      clearTimeout(timer);
    },
  };
}

/** Whether there are drawings in a folder, enough to learn from. */
async function canBeLearned(folder: string): Promise<boolean> {
  if (!existsSync(folder)) return false;
  try {
    return (await createDrawings({ folder }).get()).command !== null;
  } catch (error) {
    // Whoever draws is told what is wrong with the folder; nobody can learn from it meanwhile.
    if (error instanceof MnistNativeError) return false;
    throw error;
  }
}

/** Until the run's own files tell them. */
function wordsOf(settings: StartSettings): Readonly<Record<string, string>> {
  const { dataset, hidden, activation, loss, optimizer, learningRate, batchSize, epochs, seed } = settings;
  return {
    "Data set": dataset,
    "Hidden layers": hidden.length === 0 ? "none" : `${hidden.join("-")}, ${activation}`,
    Loss: loss,
    Optimizer: optimizer,
    Epochs: String(epochs),
    "Batch size": String(batchSize),
    "Learning rate": String(learningRate),
    "Seed of weights and shuffling": String(seed),
  };
}
