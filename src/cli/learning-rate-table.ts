import { significant } from "../training/history.js";
import { formatRate, type LearningRateRange } from "../training/learning-rate-range.js";

const ROWS = 10;

/**
 * What a range test has found, in lines: some of its steps, and the learning rate that follows.
 *
 * @param lossName As in `MSE`.
 */
export function learningRateTable(
  { rates, losses, smoothedLosses, divergedAt, suggestions, outcome }: LearningRateRange,
  lossName: string,
): readonly string[] {
  const last = rates.length - 1;
  const count = Math.min(ROWS, rates.length);
  const steps = Array.from({ length: count }, (_, i) => Math.round((i * last) / Math.max(1, count - 1)));
  const rows = [
    ["Learning rate", lossName, "moving average"],
    ...steps.map((step) => [
      formatRate(rates[step] as number),
      significant(losses[step] as number),
      significant(smoothedLosses[step] as number),
    ]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  const lines = rows.map((row) =>
    row.map((cell, column) => cell.padStart(widths[column] as number)).join("  "),
  );
  const end =
    divergedAt === null
      ? []
      : [`From a learning rate of ${formatRate(divergedAt)} on, the loss grew without end.`];
  if (suggestions === null)
    return [...(count === 0 ? [] : lines), ...end, ADVICE[outcome as keyof typeof ADVICE]];
  const { steepest, minimumTenth } = suggestions;
  return [
    ...lines,
    ...end,
    `Suggested: --learning-rate ${formatRate(steepest)}, where the loss falls most steeply. A tenth of the rate of the lowest loss is ${formatRate(minimumTenth)}.`,
  ];
}

const ADVICE = {
  flat: "The loss hardly fell at any of these learning rates, so that none can be suggested; try a larger --max, more --steps, or another network.",
  diverged:
    "The loss did not fall before that, so that no learning rate can be suggested; try a smaller --min, or inputs of a smaller range (--standardize).",
} as const;
