import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { EpochMetrics } from "../../training/history.js";
import type { ChartSize, Point } from "./chart-panel.js";
import type { NamedRun } from "./convergence.js";
import { formatOf, formatPercent, formatValue, span } from "./describe.js";
import { drawLineChart } from "./line-chart.js";
import type { FigureOptions } from "./theme.js";

export interface ComparisonFigureOptions extends Omit<FigureOptions, "run"> {
  /** `accuracy` and `loss`: those on the training set, dashed, and those on the validation set in the same colour. */
  readonly measure: "training loss" | "validation loss" | "validation accuracy" | "accuracy" | "loss";
  /** What the loss is, for the axis. Default: `mean squared error`, the chapter's. */
  readonly lossName?: string;
  /** Whether the x axis counts epochs or the seconds of training up to the end of each. */
  readonly against: "epoch" | "seconds";
  readonly size?: ChartSize;
}

const OPTIONS: KnownOptions<ComparisonFigureOptions> = {
  theme: true,
  hasTitle: true,
  measure: true,
  lossName: true,
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
  const { measure, against, size, theme = "auto", hasTitle, lossName = "mean squared error" } = options;
  const isLoss = measure.endsWith("loss");
  const sides = SIDES[measure];
  const series = runs.flatMap(({ name, epochs }) =>
    sides.map((side) => ({
      name: sides.length === 1 ? name : `${name}, ${side}`,
      epochs,
      // metrics.jsonl has null for NaN, and null times 100 would be 0.
      values: epochs.map(
        (metrics) =>
          (MEASURES[`${side} ${isLoss ? "loss" : "accuracy"}`](metrics) ?? Number.NaN) * (isLoss ? 1 : 100),
      ),
    })),
  );
  const format = isLoss ? formatOf(...series.map(({ values }) => values)) : formatPercent;
  const lines = series.map(({ name, epochs, values }) => {
    const times = elapsedSeconds(epochs);
    return epochs.map(({ epoch }, i): Point => {
      const y = values[i] ?? Number.NaN;
      const x = against === "epoch" ? epoch : (times[i] ?? Number.NaN);
      const place = against === "epoch" ? `epoch ${x}` : `${formatValue(x)} s`;
      return { x, y, label: `${name}, ${place}: ${format(y)}` };
    });
  });
  const what = sides.length === 1 ? measure : `training and validation ${measure}`;
  const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return drawLineChart({
    title: `${capital(what)} by ${against === "epoch" ? "epoch" : "training time"}`,
    description:
      against === "epoch"
        ? series
            .map(({ name }, i) => span(`${isLoss ? "Loss" : "Accuracy"} of ${name}`, lines[i] ?? [], format))
            .join(" ")
        : `The same values of ${runs.length} runs as by epoch, against the seconds of training.`,
    theme,
    hasTitle,
    size,
    names: series.map(({ name }) => name),
    paired: sides.length === 2,
    panels: [
      {
        xLabel: against === "epoch" ? "Epoch" : "Training time (s)",
        yLabel: isLoss ? `${capital(measure)} (${lossName})` : `${capital(measure)} (%)`,
        xCounts: against === "epoch",
        yFromZero: isLoss ? "unless flat" : false,
        yMayBeLog: isLoss,
        yLimit: isLoss ? Number.POSITIVE_INFINITY : 100,
        lines,
      },
    ],
  });
}

/** Which sets each measure is taken on, the line of the training set first. */
const SIDES: Readonly<Record<ComparisonFigureOptions["measure"], readonly ("training" | "validation")[]>> = {
  "training loss": ["training"],
  "validation loss": ["validation"],
  "validation accuracy": ["validation"],
  accuracy: ["training", "validation"],
  loss: ["training", "validation"],
};

const MEASURES: Readonly<
  Record<`${"training" | "validation"} ${"loss" | "accuracy"}`, (metrics: EpochMetrics) => number | null>
> = {
  "training loss": ({ trainLoss }) => trainLoss,
  "validation loss": ({ validLoss }) => validLoss,
  "training accuracy": ({ trainAccuracy }) => trainAccuracy,
  "validation accuracy": ({ validAccuracy }) => validAccuracy,
};

function elapsedSeconds(epochs: readonly EpochMetrics[]): readonly number[] {
  let elapsed = 0;
  return epochs.map(({ seconds }) => {
    elapsed += seconds;
    return elapsed;
  });
}

/** The name of the loss of several runs, for an axis that they share. */
export function commonLossName(names: readonly string[]): string {
  const [first = "loss", ...others] = [...new Set(names)];
  return others.length === 0 ? first : "of each run its own";
}
