import type { Callback } from "../callback.js";
import type { EpochMetrics } from "../history.js";
import { epochFigures } from "../monitor.js";
import { createLog, type LogFormat, type LogOptions } from "./log.js";

/**
 * Keeps a table of the training in a file, with a row for each epoch: `epoch,step,learningRate,seconds,train.loss,train.accuracy,…`, one
 * column for each figure of the first epoch. What was not measured is empty. A row is on the disk before the next epoch begins.
 *
 * A file that is there already is replaced; that of a training which is resumed goes on, without what came after the point where it is.
 *
 * @param path Its folder has to exist.
 * @throws InvalidArgumentError when there is no such option, or when one is out of range.
 * @throws OutputError from `fit`, when the file cannot be written; before the first epoch, where that is known by then.
 */
export function csvLog(path: string, options: LogOptions = {}): Callback {
  return createLog("csvLog", path, options, FORMAT);
}

const FORMAT: LogFormat = {
  epochHeader: (metrics) => line([...fields(metrics).keys()]),
  epochRow(metrics, header) {
    const values = new Map([...fields(metrics)].map(([name, value]) => [cell(name), value]));
    return line(
      header
        .trimEnd()
        .split(",")
        .map((column) => values.get(column)),
    );
  },
  stepHeader: line(["epoch", "step", "learningRate", "loss"]),
  stepRow: ({ epoch, step, learningRate, loss }) => line([epoch, step, learningRate, loss]),
  stepOf: (row) => Number(row.split(",")[1] ?? Number.NaN),
};

function fields(metrics: EpochMetrics): ReadonlyMap<string, number | undefined> {
  const { epoch, step, learningRate, seconds } = metrics;
  return new Map([
    ...Object.entries({ epoch, step, learningRate, seconds }),
    ...epochFigures(metrics).map(({ figure, value }) => [figure, value] as const),
  ]);
}

function line(values: readonly (string | number | undefined)[]): string {
  return `${values.map(cell).join(",")}\n`;
}

function cell(value: string | number | undefined): string {
  return value === undefined || Number.isNaN(value) ? "" : String(value).replaceAll(/[",\r\n]/g, " ");
}
