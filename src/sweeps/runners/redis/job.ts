import { MnistNativeError, SweepError } from "../../../errors.js";
import { PLACES } from "../../../runs/config/read-config.js";
import { isCount, isObject, type JsonObject } from "../../../runs/json-values.js";
import { packageVersion } from "../../../system/package-version.js";
import type { Plan } from "../../plan.js";
import { parseSweepConfig, type SweepConfig } from "../../sweep-config.js";
import type { SweepFolder } from "../../sweep-folder.js";
import type { Task } from "../../trial.js";

// What stands in Redis is data, which anybody may have put there who can reach it: each part is checked on arrival, by the same checks as a
// file of the user's own, and none of it is a place outside the folder that the worker was given.

/** Of what a job holds; workers refuse others. */
const FORMAT = 1;
/** Bytes of JSON: far more than the configuration of any sweep needs. */
const LARGEST_JOB = 2 ** 20;

export type Place = (typeof PLACES)[number];

/** A task as Redis keeps it. */
export interface TrialJob {
  readonly format: number;
  /** Of this package: another one may plan or train otherwise. */
  readonly version: string;
  /** The sweep's. */
  readonly id: string;
  /** The sweep's, without places: those of one machine mean nothing on another. */
  readonly config: SweepConfig;
  /** The settings with places that were left out, and that a trial cannot do without. */
  readonly needs: readonly Place[];
  readonly trial: number;
  readonly rung: number;
}

/** A job that will never be run as it is, whoever takes it. */
export class JobRefusedError extends Error {}

/** Letters, digits and dashes: nothing that leads out of a folder. */
const ID = /^[A-Za-z0-9-]{1,64}$/;

/** The same for the same task, so that a task is in the queue once however often it is added. */
export function jobId(id: string, { trial, rung }: Pick<Task, "trial" | "rung">): string {
  return `${id}.${trial}.${rung}`;
}

/** Whether a job is one of a sweep. */
export function isJobOf(id: string, job: string): boolean {
  return job.startsWith(`${id}.`);
}

/**
 * What all jobs of a sweep have in common.
 *
 * @throws SweepError when its trials differ by places, which no job names.
 */
export function sharedByJobs({ id, config, plan }: SweepFolder): Omit<TrialJob, "trial" | "rung"> {
  const varied = plan.varied.find((path) => isPlace(path));
  if (varied !== undefined) {
    throw new SweepError(
      `Expected no ${varied} among the parameters of a sweep on a queue, because its jobs name no places; run it on this machine.`,
    );
  }
  const { train } = config;
  // Published data are found by their name; a place says only where to look first.
  const needs = PLACES.filter(
    (name) => train[name] !== undefined && !(name === "dataDir" && train.dataset !== undefined),
  );
  return {
    format: FORMAT,
    version: packageVersion(),
    id,
    config: { ...config, train: withoutPlaces(train) },
    needs,
  };
}

/**
 * Checks what came from the queue.
 *
 * @throws JobRefusedError saying what is wrong with it.
 */
export async function parseJob(value: unknown): Promise<TrialJob> {
  if (sizeOf(value) > LARGEST_JOB) throw refused("it is larger than any job of a sweep");
  if (!isObject(value)) throw refused("it is not an object");
  const unknown = Object.keys(value).find((name) => !KEYS.includes(name));
  if (unknown !== undefined) throw refused(`it has a key that no job has`);
  const { format, version, id, config, needs, trial, rung } = value;
  if (format !== FORMAT) throw refused("its format is none that this version knows");
  if (typeof version !== "string" || version.length > 64) throw refused("its version is no text");
  if (typeof id !== "string" || !ID.test(id)) throw refused("its id is not of letters, digits and dashes");
  if (!isCount(trial) || !isCount(rung)) throw refused("its trial or its rung is no number");
  if (!Array.isArray(needs) || needs.length > PLACES.length || !needs.every(isPlace)) {
    throw refused("what it needs is not a list of settings with places");
  }
  return { format, version, id, config: await parseConfigOfJob(config), needs, trial, rung };
}

/** Of the text in Redis, about; lists in lists without end are as large as can be. */
function sizeOf(value: unknown): number {
  try {
    return JSON.stringify(value)?.length ?? 0;
  } catch (error) {
    if (error instanceof RangeError) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

const KEYS: readonly string[] = ["format", "version", "id", "config", "needs", "trial", "rung"];

async function parseConfigOfJob(given: unknown): Promise<SweepConfig> {
  if (!isObject(given) || !isObject(given.train) || !isObject(given.parameters)) {
    throw refused("its configuration is not that of a sweep");
  }
  const { train, parameters } = given;
  if (Object.hasOwn(given, "config") || PLACES.some((name) => Object.hasOwn(train, name))) {
    throw refused("its configuration names a place");
  }
  if (Object.keys(parameters).some(isPlace)) throw refused("its parameters name a place");
  try {
    return await parseSweepConfig(given); // To the last trial, of which there may be only so many.
  } catch (cause) {
    if (!(cause instanceof MnistNativeError)) throw cause;
    throw refused(cause.message.replace(/\.$/, ""), cause);
  }
}

/**
 * The task that a job is for.
 *
 * @throws JobRefusedError when the plan has none such.
 */
export function taskOfJob({ trial, rung }: TrialJob, plan: Plan): Task {
  const epochs = plan.rungs[rung]?.epochs;
  if (plan.trials[trial] === undefined || epochs === undefined) {
    throw refused("its sweep has no such trial");
  }
  return { trial, rung, epochs };
}

/** What a refusal begins with where it stands in Redis. */
export const REFUSED = "The job was refused";

function refused(reason: string, cause?: unknown): JobRefusedError {
  return new JobRefusedError(`${REFUSED}: ${reason}.`, { cause });
}

function isPlace(name: unknown): name is Place {
  return PLACES.some((place) => place === name);
}

function withoutPlaces<Train extends JsonObject>(train: Train): Train {
  const entries = Object.entries(train).filter(([name]) => !isPlace(name));
  return Object.fromEntries(entries) as Train; // All of them may be left out.
}
