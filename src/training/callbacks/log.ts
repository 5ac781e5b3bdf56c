import { expectThat, expectWholeNumber } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { Callback, TrainingContext } from "../callback.js";
import type { EpochMetrics } from "../history.js";
import { type LogFile, openLogFile } from "./log-file.js";

export interface LogOptions {
  /**
   * Rows of steps instead of epochs, one each so many steps, with the loss of their minibatch: a whole number of at least 1. Each takes as
   * long as a small step. Default: rows of epochs.
   */
  readonly everySteps?: number | undefined;
}

const OPTIONS: KnownOptions<LogOptions> = { everySteps: true };

/** How a log looks. Each text ends with its line. */
export interface LogFormat {
  /** What stands above rows of epochs like this one. */
  epochHeader(metrics: EpochMetrics): string;
  epochRow(metrics: EpochMetrics, header: string): string;
  readonly stepHeader: string;
  stepRow(context: TrainingContext): string;
  /** The step that a line is about; NaN of another line. */
  stepOf(line: string): number;
}

/**
 * What writes a log. Whether a training has just begun or was resumed, the file has what was before it: rows of epochs are those of the
 * history, and of the rows of steps those are kept that are no later.
 */
export function createLog(call: string, path: string, options: LogOptions, format: LogFormat): Callback {
  expectThat(
    typeof path === "string" && path !== "",
    "the path of a file",
    `the first argument of ${call}`,
    path,
  );
  requireKnownOptions(call, options, OPTIONS, "{ everySteps: 100 }");
  const { everySteps } = options;
  if (everySteps === undefined) return epochLog(path, format);
  expectWholeNumber("everySteps", everySteps);
  return stepLog(path, everySteps, format);
}

function epochLog(path: string, format: LogFormat): Callback {
  let file: LogFile | undefined;
  let header: string | undefined;
  return {
    onTrainBegin() {
      file = openLogFile(path); // Now, and not when an hour is lost.
      header = undefined;
    },
    async onEpochEnd({ history }) {
      file ??= openLogFile(path);
      if (header === undefined) {
        const first = format.epochHeader(history[0] as EpochMetrics);
        const text = first + history.map((metrics) => format.epochRow(metrics, first)).join("");
        file.begin(
          (kept) => text.slice(kept),
          (old) => commonLength(old, text),
        );
        header = first;
      } else {
        file.append(format.epochRow(history.at(-1) as EpochMetrics, header));
      }
      await file.flush();
    },
  };
}

function stepLog(path: string, everySteps: number, format: LogFormat): Callback {
  let file: LogFile | undefined;
  let first: number | undefined;
  let hasBegun = false;
  return {
    readsGradients: false,
    onTrainBegin() {
      file = openLogFile(path);
      first = undefined;
      hasBegun = false;
    },
    onStepEnd(context) {
      const { step } = context;
      first ??= step;
      if (step % everySteps !== 0) return;
      file ??= openLogFile(path);
      const row = format.stepRow(context);
      const from = first;
      if (hasBegun) file.append(row);
      else
        file.begin(
          (kept) => (kept === 0 ? format.stepHeader + row : row),
          (old) => lengthBefore(from, old, format),
        );
      hasBegun = true;
    },
    onEpochEnd: () => file?.flush(),
  };
}

function commonLength(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return i;
}

/** How much of a log is about steps before this one, its header included. */
function lengthBefore(step: number, log: string, { stepHeader, stepOf }: LogFormat): number {
  if (!log.startsWith(stepHeader)) return 0;
  let length = stepHeader.length;
  for (const line of log.slice(length).split("\n").slice(0, -1)) {
    if (!(stepOf(line) < step)) break;
    length += line.length + 1;
  }
  return length;
}
