import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";

/** What `fit` measured after an epoch. */
export interface EpochMetrics {
  /** Counted from 1. */
  readonly epoch: number;
  readonly trainLoss: number;
  /** 0 to 1. */
  readonly trainAccuracy: number;
  /** NaN without validation. */
  readonly validLoss: number;
  /** 0 to 1; NaN without validation. */
  readonly validAccuracy: number;
  /** How long the epoch took. */
  readonly seconds: number;
  /** Steps taken so far, in all epochs. */
  readonly step?: number;
  /** Of the epoch's last step. */
  readonly learningRate?: number;
}

/** What {@link fit} measured. */
export interface History {
  /** One entry for each epoch that was finished, in order. */
  readonly epochs: readonly EpochMetrics[];
  /** Why a callback ended the training before its last epoch; without it, it came to its end. */
  readonly stopReason?: string;
}

export interface FormatEpochOptions {
  /** Digits of the loss after the point, 0 to 100. Default: the chapter's 2. */
  readonly lossDigits?: number;
}

const OPTIONS: KnownOptions<FormatEpochOptions> = {
  lossDigits: true,
};

/**
 * The chapter's line: `Epoch: 001/050 | Train MSE: 0.05 | Train Acc: 76.15% | Valid Acc: 75.98%`.
 */
export function formatEpoch(metrics: EpochMetrics, epochs: number, options: FormatEpochOptions = {}): string {
  requireKnownOptions("formatEpoch", options, OPTIONS, "{ lossDigits: 4 }");
  const { lossDigits = 2 } = options;
  const { epoch, trainLoss, trainAccuracy, validAccuracy } = metrics;
  const digits = Math.max(3, String(epochs).length);
  const number = (n: number) => String(n).padStart(digits, "0");
  const valid = Number.isNaN(validAccuracy) ? "" : ` | Valid Acc: ${percent(validAccuracy)}`;
  return `Epoch: ${number(epoch)}/${number(epochs)} | Train MSE: ${trainLoss.toFixed(lossDigits)} | Train Acc: ${percent(trainAccuracy)}${valid}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}
