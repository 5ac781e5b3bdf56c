import type { Callback } from "../callback.js";
import type { EpochMetrics } from "../history.js";
import { epochFigures } from "../monitor.js";
import { createLog, type LogFormat, type LogOptions } from "./log.js";

/**
 * As `csvLog`, with a line of JSON for each epoch, as metrics.jsonl has them:
 * `{"epoch":1,"step":550,"learningRate":0.1,"seconds":0.1,"train":{"loss":0.05,"accuracy":0.76},"validation":{…}}`. What was not measured
 * is left out; `null` is a figure that is no finite number.
 *
 * @param path Its folder has to exist.
 * @throws InvalidArgumentError when there is no such option, or when one is out of range.
 * @throws OutputError from `fit`, when the file cannot be written; before the first epoch, where that is known by then.
 */
export function jsonlLog(path: string, options: LogOptions = {}): Callback {
  return createLog("jsonlLog", path, options, FORMAT);
}

const FORMAT: LogFormat = {
  epochHeader: () => "",
  epochRow: (metrics) => line(epochRecord(metrics)),
  stepHeader: "",
  stepRow: ({ epoch, step, learningRate, loss }) => line({ epoch, step, learningRate, loss }),
  stepOf(row) {
    try {
      return Number((JSON.parse(row) as { step?: unknown } | null)?.step ?? Number.NaN);
    } catch {
      return Number.NaN; // Cut off, or somebody else's.
    }
  },
};

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function epochRecord(metrics: EpochMetrics): object {
  const { epoch, step, learningRate, seconds } = metrics;
  const measured = epochFigures(metrics).filter(({ isMeasured }) => isMeasured);
  const part = (name: string) =>
    Object.fromEntries(measured.filter((of) => of.part === name).map((of) => [of.name, of.value]));
  const validation = part("validation");
  return {
    epoch,
    step,
    learningRate,
    seconds,
    train: part("train"),
    ...(Object.keys(validation).length > 0 && { validation }),
  };
}
