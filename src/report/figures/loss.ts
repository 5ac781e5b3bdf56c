import type { EpochMetrics } from "../../formats/run-folder.js";
import { formatValue, span } from "./describe.js";
import { drawLineChart } from "./line-chart.js";
import type { FigureOptions } from "./theme.js";

export interface LossFigureOptions extends FigureOptions {
  /** What the loss is, for the axis. Default: `mean squared error`, the chapter's. */
  readonly lossName?: string;
}

/**
 * The training loss by epoch, as in the chapter's figure 11.7. A loss that is not finite leaves a gap.
 *
 * @returns An SVG document.
 */
export function lossFigure(
  epochs: readonly EpochMetrics[],
  { theme = "auto", lossName = "mean squared error" }: LossFigureOptions = {},
): string {
  const points = epochs.map(({ epoch, trainLoss }) => ({
    x: epoch,
    y: trainLoss,
    label: `Epoch ${epoch}: ${formatValue(trainLoss)}`,
  }));
  return drawLineChart({
    title: "Training loss by epoch",
    description: span("Training loss", points, formatValue),
    theme,
    names: ["Training"],
    panels: [
      {
        xLabel: "Epoch",
        yLabel: `Training loss (${lossName})`,
        xCounts: true,
        yFromZero: true,
        yLimit: Number.POSITIVE_INFINITY,
        lines: [points],
      },
    ],
  });
}
