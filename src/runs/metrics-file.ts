import { setImmediate as turnOfOthers } from "node:timers/promises";
import { DataFormatError } from "../errors.js";
import { writeFileAtomically } from "../system/files.js";
import type { EpochMetrics } from "../training/history.js";
import type { NamedMetrics } from "../training/scorer.js";
import { isNumber, isObject, type JsonObject, notOfARun, numberOrNaN, parseObject } from "./json-values.js";

// metrics.jsonl has one line of JSON for each epoch:
//
//   {"epoch":1,"step":550,"learningRate":0.1,"seconds":0.1,"train":{"loss":0.05,"accuracy":0.76},"validation":{"loss":…,"accuracy":…}}
//
// Beside loss and accuracy stand the metrics that were asked for, by their names. `null` stands for a loss or a metric that was not a
// number. A run that has no accuracy has no `accuracy`, and one without validation no `validation`. Version 0.1.0 wrote flat lines, with the
// names of `EpochMetrics`. Nobody else knows these forms.

/** Writes the metrics of all epochs so far, atomically. Throws as {@link writeFileAtomically} does. */
export async function writeMetrics(path: string, epochs: readonly EpochMetrics[]): Promise<void> {
  await writeFileAtomically(path, epochs.map((epoch) => `${JSON.stringify(lineOf(epoch))}\n`).join(""));
}

function lineOf(metrics: EpochMetrics): object {
  const { epoch, step, learningRate, seconds, trainLoss, trainAccuracy, validLoss, validAccuracy } = metrics;
  const { trainMetrics, validMetrics } = metrics;
  const isValidated = !(Number.isNaN(validLoss) && Number.isNaN(validAccuracy)) || validMetrics !== undefined;
  return {
    epoch,
    step,
    learningRate,
    seconds,
    train: setOf(trainLoss, trainAccuracy, trainMetrics),
    ...(isValidated && { validation: setOf(validLoss, validAccuracy, validMetrics) }),
  };
}

function setOf(loss: number, accuracy: number, metrics: NamedMetrics | undefined): object {
  // Where an accuracy was asked for by its name, it is the same number.
  return { loss, ...(!Number.isNaN(accuracy) && { accuracy }), ...metrics };
}

/** Lines that are read in some ten milliseconds. */
const PIECE = 2048;

/**
 * Reads the text of a metrics.jsonl of this version, or of 0.1.0, in pieces of some milliseconds, between which others have their turn.
 *
 * @throws DataFormatError naming the line that is not as `train` writes it.
 */
export async function parseMetrics(text: string, path: string): Promise<readonly EpochMetrics[]> {
  const metrics: EpochMetrics[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    if (i % PIECE === PIECE - 1) await turnOfOthers();
    if (line.trim() === "") continue;
    const place = `Line ${i + 1} of ${path}`;
    const fields = parseObject(line, place);
    const epoch = parseEpoch("trainLoss" in fields ? nested(fields) : fields, place);
    if (epoch.epoch !== metrics.length + 1) {
      throw new DataFormatError(
        `${place} has epoch ${epoch.epoch}, where train writes epoch ${metrics.length + 1}; name a run of train.`,
      );
    }
    metrics.push(epoch);
  }
  return metrics;
}

/** A flat line of 0.1.0 in today's form. */
function nested({ trainLoss, trainAccuracy, validLoss, validAccuracy, ...others }: JsonObject): JsonObject {
  return {
    ...others,
    train: { loss: trainLoss, accuracy: trainAccuracy },
    validation: { loss: validLoss, accuracy: validAccuracy },
  };
}

function parseEpoch(line: JsonObject, place: string): EpochMetrics {
  const { step, learningRate } = line;
  const train = parseSet(line.train, "train", place);
  const validation =
    line.validation === undefined
      ? { loss: Number.NaN, accuracy: Number.NaN, metrics: undefined }
      : parseSet(line.validation, "validation", place);
  return {
    epoch: parsePositive(line.epoch, "epoch", place),
    trainLoss: train.loss,
    trainAccuracy: train.accuracy,
    validLoss: validation.loss,
    validAccuracy: validation.accuracy,
    seconds: parsePositive(line.seconds, "seconds", place),
    // Lines of 0.1.0 have neither.
    ...(step !== undefined && { step: parsePositive(step, "step", place) }),
    ...(learningRate !== undefined && { learningRate: numberOrNaN(learningRate, place, "learningRate") }),
    ...(train.metrics !== undefined && { trainMetrics: train.metrics }),
    ...(validation.metrics !== undefined && { validMetrics: validation.metrics }),
  };
}

/** What was measured on the training or the validation set. */
function parseSet(value: unknown, name: string, place: string) {
  if (!isObject(value)) throw notOfARun(place, name);
  const loss = numberOrNaN(value.loss, place, `${name}.loss`);
  const accuracy = numberOrNaN(value.accuracy ?? null, place, `${name}.accuracy`);
  if (accuracy < 0 || accuracy > 1) throw notOfARun(place, `${name}.accuracy`);
  const { loss: _, accuracy: __, ...others } = value;
  const metrics = parseNamedMetrics(others, name, place);
  return { loss, accuracy, metrics: Object.keys(metrics).length === 0 ? undefined : metrics };
}

/**
 * Metrics by their names.
 *
 * @param name What holds them, for the message.
 * @throws DataFormatError when one is neither a number nor `null`.
 */
export function parseNamedMetrics(value: unknown, name: string, place: string): NamedMetrics {
  if (!isObject(value)) throw notOfARun(place, name);
  return Object.fromEntries(
    Object.entries(value).map(([metric, of]) => [metric, numberOrNaN(of, place, `${name}.${metric}`)]),
  );
}

function parsePositive(value: unknown, name: string, place: string): number {
  if (!isNumber(value) || value < 0) throw notOfARun(place, name);
  return value;
}
