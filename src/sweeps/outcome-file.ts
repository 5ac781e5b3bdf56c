import { stat } from "node:fs/promises";
import { SweepError } from "../errors.js";
import { isCount, isNumber, isObject, type JsonObject } from "../runs/json-values.js";
import { LARGEST_FILE, readRegularFile } from "../system/regular-file.js";
import { asFileAccessError } from "../system/system-error.js";
import type { Outcome, Task } from "./trial.js";

const STATES = ["trained", "diverged", "failed"] as const;

/** The name of the file with what has come of a task, in the folder of its trial. */
export function outcomeFile(rung: number): string {
  return `outcome-${rung}.json`;
}

export interface ReadOutcome {
  readonly outcome: Outcome;
  /** When it was written, in nanoseconds since 1970 by the clock of who wrote it. */
  readonly written: bigint;
}

/**
 * Reads what has come of a task; `undefined` where there is nothing yet.
 *
 * @throws SweepError when the file is not as a sweep writes it.
 * @throws FileAccessError when it cannot be read.
 */
export async function readOutcome(
  path: string,
  task: Pick<Task, "trial" | "rung">,
): Promise<ReadOutcome | undefined> {
  let written: bigint;
  try {
    ({ mtimeNs: written } = await stat(path, { bigint: true }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw asFileAccessError(error, path);
  }
  const advice = "remove it, and the trial is run again"; // A pipe would be waited for without end.
  const text = (await readRegularFile(path, LARGEST_FILE.json, { advice })).toString("utf8");
  return { outcome: parseOutcome(text, path, task), written };
}

function parseOutcome(text: string, path: string, task: Pick<Task, "trial" | "rung">): Outcome {
  const broken = (what: string, cause?: unknown) =>
    new SweepError(
      `${path} is not the outcome that a sweep writes: ${what}; remove the file, and the trial is run again.`,
      { cause },
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw broken("it is not JSON", cause);
  }
  if (!isObject(value)) throw broken("it is not an object");
  if (value.trial !== task.trial || value.rung !== task.rung) {
    throw broken(`it is not of trial ${task.trial}, rung ${task.rung}`);
  }
  const wrong = (Object.keys(CHECKS) as (keyof Outcome)[]).find((name) => !CHECKS[name](value[name]));
  if (wrong !== undefined) throw broken(`its ${wrong} is not as it must be`);
  return value as JsonObject & Outcome; // As just checked.
}

/** Whether a value, wherever it comes from, is what can have come of a task, and nothing besides. */
export function isOutcomeOf(value: unknown, task: Pick<Task, "trial" | "rung">): value is Outcome {
  return (
    isObject(value) &&
    value.trial === task.trial &&
    value.rung === task.rung &&
    Object.keys(value).every((name) => Object.hasOwn(CHECKS, name)) &&
    Object.entries(CHECKS).every(([name, isRight]) => isRight(value[name]))
  );
}

const CHECKS: Readonly<Record<keyof Outcome, (value: unknown) => boolean>> = {
  trial: isCount,
  rung: isCount,
  state: (value) => STATES.some((state) => state === value),
  epochs: isCount,
  value: isFigure,
  figures: (value) => isObject(value) && Object.values(value).every(isFigure),
  reason: (value) => value === undefined || typeof value === "string",
  seconds: (value) => isNumber(value) && value >= 0,
};

function isFigure(value: unknown): boolean {
  return value === null || isNumber(value);
}
