import type { BackendName, DType } from "../../backend/backend.js";
import type { BackendOptions } from "../../backend/select.js";
import { UsageError } from "../process.js";

// Options that several commands share, and the readers of numbers. An option without a `type` arrives as text, or as a list of
// texts if it was repeated; the readers name the text that they cannot accept, which yargs' own numbers would have lost.

export const dataDirOption = {
  type: "string",
  requiresArg: true,
  describe: "Folder with four IDX files, raw or .gz: MNIST, or your own named like them",
} as const;

export const backendOptions = {
  backend: {
    choices: ["native", "js"] as const satisfies readonly BackendName[],
    defaultDescription: "native, or js where it cannot be had",
    describe: "Which backend computes",
  },
  threads: {
    requiresArg: true,
    defaultDescription: "the CPUs that the process may use",
    describe: "Threads of the native backend",
  },
} as const;

export const dtypeOption = {
  choices: ["float32", "float64"] as const satisfies readonly DType[],
  default: "float32" as const,
  describe: "Type of the numbers",
};

export const jsonOption = {
  type: "boolean",
  default: false,
  describe: "Print one JSON document instead",
} as const;

/** An option that one of the readers below understands, with a default that `--help` shows without quotes. */
export function readableOption(value: string, describe: string) {
  return { requiresArg: true, default: value, defaultDescription: value, describe };
}

export const checkpointOption = {
  requiresArg: true,
  defaultDescription: "30",
  describe:
    "With --out: seconds of an epoch after which the run is saved within it; it is also saved after epochs",
} as const;

/** @param isKept Whether there is a folder for checkpoints. */
export function readCheckpointEvery(given: unknown, isKept: boolean): number {
  if (given !== undefined && !isKept) throw new UsageError("Expected --out with --checkpoint-every.");
  return positiveNumber("checkpoint-every", given ?? "30");
}

/** The values of {@link backendOptions}. */
export function readBackendOptions(args: {
  readonly backend?: BackendName | undefined;
  readonly threads?: unknown;
}): BackendOptions {
  const { backend, threads } = args;
  return { backend, threads: threads === undefined ? undefined : wholeNumber("threads", threads, 1, 1024) };
}

/** Reads a whole number in [least, most]. */
export function wholeNumber(
  option: string,
  given: unknown,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const value = readNumber(given);
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new UsageError(`Expected a whole number ${range} for --${option} but received ${show(given)}.`);
  }
  return value;
}

/** Reads a finite number above 0. */
export function positiveNumber(option: string, given: unknown): number {
  const value = readNumber(given);
  if (!Number.isFinite(value) || value <= 0) {
    throw new UsageError(`Expected a finite number above 0 for --${option} but received ${show(given)}.`);
  }
  return value;
}

/** Reads a finite number of at least `least`, and below `below` where that is given. */
export function numberInRange(option: string, given: unknown, least: number, below?: number): number {
  const value = readNumber(given);
  if (!Number.isFinite(value) || value < least || (below !== undefined && value >= below)) {
    const range = below === undefined ? `of at least ${least}` : `from ${least} to below ${below}`;
    throw new UsageError(`Expected a finite number ${range} for --${option} but received ${show(given)}.`);
  }
  return value;
}

/** Reads one or more layer sizes: `--hidden 100 --hidden 50` or `--hidden 100,50`. */
export function layerSizes(option: string, given: unknown): readonly number[] {
  const parts = [given].flat().flatMap((part) => String(part).split(","));
  return parts.map((part) => wholeNumber(option, part, 1, 1_000_000));
}

function readNumber(given: unknown): number {
  return typeof given === "string" && given.trim() !== "" ? Number(given) : Number.NaN;
}

function show(given: unknown): string {
  return JSON.stringify(String(given));
}
