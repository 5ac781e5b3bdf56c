import { type EpochMetrics, type FormatEpochOptions, formatEpoch } from "../training/history.js";

/**
 * The line of an epoch for a terminal: the chapter's, with as many digits of the loss as show that it still falls; and on a narrow
 * terminal, which would cut it off, its numbers alone.
 *
 * @param columns Of the terminal; 0 where it does not say.
 */
export function terminalEpochLine(
  metrics: EpochMetrics,
  epochs: number,
  columns: number,
  loss?: FormatEpochOptions["loss"],
): string {
  const hasAccuracy = !Number.isNaN(metrics.trainAccuracy);
  const line = formatEpoch(metrics, epochs, {
    ...(hasAccuracy && { lossDigits: 5 }),
    ...(loss !== undefined && { loss }),
  });
  if (columns === 0 || line.length < columns) return line;
  // "Train cross-entropy: 0.1" is "0.1".
  return line
    .split(" | ")
    .map((part) => part.slice(part.lastIndexOf(": ") + 2))
    .join(" ");
}
