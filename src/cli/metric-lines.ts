import type { ClassScores } from "../metrics/classification-report.js";
import { printable } from "../system/printable.js";
import type { OccurringReport } from "../training/evaluation-report.js";
import { significant } from "../training/history.js";
import type { NamedMetrics } from "../training/scorer.js";

/**
 * `f1Macro: 0.9412 | top3Accuracy: 0.9911`, as a list of no line or one.
 *
 * @param prefix Before each name, such as `Test `.
 */
export function metricLines(metrics: NamedMetrics | undefined, prefix = ""): readonly string[] {
  const parts = Object.entries(metrics ?? {}).map(
    ([name, value]) => `${prefix}${name}: ${significant(value)}`,
  );
  return parts.length === 0 ? [] : [parts.join(" | ")];
}

const DIGITS = 4;
const COLUMN = 9;
const COLUMNS = ["precision", "recall", "f1-score", "support"];

/**
 * The scores of each class that occurs and their averages, as scikit-learn prints them.
 *
 * @param names Of all classes. Default: their numbers.
 */
export function classificationLines(
  { classes, perClass, accuracy, macroAverage, weightedAverage }: OccurringReport,
  names: readonly string[] | undefined,
): readonly string[] {
  const share = (value: number) => value.toFixed(DIGITS);
  const cells = ({ precision, recall, f1, support }: ClassScores) => [
    ...[precision, recall, f1].map(share),
    count(support),
  ];
  const rows = [
    ["", ...COLUMNS],
    [],
    ...perClass.map((scores, i) => {
      const c = classes[i] as number; // One for each.
      return [printable(names?.[c] ?? String(c)), ...cells(scores)];
    }),
    [],
    ["accuracy", "", "", share(accuracy), count(macroAverage.support)],
    ["macro avg", ...cells(macroAverage)],
    ["weighted avg", ...cells(weightedAverage)],
  ];
  const width = Math.max(...rows.map(([name = ""]) => name.length));
  return rows.map(([name = "", ...others]) =>
    [`${name.padStart(width)} `, ...others.map((cell) => cell.padStart(COLUMN))].join(" ").trimEnd(),
  );
}

/** Of examples, or of their weights. */
function count(support: number): string {
  return Number.isInteger(support) ? String(support) : support.toFixed(2);
}
