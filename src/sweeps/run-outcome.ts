import { existsSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "../runs/json-values.js";
import { type Run, readRun } from "../runs/read-run.js";
import { CONFIG_FILE } from "../runs/run-folder.js";
import type { TrainingDivergedError } from "../training/divergence.js";
import type { EpochMetrics } from "../training/history.js";
import { epochFigures } from "../training/monitor.js";
import type { Plan } from "./plan.js";
import type { Outcome, Task } from "./trial.js";

/**
 * What has come of a task, by the files of its run: the same whether they were written now or by a process that was killed before it could
 * say so.
 *
 * @param directory The run's folder.
 * @returns `undefined` where the run has not come to the task's end.
 */
export async function outcomeOfRun(
  directory: string,
  task: Task,
  { metric }: Pick<Plan, "metric">,
): Promise<Outcome | undefined> {
  if (!existsSync(join(directory, CONFIG_FILE))) return undefined;
  const run = await readRun(directory);
  const { summary, epochs } = run;
  if (summary === null || epochs.length === 0) return undefined;
  if (summary.epochs !== epochs.length) return undefined; // Of the part before an interruption.
  if (summary.interrupted && epochs.length !== task.epochs) return undefined;
  if (epochs.length > task.epochs) return undefined;
  const kept = keptEpoch(run);
  const figures = { ...figuresOf(kept), ...testFigures(run) };
  const value = figures[metric] ?? null;
  const { stopReason } = summary;
  return {
    trial: task.trial,
    rung: task.rung,
    ...(value === null
      ? { state: "diverged", reason: `${metric} is no finite number after epoch ${kept.epoch}` }
      : { state: "trained", ...(stopReason !== undefined && { reason: stopReason }) }),
    epochs: epochs.length,
    value,
    figures,
    seconds: summary.seconds,
  };
}

/** What has come of a task whose training has diverged. */
export function outcomeOfDivergence(
  { trial, rung }: Task,
  { message, history }: TrainingDivergedError,
  seconds: number,
): Outcome {
  const last = history.epochs.at(-1);
  return {
    trial,
    rung,
    state: "diverged",
    epochs: history.epochs.length,
    value: null,
    figures: last === undefined ? {} : figuresOf(last),
    reason: message,
    seconds,
  };
}

/** What has come of a task that cannot be trained. */
export function outcomeOfFailure({ trial, rung }: Task, { message }: Error, seconds: number): Outcome {
  return { trial, rung, state: "failed", epochs: 0, value: null, figures: {}, reason: message, seconds };
}

/** The epoch whose weights the model has: the best one, where that was asked for. */
function keptEpoch({ config, summary, epochs }: Run): EpochMetrics {
  const last = epochs.at(-1) as EpochMetrics; // There is one, as was just checked.
  const { earlyStopping } = config;
  const keepsBest = isObject(earlyStopping) && earlyStopping.restoreBestWeights !== false;
  return (keepsBest && epochs.find(({ epoch }) => epoch === summary?.bestEpoch)) || last;
}

function figuresOf(metrics: EpochMetrics): Record<string, number | null> {
  const measured = epochFigures(metrics).filter(({ isMeasured }) => isMeasured);
  return Object.fromEntries(measured.map(({ figure, value }) => [figure, finite(value)]));
}

function testFigures({ summary }: Run): Record<string, number | null> {
  if (summary === null || summary.testCount === 0) return {};
  const { testLoss, testAccuracy, testMetrics = {} } = summary;
  return {
    "test.loss": finite(testLoss),
    ...(typeof testAccuracy === "number" && { "test.accuracy": finite(testAccuracy) }),
    ...Object.fromEntries(Object.entries(testMetrics).map(([name, of]) => [`test.${name}`, finite(of)])),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
