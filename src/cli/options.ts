import type { BackendName, DType } from "../backend/backend.js";
import { UsageError } from "./usage.js";

// Options that several commands share, and the readers of their values. A value arrives as text, as a list of texts if the
// option was repeated, or as the default.

type Given = string | number | undefined | readonly (string | number)[];

export const dataOptions = {
  "data-dir": { type: "string", requiresArg: true, describe: "Folder with the four IDX files, raw or .gz" },
  split: {
    choices: ["chapter", "official"] as const,
    default: "chapter" as const,
    describe: "chapter: pool both files and draw 10,000 test rows; official: keep the published test file",
  },
} as const;

export const backendOptions = {
  backend: {
    choices: ["native", "js"] as const satisfies readonly BackendName[],
    describe: "Which backend computes  [default: native, or js where it cannot be had]",
  },
  threads: {
    type: "string",
    requiresArg: true,
    coerce: wholeNumber("threads", 1, 1024),
    describe: "Threads of the native backend  [default: the CPUs that the process may use]",
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

/** Reads a whole number in [least, most]. */
export function wholeNumber(option: string, least: number, most = Number.MAX_SAFE_INTEGER) {
  return (given: Given): number | undefined => {
    if (given === undefined) return undefined;
    const value = readNumber(given);
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
      throw new UsageError(`Expected a whole number ${range} for --${option} but received ${show(given)}.`);
    }
    return value;
  };
}

/** Reads a finite number above 0. */
export function positiveNumber(option: string) {
  return (given: Given): number | undefined => {
    if (given === undefined) return undefined;
    const value = readNumber(given);
    if (!Number.isFinite(value) || value <= 0) {
      throw new UsageError(`Expected a finite number above 0 for --${option} but received ${show(given)}.`);
    }
    return value;
  };
}

/** Reads one or more layer sizes: `--hidden 100 --hidden 50` or `--hidden 100,50`. */
export function layerSizes(option: string) {
  const readSize = wholeNumber(option, 1, 1_000_000);
  return (given: Given): readonly number[] => {
    const parts = [given ?? []].flat().flatMap((part) => String(part).split(","));
    if (parts.length === 0) throw new UsageError(`Expected at least one layer size for --${option}.`);
    return parts.map((part) => readSize(part) as number); // Only `undefined` is read as `undefined`.
  };
}

function readNumber(given: NonNullable<Given>): number {
  if (typeof given === "number") return given;
  return typeof given === "string" && given.trim() !== "" ? Number(given) : Number.NaN;
}

function show(given: NonNullable<Given>): string {
  return Array.isArray(given) ? `it ${given.length} times` : JSON.stringify(String(given));
}
