import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { EpochMetrics } from "../../training/history.js";
import { formatValue, span } from "./describe.js";
import { type ChartSize, drawLineChart, type Point } from "./line-chart.js";
import { FIGURE_OPTIONS, type FigureOptions } from "./theme.js";

export interface LossFigureOptions extends FigureOptions {
  /** What the loss is, for the axis. Default: `mean squared error`, the chapter's. */
  readonly lossName?: string;
}

export const LOSS_OPTIONS: KnownOptions<LossFigureOptions> = { ...FIGURE_OPTIONS, lossName: true };

export interface LossByEpochOptions extends LossFigureOptions {
  /** Whether the loss on the validation set is drawn, too. Default: `false`, as in the chapter. */
  readonly validation?: boolean;
  readonly size?: ChartSize;
}

const OPTIONS: KnownOptions<LossByEpochOptions> = { ...LOSS_OPTIONS, validation: true, size: true };

/**
 * The training loss by epoch, as in the chapter's figure 11.7. A loss that is not finite leaves a gap.
 *
 * @returns An SVG document.
 */
export function lossFigure(epochs: readonly EpochMetrics[], options: LossByEpochOptions = {}): string {
  requireKnownOptions("lossFigure", options, OPTIONS, '{ theme: "light" }');
  const { theme = "auto", lossName = "mean squared error", validation = false, size } = options;
  const training = epochs.map(({ epoch, trainLoss }) => pointOf("Training", epoch, trainLoss, validation));
  const valid = epochs.map(({ epoch, validLoss }) => pointOf("Validation", epoch, validLoss, validation));
  const description = [
    span("Training loss", training, formatValue),
    ...(validation ? [span("Validation loss", valid, formatValue)] : []),
  ];
  return drawLineChart({
    title: validation ? "Training and validation loss by epoch" : "Training loss by epoch",
    description: description.join(" "),
    theme,
    size,
    names: validation ? ["Training", "Validation"] : ["Training"],
    panels: [
      {
        xLabel: "Epoch",
        yLabel: `${validation ? "Loss" : "Training loss"} (${lossName})`,
        xCounts: true,
        yFromZero: true,
        yLimit: Number.POSITIVE_INFINITY,
        lines: validation ? [training, valid] : [training],
      },
    ],
  });
}

function pointOf(name: string, epoch: number, loss: number, isNamed: boolean): Point {
  const label = `${isNamed ? `${name}, epoch` : "Epoch"} ${epoch}: ${formatValue(loss)}`;
  return { x: epoch, y: loss, label };
}
