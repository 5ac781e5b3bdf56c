import { TraceFormatError } from "../errors.js";
import { LARGEST_FILE, readRegularFile } from "../system/regular-file.js";

/** A run of the chapter, recorded by NumPy (scripts/record-trace.py). Only what is compared is named here. */
export interface Trace {
  readonly settings: TraceSettings;
  readonly split: Readonly<Record<TracePart, { readonly count: number; readonly sha256_int64_le: string }>>;
  readonly init: {
    readonly weight_h_first: readonly number[];
    readonly weight_h_sum: number;
    readonly weight_out_first: readonly number[];
    readonly weight_out_sum: number;
  };
  readonly epochs: readonly TraceEpoch[];
  /** On the test set, after the last epoch. */
  readonly test?: TraceEvaluation;
}

export type TracePart = "train" | "valid" | "test";

export interface TraceSettings {
  readonly hidden: number;
  readonly epochs: number;
  readonly lr: number;
  readonly batch: number;
  readonly init_seed: number;
  readonly shuffle_seed: number;
  readonly split_seed: number;
}

export interface TraceEvaluation {
  readonly mse: number;
  readonly correct: number;
  readonly count: number;
}

export interface TraceEpoch {
  readonly epoch: number;
  readonly train: TraceEvaluation;
  readonly valid: TraceEvaluation;
}

/**
 * Reads a trace and checks every value that is compared.
 *
 * @throws FileAccessError when the file cannot be read.
 * @throws TraceFormatError naming the value that is missing or wrong.
 */
export async function readTrace(path: string): Promise<Trace> {
  const bytes = await readRegularFile(path, LARGEST_FILE.json, {
    name: `The trace ${path}`,
    advice: "name a file that scripts/record-trace.py wrote",
  });
  let trace: unknown;
  try {
    trace = JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw new TraceFormatError(
      `The trace ${path} is not JSON; name a file that scripts/record-trace.py wrote.`,
      {
        cause,
      },
    );
  }
  const check = new Checker(path, trace);
  const whole = (least: number) => (value: unknown) => Number.isSafeInteger(value) && Number(value) >= least;
  const seed = (value: unknown) => whole(0)(value) && Number(value) < 2 ** 32;
  const number = (value: unknown) => typeof value === "number" && Number.isFinite(value);
  const numbers = (value: unknown) => Array.isArray(value) && value.length > 0 && value.every(number);
  for (const name of ["hidden", "epochs", "batch"])
    check.value(["settings", name], whole(1), "a whole number from 1");
  check.value(["settings", "lr"], (value) => number(value) && Number(value) > 0, "a number above 0");
  for (const name of ["init_seed", "shuffle_seed", "split_seed"]) {
    check.value(["settings", name], seed, "a whole number from 0 to 2^32 - 1");
  }
  for (const part of ["train", "valid", "test"]) {
    check.value(["split", part, "count"], whole(1), "a whole number from 1");
    check.value(
      ["split", part, "sha256_int64_le"],
      (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value),
      "64 hexadecimal digits",
    );
  }
  for (const layer of ["weight_h", "weight_out"]) {
    check.value(["init", `${layer}_first`], numbers, "a list of numbers");
    check.value(["init", `${layer}_sum`], number, "a number");
  }
  const { settings } = trace as Trace;
  const hasEpochs = (value: unknown) => Array.isArray(value) && value.length === settings.epochs;
  check.value(["epochs"], hasEpochs, `a list of settings.epochs = ${settings.epochs} entries`);
  const evaluation = (...path: string[]) => {
    check.value([...path, "mse"], (value) => number(value) && Number(value) >= 0, "a number from 0");
    check.value([...path, "correct"], whole(0), "a whole number from 0");
    check.value([...path, "count"], whole(1), "a whole number from 1");
    const isPossible = (value: unknown) =>
      (value as TraceEvaluation).correct <= (value as TraceEvaluation).count;
    check.value(path, isPossible, "no more correct examples than there are");
  };
  for (const i of (trace as Trace).epochs.keys()) {
    check.value(["epochs", String(i), "epoch"], (value) => value === i + 1, `the number ${i + 1}`);
    evaluation("epochs", String(i), "train");
    evaluation("epochs", String(i), "valid");
  }
  if ((trace as Trace).test !== undefined) evaluation("test");
  return trace as Trace;
}

class Checker {
  readonly #path: string;
  readonly #root: unknown;

  constructor(path: string, root: unknown) {
    this.#path = path;
    this.#root = root;
  }

  value(keys: readonly string[], accepts: (value: unknown) => boolean, expected: string): void {
    let value = this.#root;
    for (const key of keys) {
      const isObject = typeof value === "object" && value !== null && Object.hasOwn(value, key);
      value = isObject ? (value as Record<string, unknown>)[key] : undefined;
    }
    if (!accepts(value)) {
      const received = (JSON.stringify(value) ?? "nothing").slice(0, 60);
      throw new TraceFormatError(
        `The trace ${this.#path} is not valid: expected ${expected} for ${keys.join(".")} but found ${received}.`,
      );
    }
  }
}
