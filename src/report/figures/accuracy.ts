import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { EpochMetrics } from "../../training/history.js";
import type { ChartSize, Point } from "./chart-panel.js";
import { formatPercent, span } from "./describe.js";
import { drawLineChart } from "./line-chart.js";
import { FIGURE_OPTIONS, type FigureOptions } from "./theme.js";

export interface AccuracyFigureOptions extends FigureOptions {
  readonly size?: ChartSize;
}

const OPTIONS: KnownOptions<AccuracyFigureOptions> = { ...FIGURE_OPTIONS, size: true };

/**
 * The accuracy on the training and the validation set by epoch, in percent, as in the chapter's figure 11.8. An accuracy
 * that is not finite leaves a gap.
 *
 * @returns An SVG document.
 */
export function accuracyFigure(epochs: readonly EpochMetrics[], options: AccuracyFigureOptions = {}): string {
  requireKnownOptions("accuracyFigure", options, OPTIONS, '{ theme: "light" }');
  const { theme = "auto", size, run, hasTitle } = options;
  const names = ["Training", "Validation"];
  const training = pointsOf("Training", epochs, ({ trainAccuracy }) => trainAccuracy);
  const validation = pointsOf("Validation", epochs, ({ validAccuracy }) => validAccuracy);
  return drawLineChart({
    title: "Training and validation accuracy by epoch",
    description: [
      span("Training accuracy", training, formatPercent),
      span("Validation accuracy", validation, formatPercent),
    ].join(" "),
    theme,
    run,
    hasTitle,
    size,
    names,
    panels: [
      {
        xLabel: "Epoch",
        yLabel: "Accuracy (%)",
        xCounts: true,
        yFromZero: false,
        yLimit: 100,
        lines: [training, validation],
      },
    ],
  });
}

function pointsOf(
  name: string,
  epochs: readonly EpochMetrics[],
  accuracy: (metrics: EpochMetrics) => number | null,
): Point[] {
  return epochs.map((metrics) => {
    // metrics.jsonl has null for NaN, and null times 100 would be 0.
    const percent = (accuracy(metrics) ?? Number.NaN) * 100;
    return {
      x: metrics.epoch,
      y: percent,
      label: `${name}, epoch ${metrics.epoch}: ${formatPercent(percent)}`,
    };
  });
}
