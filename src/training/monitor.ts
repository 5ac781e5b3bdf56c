import { InvalidArgumentError } from "../errors.js";
import { findMetric, METRIC_NAMES } from "../metrics/find-metric.js";
import type { Metric } from "../metrics/metric.js";
import { expectThat, show } from "../system/expected.js";
import { nearestName } from "../system/known-options.js";
import type { EpochMetrics } from "./history.js";

/** Which figure of an epoch decides, and what is good. */
export interface MonitorOptions {
  /**
   * The figure, as metrics.jsonl calls it: `train` or `validation`, a point, and `loss`, `accuracy` or the name of another metric that the
   * training measures. Default: `validation.loss`.
   */
  readonly monitor?: string | undefined;
  /** Whether a lower figure is better or a higher one. Default: what the figure is made for, `min` of a loss and `max` of an accuracy. */
  readonly mode?: "min" | "max" | undefined;
}

/** Reads a figure of each epoch, and knows which of two is better. */
export interface Monitor {
  /** As {@link MonitorOptions.monitor} has it. */
  readonly figure: string;
  readonly mode: "min" | "max";
  /** What any number is better than. */
  readonly worst: number;
  /**
   * The figure after the last of these epochs; NaN where it was measured, and is no number.
   *
   * @param history All epochs of the training so far, at least one: a figure that was a number in one of them is measured.
   * @throws InvalidArgumentError when the training does not measure it.
   */
  read(history: readonly EpochMetrics[]): number;
  /** Whether a figure is better than another by more than `minDelta`. NaN never is. */
  isBetter(value: number, than: number, minDelta?: number): boolean;
}

type Figures = ReadonlyMap<string, number>;

const PARTS = ["train", "validation"] as const;

type Part = (typeof PARTS)[number];

const NAMES = [...new Set(["loss", "accuracy", ...METRIC_NAMES])];

/**
 * What reads a figure of the epochs.
 *
 * @throws InvalidArgumentError when the figure is not named as it should be, or when nobody knows whether more of it is better.
 */
export function createMonitor({ monitor = "validation.loss", mode }: MonitorOptions = {}): Monitor {
  const [part, name] = parseFigure(monitor);
  expectThat(mode === undefined || mode === "min" || mode === "max", '"min" or "max"', "mode", mode);
  const direction = mode ?? modeOf(monitor, name);
  return {
    figure: monitor,
    mode: direction,
    worst: direction === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY,
    read(history) {
      const metrics = history.at(-1) as EpochMetrics;
      const figures = figuresOf(metrics, part);
      // In the first epoch, a figure that is missing was never asked for; later on, it has been a number before.
      if (isMissing(figures, name, metrics) && !history.some((epoch) => hasNumber(epoch, part, name))) {
        throw unmeasured(monitor, figures, metrics);
      }
      return figures.get(name) ?? Number.NaN;
    },
    isBetter(value, than, minDelta = 0) {
      return direction === "min" ? value < than - minDelta : value > than + minDelta;
    },
  };
}

/** A figure of an epoch. */
export interface EpochFigure {
  /** As {@link MonitorOptions.monitor} calls it. */
  readonly figure: string;
  readonly part: Part;
  readonly name: string;
  readonly value: number;
  /** NaN may be what was measured, and what was not. */
  readonly isMeasured: boolean;
}

/** All figures of an epoch, in the order of metrics.jsonl. */
export function epochFigures(metrics: EpochMetrics): readonly EpochFigure[] {
  return PARTS.flatMap((part) => {
    const figures = figuresOf(metrics, part);
    return [...figures].map(([name, value]) => ({
      figure: `${part}.${name}`,
      part,
      name,
      value,
      isMeasured: !isMissing(figures, name, metrics),
    }));
  });
}

function parseFigure(monitor: unknown): readonly [part: Part, name: string] {
  const [, part, name] =
    typeof monitor === "string" ? (/^(train|validation)\.([A-Za-z]\w*)$/.exec(monitor) ?? []) : [];
  if (part !== undefined && name !== undefined) return [part as Part, name];
  const nearest = typeof monitor === "string" ? nearestFigure(monitor) : undefined;
  const remedy = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  throw new InvalidArgumentError(
    `Expected a figure such as validation.loss or train.accuracy for monitor but received ${show(monitor)}${remedy || "."}`,
  );
}

/** `val_loss`, `validLoss` and `loss` mean `validation.loss`, and `val_acc` an accuracy. */
function nearestFigure(given: string): string | undefined {
  const [, part = "", rest = ""] = /^(train(?:ing)?|val(?:id(?:ation)?)?)?[._ -]?(.*)$/i.exec(given) ?? [];
  const name = rest.charAt(0).toLowerCase() + rest.slice(1);
  // The names alone are compared: with a long word before them, nearly all would be near.
  const nearest =
    NAMES.find((known) => name.length > 1 && known.startsWith(name)) ?? nearestName(name, NAMES);
  return nearest && `${/^train/i.test(part) ? "train" : "validation"}.${nearest}`;
}

function modeOf(monitor: string, name: string): "min" | "max" {
  if (name === "loss") return "min";
  const metric = findKnownMetric(name);
  if (metric !== undefined) return metric.greaterIsBetter ? "max" : "min";
  const nearest = nearestFigure(monitor);
  const advice = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  throw new InvalidArgumentError(
    `There is no figure ${show(monitor)} for monitor${advice || "."} For a metric of your own, say by mode, "min" or "max", which is better.`,
  );
}

function findKnownMetric(name: string): Metric | undefined {
  try {
    return findMetric(name);
  } catch (error) {
    if (error instanceof InvalidArgumentError) return undefined;
    throw error;
  }
}

/** All that was measured on one part of the data. */
function figuresOf(metrics: EpochMetrics, part: Part): Figures {
  const { trainLoss, trainAccuracy, trainMetrics, validLoss, validAccuracy, validMetrics } = metrics;
  const [loss, accuracy, named] =
    part === "train" ? [trainLoss, trainAccuracy, trainMetrics] : [validLoss, validAccuracy, validMetrics];
  return new Map([["loss", loss], ["accuracy", accuracy], ...Object.entries(named ?? {})]);
}

function hasNumber(metrics: EpochMetrics, part: Part, name: string): boolean {
  return !Number.isNaN(figuresOf(metrics, part).get(name) ?? Number.NaN);
}

/** A loss that is NaN alone may have become so; without validation all others are, too, and without classes the accuracy. */
function isMissing(figures: Figures, name: string, metrics: EpochMetrics): boolean {
  const value = figures.get(name);
  if (value === undefined) return true;
  if (!Number.isNaN(value)) return false;
  if (name === "accuracy") return true;
  return areNone(figures) && !Number.isNaN(metrics.trainLoss);
}

function areNone(figures: Figures): boolean {
  return [...figures.values()].every(Number.isNaN);
}

function unmeasured(monitor: string, figures: Figures, metrics: EpochMetrics): InvalidArgumentError {
  const [part, name] = parseFigure(monitor);
  const measured = epochFigures(metrics)
    .filter(({ value }) => !Number.isNaN(value))
    .map(({ figure }) => figure);
  if (areNone(figures)) {
    return new InvalidArgumentError(
      `The training has no validation set to measure ${monitor} on; give it one, or monitor one of ${measured.join(", ")}.`,
    );
  }
  const others = [...figures].filter(([, value]) => !Number.isNaN(value));
  const nearest = nearestName(
    name,
    others.map(([other]) => other),
  );
  const advice =
    name !== "accuracy" && findKnownMetric(name) !== undefined
      ? `put ${name} into metrics, or monitor one of`
      : nearest === undefined
        ? "monitor one of"
        : `did you mean ${part}.${nearest}? Measured are`;
  return new InvalidArgumentError(
    `The training does not measure ${monitor}; ${advice} ${measured.join(", ")}.`,
  );
}
