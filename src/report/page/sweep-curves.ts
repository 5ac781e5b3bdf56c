import { commonLossName, comparisonFigure } from "../figures/comparison.js";
import { CHART_SIZE, linkedCharts } from "./curves.js";
import { plural } from "./numbers.js";
import type { SweepCurve } from "./reported-sweep.js";
import type { Section } from "./section.js";

/** Validation loss and accuracy of the best trials by epoch; `null` where none has finished one. */
export function sweepCurvesSection(curves: readonly SweepCurve[]): Section | null {
  const drawn = curves.filter(({ epochs }) => epochs.length > 0);
  if (drawn.length === 0) return null;
  const isValidated = drawn.some(({ epochs }) => epochs.some(({ validLoss }) => isKnown(validLoss)));
  const lossName = commonLossName(drawn.map(({ lossName }) => lossName));
  const chart = (title: string, measure: "training loss" | "validation loss" | "validation accuracy") => ({
    title,
    figure: comparisonFigure(drawn, {
      measure,
      against: "epoch",
      lossName,
      size: CHART_SIZE,
      hasTitle: false,
    }),
  });
  const hasAccuracy = isValidated && drawn.some(({ hasAccuracy }) => hasAccuracy);
  const counts = drawn.map(({ epochs }) => epochs.length);
  return {
    id: "curves",
    title: "Learning curves of the best trials",
    word: "Curves",
    lead: `Of the best ${plural(drawn.length, "trial")}, by epoch.`,
    body: linkedCharts(
      [
        ...(hasAccuracy ? [chart("Validation accuracy by epoch", "validation accuracy")] : []),
        ...(isValidated ? [chart("Validation loss by epoch", "validation loss")] : []),
        ...(hasAccuracy && isValidated ? [] : [chart("Training loss by epoch", "training loss")]),
      ],
      // At first, the last epoch of the best.
      { epochs: Math.max(...counts), ...(counts[0] !== undefined && { shown: counts[0] }) },
    ),
  };
}

/** metrics.jsonl has null for NaN. */
function isKnown(value: number | null): boolean {
  return value !== null && Number.isFinite(value);
}
