import { requireKnownOptions } from "../../system/known-options.js";
import type { EpochMetrics } from "../../training/history.js";
import type { Point } from "./chart-panel.js";
import { formatOf, formatValue, span } from "./describe.js";
import { drawLineChart } from "./line-chart.js";
import { LOSS_OPTIONS, type LossFigureOptions } from "./loss.js";

/** A run by the name it has in the legend: "batch 100", for example. */
export interface NamedRun {
  readonly name: string;
  readonly epochs: readonly EpochMetrics[];
}

/**
 * The training loss of several runs against epochs and, below it, against training time in seconds: what the chapter's section on
 * convergence says of minibatches of 1, 100 and all examples. The time of an epoch is the sum of `seconds` up to it. Losses that are decades apart
 * get a logarithmic axis, and so do times. A loss that is not finite, or 0 where the axis has no place for it, leaves a gap.
 *
 * @returns An SVG document.
 */
export function convergenceFigure(runs: readonly NamedRun[], options: LossFigureOptions = {}): string {
  requireKnownOptions("convergenceFigure", options, LOSS_OPTIONS, '{ theme: "light" }');
  const { theme = "auto", lossName = "mean squared error", run, hasTitle } = options;
  const format = formatOf(...runs.map(({ epochs }) => epochs.map(({ trainLoss }) => trainLoss)));
  const byEpoch = runs.map(({ name, epochs }) =>
    epochs.map(({ epoch, trainLoss }): Point => {
      return { x: epoch, y: trainLoss, label: `${name}, epoch ${epoch}: ${format(trainLoss)}` };
    }),
  );
  const bySeconds = runs.map(({ name, epochs }) => {
    let elapsed = 0;
    return epochs.map(({ seconds, trainLoss }): Point => {
      elapsed += seconds;
      return {
        x: elapsed,
        y: trainLoss,
        label: `${name}, ${formatValue(elapsed)} s: ${format(trainLoss)}`,
      };
    });
  });
  const yAxis = {
    yLabel: `Training loss (${lossName})`,
    yFromZero: "unless flat",
    yMayBeLog: true,
    yLimit: Number.POSITIVE_INFINITY,
  } as const;
  return drawLineChart({
    title: "Training loss by epoch and by training time",
    // One line has no legend to name it.
    details: runs.length === 1 ? runs.map(({ name }) => name) : [],
    description: runs
      .map(({ name }, i) => span(`Training loss of ${name}`, byEpoch[i] ?? [], format))
      .join(" "),
    theme,
    run,
    hasTitle,
    names: runs.map(({ name }) => name),
    panels: [
      { ...yAxis, xLabel: "Epoch", xCounts: true, lines: byEpoch },
      { ...yAxis, xLabel: "Training time (s)", xCounts: false, lines: bySeconds },
    ],
  });
}
