import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { FileAccessError, SweepError } from "../errors.js";
import { isObject } from "../runs/json-values.js";
import { CONFIG_FILE } from "../runs/run-folder.js";
import { createFileAtomically } from "../system/create-file.js";
import { asJson, makeFolders, removeUnfinished, writeFileAtomically } from "../system/files.js";
import { packageVersion } from "../system/package-version.js";
import { holderInWords, takeProcessLock } from "../system/process-lock.js";
import { LARGEST_FILE, readRegularFile } from "../system/regular-file.js";
import { asFolderAccessError, asOutputError } from "../system/system-error.js";
import { outcomeFile, type ReadOutcome, readOutcome } from "./outcome-file.js";
import { type Plan, planSweep } from "./plan.js";
import { requireNothingElse, SWEEP_FILE } from "./require-nothing-else.js";
import { formatResults, resultsTable } from "./results.js";
import { parseSweepConfig, placesOf, type SweepConfig } from "./sweep-config.js";
import type { Outcome, Task } from "./trial.js";

/**
 * A sweep's folder: `sweep.json`, which says all that the plan is made of, and for each trial a run's folder `trials/0007` with what
 * `train --out` keeps and, for each rung that it has come to an end of, `outcome-0.json`. Outcomes are the truth: each is written once,
 * whole, by whoever has run the task; `results.csv` is made of them.
 */
export interface SweepFolder {
  /** Absolute. */
  readonly directory: string;
  /** The same as it was named, for messages. */
  readonly given: string;
  /** Of this sweep and no other, also for one with the same name elsewhere: letters, digits and dashes. */
  readonly id: string;
  readonly config: SweepConfig;
  readonly plan: Plan;
  /** The run's folder of a trial. */
  trialFolder(trial: number): string;
  /** All outcomes that there are, in the order in which they came; read anew. */
  outcomes(): Promise<readonly Outcome[]>;
  outcomeOf(task: Pick<Task, "trial" | "rung">): Promise<Outcome | undefined>;
  /** Records an outcome, once: where there is one already, that one stays and is returned. */
  record(outcome: Outcome): Promise<Outcome>;
  /** Writes `results.csv` of the outcomes that there are. */
  writeResults(): Promise<void>;
}

export { SWEEP_FILE };
/** A line for each trial. */
export const RESULTS_FILE = "results.csv";
/** Where the runs of the trials are. */
const TRIALS_FOLDER = "trials";
/** Held by the process that brings the trials on their way. */
const LOCK_FILE = ".lock";
/** Of what is in {@link SWEEP_FILE}. */
export const FORMAT = 1;

/**
 * Makes the folder of a new sweep.
 *
 * @param config As `readSweepConfig` or `parseSweepConfig` gives it; places in it are absolute, so that trials find them from anywhere.
 * @param options.id Where it is a part of a sweep that has one already. Default: a new one.
 * @param options.needed Places that the sweep is made of besides those of its configuration, and that may be in it. Default: none.
 * @throws SweepError when there is a sweep, or a run, in it, or anything else that is none of this sweep's.
 * @throws OutputError when it cannot be written to.
 */
export async function createSweepFolder(
  directory: string,
  config: SweepConfig,
  options: { readonly id?: string; readonly needed?: readonly string[] } = {},
): Promise<SweepFolder> {
  const { id = randomUUID(), needed = [] } = options;
  const plan = await planSweep(config);
  const path = join(directory, SWEEP_FILE);
  if (existsSync(join(directory, CONFIG_FILE))) {
    throw new SweepError(`${directory} holds a run, and no sweep; name another folder.`);
  }
  await requireNothingElse(directory, [...needed, ...placesOf(config)]);
  const sweep = { format: FORMAT, version: packageVersion(), id, config };
  if (!(await createFileAtomically(path, asJson(sweep)))) {
    throw new SweepError(
      `${directory} holds a sweep already; go on with it by --resume, or name another folder.`,
    );
  }
  return folderOf(directory, id, config, plan);
}

/**
 * Opens the folder of a sweep that there is, begun or finished.
 *
 * @throws FileAccessError when there is none.
 * @throws SweepError when its sweep.json is not as this version writes it, or ConfigFormatError naming the setting.
 */
export async function openSweepFolder(directory: string): Promise<SweepFolder> {
  const path = join(directory, SWEEP_FILE);
  if (!existsSync(path)) {
    throw new FileAccessError(
      `${directory} holds no sweep: there is no ${SWEEP_FILE}; name the folder that sweep --out wrote.`,
    );
  }
  const { id, kind, config: given } = await readSweepFile(path);
  if (kind === "objective") {
    throw new SweepError(
      `${directory} holds the sweep of a program's own objective, which goes on where that program calls sweep again; what has come of its trials is in its folder ${TRIALS_FOLDER}, and in ${RESULTS_FILE} when that call has ended.`,
    );
  }
  const config = await parseSweepConfig(given);
  return folderOf(directory, id, config, await planSweep(config));
}

/** What {@link SWEEP_FILE} says. */
export interface SweepFile {
  readonly id: string;
  /** Whether the trials are trainings, or calls of a program's own objective. */
  readonly kind: "training" | "objective";
  /** Not checked. */
  readonly config: unknown;
}

/**
 * Reads the file with what a sweep's plan is made of.
 *
 * @throws SweepError when it is not as this version writes it.
 */
export async function readSweepFile(path: string): Promise<SweepFile> {
  const text = (await readRegularFile(path, LARGEST_FILE.json)).toString("utf8");
  const wrong = (what: string, cause?: unknown) =>
    new SweepError(`${path} is not as a sweep writes it: ${what}; name the folder of another sweep.`, {
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw wrong("it is not JSON", cause);
  }
  if (!isObject(value)) throw wrong("it is not an object");
  const { format, id, kind, config } = value;
  if (format !== FORMAT) {
    throw wrong(`its format is ${JSON.stringify(format)}, and this version of mnist-native knows ${FORMAT}`);
  }
  if (typeof id !== "string" || !/^[A-Za-z0-9-]+$/.test(id)) throw wrong("it has no id");
  return { id, kind: kind === "objective" ? kind : "training", config };
}

/** A folder in which outcomes are kept by trial and rung. */
export function folderOf(given: string, id: string, config: SweepConfig, plan: Plan): SweepFolder {
  const directory = resolve(given);
  const trialFolder = (trial: number) => join(directory, TRIALS_FOLDER, trialName(trial));
  const pathOf = ({ trial, rung }: Pick<Task, "trial" | "rung">) =>
    join(trialFolder(trial), outcomeFile(rung));
  const outcomeOf = async (task: Pick<Task, "trial" | "rung">) =>
    (await readOutcome(pathOf(task), task))?.outcome;
  const outcomes = async () => {
    const begun = new Set(await namesIn(join(directory, TRIALS_FOLDER)));
    const found: ReadOutcome[] = [];
    for (const { number } of plan.trials) {
      if (!begun.has(trialName(number))) continue;
      for (const rung of plan.rungs.keys()) {
        const read = await readOutcome(pathOf({ trial: number, rung }), { trial: number, rung });
        if (read === undefined) break; // A trial comes to no rung before it has ended the one below.
        found.push(read);
      }
    }
    return found.sort(byArrival).map(({ outcome }) => outcome);
  };
  return {
    directory,
    given,
    id,
    config,
    plan,
    trialFolder,
    outcomes,
    outcomeOf,
    async record(outcome) {
      const path = pathOf(outcome);
      const before = await outcomeOf(outcome);
      if (before !== undefined) return before;
      await createFileAtomically(path, asJson(outcome));
      const kept = await outcomeOf(outcome); // That of the first, and in the form that all others read.
      if (kept === undefined) {
        throw new SweepError(`${path} was removed when it had just been written; go on by --resume.`);
      }
      return kept;
    },
    async writeResults() {
      const table = resultsTable(plan, await outcomes());
      await writeFileAtomically(join(directory, RESULTS_FILE), formatResults(table));
    },
  };
}

function trialName(trial: number): string {
  return String(trial).padStart(4, "0");
}

/** Outcomes of the same moment by their tasks, so that the order is the same whoever reads. */
function byArrival(a: ReadOutcome, b: ReadOutcome): number {
  if (a.written !== b.written) return a.written < b.written ? -1 : 1;
  return a.outcome.trial - b.outcome.trial || a.outcome.rung - b.outcome.rung;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw asFolderAccessError(error, folder, "it is made by a sweep");
  }
}

/**
 * Takes a sweep for this process, which alone brings its trials on their way from now on. That of a process of this machine that was killed
 * holds nothing; that of another machine's, for a minute.
 *
 * What one that was killed was writing of the results is removed.
 *
 * @param options.othersWrite Whether others write results meanwhile, as jobs of Slurm do. Default: no.
 * @returns What gives it back.
 * @throws SweepError when another process has it.
 * @throws OutputError when the folder cannot be written to.
 */
export async function holdSweep(
  { directory }: Pick<SweepFolder, "directory">,
  { othersWrite = false }: { readonly othersWrite?: boolean } = {},
): Promise<() => void> {
  const path = join(directory, LOCK_FILE);
  let lock: ReturnType<typeof takeProcessLock>;
  try {
    await makeFolders(directory);
    lock = takeProcessLock(path);
  } catch (error) {
    throw asOutputError(error, path);
  }
  if ("heldBy" in lock) {
    throw new SweepError(
      `${directory} is in use: ${holderInWords(lock.heldBy)} runs its sweep; wait until it has ended, or end it.`,
    );
  }
  try {
    if (!othersWrite) await removeUnfinished(directory, (name) => name === RESULTS_FILE);
  } catch (error) {
    lock.release();
    throw asOutputError(error, directory);
  }
  return lock.release;
}
