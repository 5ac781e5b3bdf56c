import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { FileAccessError } from "../errors.js";
import type { RegressionReport, RegressionScores } from "../metrics/regression.js";
import { checkLayer, type LayerSpecification } from "../nn/specification.js";
import { LARGEST_FILE, readRegularFile } from "../system/regular-file.js";
import type { EpochMetrics } from "../training/history.js";
import type { NamedMetrics } from "../training/scorer.js";
import { CROSS_VALIDATION_FILE } from "./cross-validation-folder.js";
import { asImportOrigin, type ImportOrigin, importFirst, ORIGIN } from "./import-origin.js";
import {
  isCount,
  isNumber,
  isObject,
  type JsonObject,
  notOfARun,
  numberOrNaN,
  parseObject,
} from "./json-values.js";
import { parseMetrics, parseNamedMetrics } from "./metrics-file.js";
import { CONFIG_FILE, ENVIRONMENT_FILE, METRICS_FILE, MODEL_FILE, SUMMARY_FILE } from "./run-folder.js";

/** What `train --out`, or `import`, left in a folder. */
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
  /** Where its network was imported from; `null` where it was trained here. */
  readonly origin: ImportOrigin | null;
  /** `null` where the run has not come to its end, and of an imported network that was not tested. */
  readonly summary: RunSummary | null;
  /** `null` where there is no model. */
  readonly modelPath: string | null;
}

/** config.json: the settings, as they could be asked for again. What every run has is checked; whatever else there may be is to be looked at with care. */
export interface RunConfig extends Readonly<Record<string, unknown>> {
  /** Units of every layer, the inputs first; or of a network of other layers what each is, without the inputs. */
  readonly layers: readonly number[] | readonly LayerSpecification[];
  /** 0 of a network that was imported. */
  readonly epochs: number;
  /** Here and below `undefined` of a network that was imported. */
  readonly batchSize?: number | undefined;
  /** `undefined` where the optimizer found its steps by itself, too. */
  readonly learningRate?: number | undefined;
  readonly seed?: number | undefined;
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
  /** 0 where it was interrupted and not tested. */
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
  if (statSync(directory, { throwIfNoEntry: false })?.isFile() === true) throw fileForFolder(directory);
  const config = await readText(file(CONFIG_FILE), advice);
  const metrics = existsSync(file(METRICS_FILE)) ? await readText(file(METRICS_FILE)) : "";
  const environment = existsSync(file(ENVIRONMENT_FILE)) ? await readText(file(ENVIRONMENT_FILE)) : null;
  const summary = existsSync(file(SUMMARY_FILE)) ? await readText(file(SUMMARY_FILE)) : null;
  const machine = environment === null ? {} : parseObject(environment, file(ENVIRONMENT_FILE));
  const origin = asImportOrigin(machine[ORIGIN]) ?? null;
  const settings = (origin === null ? parseConfig : parseImportedConfig)(config, file(CONFIG_FILE));
  return {
    directory,
    name: basename(resolve(directory)),
    config: settings,
    environment: { ...olderEnvironment(settings), ...machine },
    origin,
    epochs: await parseMetrics(metrics, file(METRICS_FILE)),
    summary:
      summary === null
        ? null
        : parseSummary(parseObject(summary, file(SUMMARY_FILE)), file(SUMMARY_FILE), origin),
    modelPath: existsSync(file(MODEL_FILE)) ? file(MODEL_FILE) : null,
  };
}

/** What is said where a file stands where a run's folder was expected: it may be a model, or the network of another program. */
export function fileForFolder(path: string): FileAccessError {
  const folder = dirname(path);
  const isOfRun = existsSync(join(folder, CONFIG_FILE));
  const advice = isOfRun ? `name the folder that it is in, ${folder}` : importFirst(path);
  return new FileAccessError(`Expected the folder of a run, but ${path} is a file; ${advice}.`);
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
  const config = parseNetwork(text, path);
  const { epochs, batchSize, learningRate, seed } = config;
  for (const [name, value] of Object.entries({ epochs, batchSize })) {
    if (!isCount(value) || value === 0) throw notOfARun(path, name);
  }
  const findsStep = isObject(config.optimizer) && config.optimizer.type === "lbfgs";
  if (!(findsStep && learningRate === undefined) && (!isNumber(learningRate) || learningRate <= 0))
    throw notOfARun(path, "learningRate");
  if (!isCount(seed)) throw notOfARun(path, "seed");
  return config as RunConfig; // As just checked.
}

/** Nobody knows how a network was trained that was imported. */
function parseImportedConfig(text: string, path: string): RunConfig {
  const { epochs: _, batchSize: __, learningRate: ___, seed: ____, ...config } = parseNetwork(text, path);
  return { ...config, epochs: 0 } as RunConfig; // As just checked.
}

function parseNetwork(text: string, path: string): JsonObject {
  const config = parseObject(text, path);
  const { inputs, layers } = config;
  if (!isUnits(layers) && !(isCount(inputs) && isLayers(layers))) throw notOfARun(path, "layers");
  return config;
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

function parseSummary(values: JsonObject, path: string, origin: ImportOrigin | null): RunSummary | null {
  const { testScores, testMetrics, stopReason, ...summary } = values;
  if (origin !== null && summary.testCount === undefined) return null;
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
