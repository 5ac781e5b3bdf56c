import { requireKnownOptions } from "../../system/known-options.js";
import type { EpochMetrics } from "../../training/history.js";
import { formatValue, span } from "./describe.js";
import { drawLineChart, type Point } from "./line-chart.js";
import { LOSS_OPTIONS, type LossFigureOptions } from "./loss.js";

/** A run by the name it has in the legend: "batch 100", for example. */
export interface NamedRun {
  readonly name: string;
  readonly epochs: readonly EpochMetrics[];
}

/**
 * The training loss of several runs against epochs and, beside it, against training time in seconds: what the chapter's section on
 * convergence says of minibatches of 1, 100 and all examples. The time of an epoch is the sum of `seconds` up to it. A loss that is not finite
 * leaves a gap.
 *
 * @returns An SVG document.
 */
export function convergenceFigure(runs: readonly NamedRun[], options: LossFigureOptions = {}): string {
  requireKnownOptions("convergenceFigure", options, LOSS_OPTIONS, '{ theme: "light" }');
  const { theme = "auto", lossName = "mean squared error" } = options;
  const byEpoch = runs.map(({ name, epochs }) =>
    epochs.map(({ epoch, trainLoss }): Point => {
      return { x: epoch, y: trainLoss, label: `${name}, epoch ${epoch}: ${formatValue(trainLoss)}` };
    }),
  );
  const bySeconds = runs.map(({ name, epochs }) => {
    let elapsed = 0;
    return epochs.map(({ seconds, trainLoss }): Point => {
      elapsed += seconds;
      return {
        x: elapsed,
        y: trainLoss,
        label: `${name}, ${formatValue(elapsed)} s: ${formatValue(trainLoss)}`,
      };
    });
  });
  const yAxis = { yLabel: `Training loss (${lossName})`, yFromZero: true, yLimit: Number.POSITIVE_INFINITY };
  return drawLineChart({
    title: "Training loss by epoch and by training time",
    description: runs
      .map(({ name }, i) => span(`Training loss of ${name}`, byEpoch[i] ?? [], formatValue))
      .join(" "),
    theme,
    names: runs.map(({ name }) => name),
    panels: [
      { ...yAxis, xLabel: "Epoch", xCounts: true, lines: byEpoch },
      { ...yAxis, xLabel: "Training time (s)", xCounts: false, lines: bySeconds },
    ],
  });
}
