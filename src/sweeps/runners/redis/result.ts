import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isObject } from "../../../runs/json-values.js";
import { ENVIRONMENT_FILE } from "../../../runs/run-folder.js";
import { parseJson } from "../../../system/json.js";
import { printable } from "../../../system/printable.js";
import { asFileAccessError } from "../../../system/system-error.js";
import { isOutcomeOf } from "../../outcome-file.js";
import type { SweepFolder } from "../../sweep-folder.js";
import type { Outcome, Task } from "../../trial.js";
import { MOST_STALLS } from "./queue.js";

/** What a worker says of a job that it has come to an end of. */
export interface JobResult {
  readonly outcome: Outcome;
  /** Of the data that the trial has learned from; `null` where it has not come so far. */
  readonly fingerprint: string | null;
}

/** Letters of JSON: far more than any outcome has, and few enough to be read again and again. */
const LARGEST_OUTCOME = 2 ** 17;

/** SHA-256 in hexadecimal digits. */
const FINGERPRINT = /^[0-9a-f]{64}$/;

/** What a job's result says, where it is one of this task; `undefined` elsewhere: anybody may have put it into Redis. */
export function readResult(value: unknown, task: Task): JobResult | undefined {
  if (!isObject(value) || !isOutcomeOf(value.outcome, task)) return undefined;
  const { outcome, fingerprint } = value;
  if (JSON.stringify(outcome).length > LARGEST_OUTCOME) return undefined;
  return { outcome, fingerprint: isFingerprint(fingerprint) ? fingerprint : null };
}

/** What BullMQ says of a job that was left in the middle too often. */
const STALLED = "job stalled more than allowable limit";
/** Letters of a reason that are kept: it may be anything that somebody has put into Redis. */
const LONGEST_REASON = 500;

/** What has come of a task whose job no worker could bring to an outcome. */
export function outcomeOfFailure({ plan }: SweepFolder, { trial, rung }: Task, given: string): Outcome {
  const reason =
    given === STALLED
      ? `It was given up because its worker died, or was lost, more than ${MOST_STALLS} times`
      : printable(given).slice(0, LONGEST_REASON).replace(/\.$/, "");
  const epochs = plan.rungs[rung - 1]?.epochs ?? 0;
  return { trial, rung, state: "failed", epochs, value: null, figures: {}, reason, seconds: 0 };
}

/** Of the data of a run, as its environment.json has it; `null` where it has none. */
export async function fingerprintOfRun(folder: string): Promise<string | null> {
  const path = join(folder, ENVIRONMENT_FILE);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw asFileAccessError(error, path);
  }
  const environment = parseJson(text);
  const data = isObject(environment) ? environment.data : undefined;
  return isObject(data) && isFingerprint(data.fingerprint) ? data.fingerprint : null;
}

function isFingerprint(value: unknown): value is string {
  return typeof value === "string" && FINGERPRINT.test(value);
}
