import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { RegressionReport, RegressionScores } from "../metrics/regression.js";
import { checkLayer, type LayerSpecification } from "../nn/specification.js";
import { LARGEST_FILE, readRegularFile } from "../system/regular-file.js";
import type { EpochMetrics } from "../training/history.js";
import type { NamedMetrics } from "../training/scorer.js";
import { CROSS_VALIDATION_FILE } from "./cross-validation-folder.js";
import { isCount, isNumber, isObject, notOfARun, numberOrNaN, parseObject } from "./json-values.js";
import { parseMetrics, parseNamedMetrics } from "./metrics-file.js";
import { CONFIG_FILE, ENVIRONMENT_FILE, METRICS_FILE, MODEL_FILE, SUMMARY_FILE } from "./run-folder.js";

/** What `train --out` left in a folder. */
export interface Run {
  /** As it was named. */
  readonly directory: string;
  /** The folder's own name. */
  readonly name: string;
  readonly config: RunConfig;
  /**
   * environment.json: what the machine was, and in `data` what the data were: `classes`, `imageShape`, `classNames`, `examples`. Of a
   * run of an older version, what its config.json says of them.
   */
  readonly environment: Readonly<Record<string, unknown>>;
  /** The epochs that were finished. A value that was not a number is NaN. */
  readonly epochs: readonly EpochMetrics[];
  /** `null` where the run has not come to its end. */
  readonly summary: RunSummary | null;
  /** `null` where there is no model. */
  readonly modelPath: string | null;
}

/** config.json: the settings, as they could be asked for again. What every run has is checked; whatever else there may be is to be looked at with care. */
export interface RunConfig extends Readonly<Record<string, unknown>> {
  /** Units of every layer, the inputs first; or of a network of other layers what each is, without the inputs. */
  readonly layers: readonly number[] | readonly LayerSpecification[];
  readonly epochs: number;
  readonly batchSize: number;
  /** `undefined` where the optimizer found its steps by itself. */
  readonly learningRate?: number | undefined;
  readonly seed: number;
}

/** summary.json, checked in the same way. */
export interface RunSummary extends Readonly<Record<string, unknown>> {
  /** NaN where it was not a number. */
  readonly testLoss: number;
  /** NaN where values are learned, not classes. */
  readonly testCorrect: number;
  /** Where values are learned: how good the predicted ones are. */
  readonly testScores?: RegressionReport;
  /** Those that were asked for, by their names; NaN where one was not a number. */
  readonly testMetrics?: NamedMetrics;
  readonly testCount: number;
  readonly seconds: number;
  readonly interrupted: boolean;
  /** Why it ended before its last epoch, where it did. */
  readonly stopReason?: string;
}

/**
 * Reads the folder of a run, finished or not; the model stays in its file.
 *
 * @throws FileAccessError when the folder, or its config.json, is missing or cannot be read.
 * @throws DataFormatError naming the file, and the line of metrics.jsonl, that is not as `train` writes it.
 */
export async function readRun(directory: string): Promise<Run> {
  const file = (name: string) => join(directory, name);
  const advice = existsSync(file(CROSS_VALIDATION_FILE))
    ? `it holds a cross-validation, whose runs are in ${file("fold-1")} and so on; name these`
    : "name a folder that train --out wrote";
  const config = await readText(file(CONFIG_FILE), advice);
  const metrics = existsSync(file(METRICS_FILE)) ? await readText(file(METRICS_FILE)) : "";
  const environment = existsSync(file(ENVIRONMENT_FILE)) ? await readText(file(ENVIRONMENT_FILE)) : null;
  const summary = existsSync(file(SUMMARY_FILE)) ? await readText(file(SUMMARY_FILE)) : null;
  const settings = parseConfig(config, file(CONFIG_FILE));
  return {
    directory,
    name: basename(resolve(directory)),
    config: settings,
    environment: {
      ...olderEnvironment(settings),
      ...(environment !== null && parseObject(environment, file(ENVIRONMENT_FILE))),
    },
    epochs: await parseMetrics(metrics, file(METRICS_FILE)),
    summary: summary === null ? null : parseSummary(summary, file(SUMMARY_FILE)),
    modelPath: existsSync(file(MODEL_FILE)) ? file(MODEL_FILE) : null,
  };
}

/** Version 0.1.0 kept what the machine and the data were in config.json. */
function olderEnvironment(config: RunConfig): Readonly<Record<string, unknown>> {
  const { environment, version, backend, kernelSet, threads } = config;
  const { classes, imageShape, classNames, examples } = config;
  const data = { classes, imageShape, classNames, examples };
  return { ...(environment as object | undefined), version, backend, kernelSet, threads, data };
}

async function readText(path: string, advice?: string): Promise<string> {
  const bytes = await readRegularFile(path, LARGEST_FILE.json, { advice });
  return bytes.toString("utf8");
}

function parseConfig(text: string, path: string): RunConfig {
  const config = parseObject(text, path);
  const { layers, epochs, batchSize, learningRate, seed } = config;
  if (!isUnits(layers) && !(isCount(config.inputs) && isLayers(layers))) throw notOfARun(path, "layers");
  for (const [name, value] of Object.entries({ epochs, batchSize })) {
    if (!isCount(value) || value === 0) throw notOfARun(path, name);
  }
  const findsStep = isObject(config.optimizer) && config.optimizer.type === "lbfgs";
  if (!(findsStep && learningRate === undefined) && (!isNumber(learningRate) || learningRate <= 0))
    throw notOfARun(path, "learningRate");
  if (!isCount(seed)) throw notOfARun(path, "seed");
  return config as RunConfig; // As just checked.
}

function isUnits(layers: unknown): boolean {
  return Array.isArray(layers) && layers.length >= 2 && layers.every((units) => isCount(units) && units > 0);
}

function isLayers(layers: unknown): boolean {
  try {
    if (!Array.isArray(layers) || layers.length === 0) return false;
    for (const [i, layer] of layers.entries()) checkLayer(layer, `layers[${i}]`);
    return true;
  } catch {
    return false;
  }
}

function parseSummary(text: string, path: string): RunSummary {
  const { testScores, testMetrics, stopReason, ...summary } = parseObject(text, path);
  const { testLoss, testCorrect, testCount, seconds, interrupted = false } = summary;
  const isRight = testCorrect === null || (isCount(testCorrect) && testCorrect <= Number(testCount));
  if (!isCount(testCount) || !isRight) throw notOfARun(path, "testCorrect");
  if (!isNumber(seconds) || seconds < 0) throw notOfARun(path, "seconds");
  return {
    ...summary,
    testLoss: numberOrNaN(testLoss, path, "testLoss"),
    testCorrect: testCorrect === null ? Number.NaN : testCorrect,
    testCount,
    ...(testScores !== undefined && { testScores: parseScores(testScores, path) }),
    ...(testMetrics !== undefined && { testMetrics: parseNamedMetrics(testMetrics, "testMetrics", path) }),
    seconds,
    interrupted: interrupted === true,
    ...(typeof stopReason === "string" && { stopReason }),
  };
}

function parseScores(value: unknown, path: string): RegressionReport {
  const scores = (of: unknown): RegressionScores => {
    if (!isObject(of)) throw notOfARun(path, "testScores");
    const number = (name: keyof RegressionScores) => numberOrNaN(of[name], path, `testScores.${name}`);
    return {
      meanAbsoluteError: number("meanAbsoluteError"),
      rootMeanSquaredError: number("rootMeanSquaredError"),
      r2: number("r2"),
    };
  };
  const perOutput = isObject(value) ? value.perOutput : undefined;
  if (!Array.isArray(perOutput)) throw notOfARun(path, "testScores");
  return { ...scores(value), perOutput: perOutput.map(scores) };
}
