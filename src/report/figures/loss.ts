import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { EpochMetrics } from "../../training/history.js";
import type { ChartSize, Point } from "./chart-panel.js";
import { formatOf, span } from "./describe.js";
import { drawLineChart } from "./line-chart.js";
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
 * The training loss by epoch, as in the chapter's figure 11.7. A loss that is not finite leaves a gap. Numbers have as many digits as
 * tell each epoch from the next, and losses that fall by decades get a logarithmic axis.
 *
 * @returns An SVG document.
 */
export function lossFigure(epochs: readonly EpochMetrics[], options: LossByEpochOptions = {}): string {
  requireKnownOptions("lossFigure", options, OPTIONS, '{ theme: "light" }');
  const {
    theme = "auto",
    lossName = "mean squared error",
    validation = false,
    size,
    run,
    hasTitle,
  } = options;
  const trainLosses = epochs.map(({ trainLoss }) => trainLoss);
  const validLosses = epochs.map(({ validLoss }) => validLoss);
  const format = validation ? formatOf(trainLosses, validLosses) : formatOf(trainLosses);
  const pointOf = (name: string, epoch: number, loss: number): Point => {
    const label = `${validation ? `${name}, epoch` : "Epoch"} ${epoch}: ${format(loss)}`;
    return { x: epoch, y: loss, label };
  };
  const training = epochs.map(({ epoch, trainLoss }) => pointOf("Training", epoch, trainLoss));
  const valid = epochs.map(({ epoch, validLoss }) => pointOf("Validation", epoch, validLoss));
  const description = [
    span("Training loss", training, format),
    ...(validation ? [span("Validation loss", valid, format)] : []),
  ];
  return drawLineChart({
    title: validation ? "Training and validation loss by epoch" : "Training loss by epoch",
    details: fromTo(training, format),
    description: description.join(" "),
    theme,
    run,
    hasTitle,
    size,
    names: validation ? ["Training", "Validation"] : ["Training"],
    panels: [
      {
        xLabel: "Epoch",
        yLabel: `${validation ? "Loss" : "Training loss"} (${lossName})`,
        xCounts: true,
        yFromZero: "unless flat",
        yMayBeLog: true,
        yLimit: Number.POSITIVE_INFINITY,
        lines: validation ? [training, valid] : [training],
      },
    ],
  });
}

/** Where the line starts and ends. */
function fromTo(points: readonly Point[], format: (value: number) => string): readonly string[] {
  const finite = points.filter(({ y }) => Number.isFinite(y));
  const [first, last] = [finite[0], finite.at(-1)];
  if (first === undefined || last === undefined) return [];
  const end = `${format(last.y)} after epoch ${last.x}`;
  return [first === last ? end : `${format(first.y)} after epoch ${first.x}, ${end}`];
}
