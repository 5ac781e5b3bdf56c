import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { EpochMetrics } from "../../training/history.js";
import type { ChartSize, Point } from "./chart-panel.js";
import type { NamedRun } from "./convergence.js";
import { formatOf, formatPercent, formatValue, span } from "./describe.js";
import { drawLineChart } from "./line-chart.js";
import type { FigureOptions } from "./theme.js";

export interface ComparisonFigureOptions extends Omit<FigureOptions, "run"> {
  readonly measure: "training loss" | "validation accuracy";
  /** Whether the x axis counts epochs or the seconds of training up to the end of each. */
  readonly against: "epoch" | "seconds";
  readonly size?: ChartSize;
}

const OPTIONS: KnownOptions<ComparisonFigureOptions> = {
  theme: true,
  hasTitle: true,
  measure: true,
  against: true,
  size: true,
};

/**
 * One measure of several runs, a line for each. The time of an epoch is the sum of `seconds` up to it. A value that is not
 * finite leaves a gap.
 *
 * @returns An SVG document.
 */
export function comparisonFigure(runs: readonly NamedRun[], options: ComparisonFigureOptions): string {
  requireKnownOptions("comparisonFigure", options, OPTIONS, '{ measure: "training loss", against: "epoch" }');
  const { measure, against, size, theme = "auto", hasTitle } = options;
  const isLoss = measure === "training loss";
  const format = isLoss
    ? formatOf(...runs.map(({ epochs }) => epochs.map(({ trainLoss }) => trainLoss)))
    : formatPercent;
  const lines = runs.map(({ name, epochs }) => {
    const times = elapsedSeconds(epochs);
    return epochs.map((metrics, i): Point => {
      // metrics.jsonl has null for NaN, and null times 100 would be 0.
      const y = isLoss ? metrics.trainLoss : ((metrics.validAccuracy as number | null) ?? Number.NaN) * 100;
      const x = against === "epoch" ? metrics.epoch : (times[i] ?? Number.NaN);
      const place = against === "epoch" ? `epoch ${x}` : `${formatValue(x)} s`;
      return { x, y, label: `${name}, ${place}: ${format(y)}` };
    });
  });
  return drawLineChart({
    title: `${isLoss ? "Training loss" : "Validation accuracy"} by ${against === "epoch" ? "epoch" : "training time"}`,
    description:
      against === "epoch"
        ? runs
            .map(({ name }, i) => span(`${isLoss ? "Loss" : "Accuracy"} of ${name}`, lines[i] ?? [], format))
            .join(" ")
        : `The same values of ${runs.length} runs as by epoch, against the seconds of training.`,
    theme,
    hasTitle,
    size,
    names: runs.map(({ name }) => name),
    panels: [
      {
        xLabel: against === "epoch" ? "Epoch" : "Training time (s)",
        yLabel: isLoss ? "Training loss (mean squared error)" : "Validation accuracy (%)",
        xCounts: against === "epoch",
        yFromZero: isLoss ? "unless flat" : false,
        yMayBeLog: isLoss,
        yLimit: isLoss ? Number.POSITIVE_INFINITY : 100,
        lines,
      },
    ],
  });
}

function elapsedSeconds(epochs: readonly EpochMetrics[]): readonly number[] {
  let elapsed = 0;
  return epochs.map(({ seconds }) => {
    elapsed += seconds;
    return elapsed;
  });
}
