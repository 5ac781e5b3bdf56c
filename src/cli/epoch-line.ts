import { type EpochMetrics, formatEpoch } from "../training/history.js";

/**
 * The line of an epoch for a terminal: the chapter's, with as many digits of the loss as show that it still falls; and on a narrow
 * terminal, which would cut it off, its numbers alone.
 *
 * @param columns Of the terminal; 0 where it does not say.
 */
export function terminalEpochLine(metrics: EpochMetrics, epochs: number, columns: number): string {
  const line = formatEpoch(metrics, epochs, { lossDigits: 5 });
  if (columns === 0 || line.length < columns) return line;
  return line.replaceAll(/Epoch: | Train MSE:| Train Acc:| Valid Acc:/g, "").replaceAll(" |", "");
}
