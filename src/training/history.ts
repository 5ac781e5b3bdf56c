import type { EpochMetrics } from "../runs/run-folder.js";

/** What {@link fit} measured. */
export interface History {
  /** One entry for each epoch that was finished, in order. */
  readonly epochs: readonly EpochMetrics[];
}

/** A line for a person: `Epoch: 001/050 | Train MSE: 0.05 | Train Acc: 76.15% | Valid Acc: 75.98%`. */
export function formatEpoch(metrics: EpochMetrics, epochs: number): string {
  const { epoch, trainLoss, trainAccuracy, validAccuracy } = metrics;
  const digits = Math.max(3, String(epochs).length);
  const number = (n: number) => String(n).padStart(digits, "0");
  const valid = Number.isNaN(validAccuracy) ? "" : ` | Valid Acc: ${percent(validAccuracy)}`;
  return `Epoch: ${number(epoch)}/${number(epochs)} | Train MSE: ${trainLoss.toFixed(2)} | Train Acc: ${percent(trainAccuracy)}${valid}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}
