import type { Loss } from "../nn/losses/loss.js";
import { lossNames, MEAN_SQUARED_ERROR } from "../nn/losses/loss-names.js";
import type { LossSpecification } from "../nn/losses/specification.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";

/** What `fit` measured after an epoch. */
export interface EpochMetrics {
  /** Counted from 1. */
  readonly epoch: number;
  readonly trainLoss: number;
  /** 0 to 1; NaN where values are learned, not classes. */
  readonly trainAccuracy: number;
  /** NaN without validation. */
  readonly validLoss: number;
  /** 0 to 1; NaN without validation, and where values are learned. */
  readonly validAccuracy: number;
  /** How long the epoch took. */
  readonly seconds: number;
  /** Steps taken so far, in all epochs. */
  readonly step?: number;
  /** Of the epoch's last step. */
  readonly learningRate?: number;
  /** The metrics that `fit` was asked for, on the training set, by their names; NaN where one is not defined. */
  readonly trainMetrics?: Readonly<Record<string, number>>;
  /** The same on the validation set, where there is one. */
  readonly validMetrics?: Readonly<Record<string, number>>;
}

/** What {@link fit} measured. */
export interface History {
  /** One entry for each epoch that was finished, in order. */
  readonly epochs: readonly EpochMetrics[];
  /** Why a callback ended the training before its last epoch; without it, it came to its end. */
  readonly stopReason?: string;
}

export interface FormatEpochOptions {
  /**
   * Digits of the loss after the point, 0 to 100. Default: the chapter's 2 for the mean squared error of a network with an accuracy; else as
   * many as make four significant ones, because nobody knows how large a loss is.
   */
  readonly lossDigits?: number | undefined;
  /** What the loss is, such as `network.loss`. Default: the chapter's mean squared error. */
  readonly loss?: LossSpecification | Pick<Loss, "specification" | "name"> | undefined;
}

const OPTIONS: KnownOptions<FormatEpochOptions> = {
  lossDigits: true,
  loss: true,
};

/**
 * The chapter's line: `Epoch: 001/050 | Train MSE: 0.05 | Train Acc: 76.15% | Valid Acc: 75.98%`. Another loss goes by its own name; and
 * without an accuracy, the loss on the validation set stands in its place. Metrics that were asked for follow, those of the validation set
 * where there is one.
 */
export function formatEpoch(metrics: EpochMetrics, epochs: number, options: FormatEpochOptions = {}): string {
  requireKnownOptions("formatEpoch", options, OPTIONS, "{ lossDigits: 4 }");
  const { loss } = options;
  const name = loss === undefined ? MEAN_SQUARED_ERROR.short : lossNames(loss).short;
  const { epoch, trainLoss, trainAccuracy, validLoss, validAccuracy, trainMetrics, validMetrics } = metrics;
  const hasAccuracy = !Number.isNaN(trainAccuracy);
  const isChapters = hasAccuracy && name === MEAN_SQUARED_ERROR.short;
  const { lossDigits = isChapters ? 2 : undefined } = options;
  const digits = Math.max(3, String(epochs).length);
  const number = (n: number) => String(n).padStart(digits, "0");
  const lossText = (value: number) =>
    lossDigits === undefined ? significant(value) : value.toFixed(lossDigits);
  const parts = [
    `Epoch: ${number(epoch)}/${number(epochs)}`,
    `Train ${name}: ${lossText(trainLoss)}`,
    ...(hasAccuracy ? [`Train Acc: ${percent(trainAccuracy)}`] : []),
    ...(Number.isNaN(validAccuracy) ? [] : [`Valid Acc: ${percent(validAccuracy)}`]),
    ...(hasAccuracy || Number.isNaN(validLoss) ? [] : [`Valid ${name}: ${lossText(validLoss)}`]),
    ...Object.entries(validMetrics ?? trainMetrics ?? {}).map(
      ([metric, value]) => `${validMetrics ? "Valid" : "Train"} ${metric}: ${significant(value)}`,
    ),
  ];
  return parts.join(" | ");
}

const SIGNIFICANT = 4;

/** Four significant digits, the zeros at their end included, so that numbers of a kind stand below each other. */
export function significant(value: number): string {
  const size = Math.floor(Math.log10(Math.abs(value)));
  if (value === 0 || !Number.isFinite(value)) return String(value);
  if (size < -5 || size > 6) return value.toExponential(SIGNIFICANT - 1);
  return value.toFixed(Math.max(0, SIGNIFICANT - 1 - size));
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}
