import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { EpochMetrics } from "../../training/history.js";
import type { ChartSize } from "./chart-panel.js";
import { formatValue, span } from "./describe.js";
import { drawLineChart } from "./line-chart.js";
import { FIGURE_OPTIONS, type FigureOptions } from "./theme.js";

export interface EpochTimeFigureOptions extends FigureOptions {
  readonly size?: ChartSize;
}

const OPTIONS: KnownOptions<EpochTimeFigureOptions> = { ...FIGURE_OPTIONS, size: true };

/**
 * How many seconds each epoch took, evaluation included. What rises above the rest is the machine's other work.
 *
 * @returns An SVG document.
 */
export function epochTimeFigure(
  epochs: readonly EpochMetrics[],
  options: EpochTimeFigureOptions = {},
): string {
  requireKnownOptions("epochTimeFigure", options, OPTIONS, '{ theme: "light" }');
  const { theme = "auto", size, run, hasTitle } = options;
  const points = epochs.map(({ epoch, seconds }) => ({
    x: epoch,
    y: seconds,
    label: `Epoch ${epoch}: ${formatValue(seconds)} s`,
  }));
  return drawLineChart({
    title: "Time per epoch",
    description: span("Time", points, (seconds) => `${formatValue(seconds)} s`),
    theme,
    run,
    hasTitle,
    size,
    names: ["Time"],
    panels: [
      {
        xLabel: "Epoch",
        yLabel: "Time (s)",
        xCounts: true,
        yFromZero: true,
        yLimit: Number.POSITIVE_INFINITY,
        lines: [points],
      },
    ],
  });
}
