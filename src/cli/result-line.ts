import type { MeanAndDeviation } from "../metrics/mean-and-deviation.js";
import type { RegressionReport } from "../metrics/regression.js";
import type { Loss } from "../nn/losses/loss.js";
import { lossNames, MEAN_SQUARED_ERROR } from "../nn/losses/loss-names.js";
import { sparkline } from "../report/sparkline.js";
import { printable } from "../system/printable.js";
import type { Evaluation } from "../training/evaluate.js";
import { type EpochMetrics, significant } from "../training/history.js";

type NamedLoss = Pick<Loss, "specification" | "name">;

/**
 * What came out of a test, by the name of the loss: accuracy and loss of classes, and of values what a regression is judged by.
 *
 * @param what How the accuracy is called, such as `Test accuracy`, and how what follows begins, such as `Test `.
 */
export function resultLine(
  { accuracy, correct, count, loss }: Evaluation,
  { loss: ofNetwork, scores }: { readonly loss: NamedLoss; readonly scores: RegressionReport | null },
  { accuracy: title, prefix }: { readonly accuracy: string; readonly prefix: string },
): string {
  const { short } = lossNames(ofNetwork);
  if (!Number.isNaN(accuracy)) {
    return `${title}: ${(accuracy * 100).toFixed(2)}% (${correct} of ${count}) | ${prefix}${short}: ${loss.toFixed(4)}`;
  }
  const parts = [`${short}: ${significant(loss)}`];
  if (scores !== null) {
    const { meanAbsoluteError, rootMeanSquaredError, r2 } = scores;
    if (short !== "MAE") parts.push(`MAE: ${significant(meanAbsoluteError)}`);
    parts.push(`RMSE: ${significant(rootMeanSquaredError)}`, `R²: ${r2.toFixed(4)}`);
  }
  return parts.map((part) => `${prefix}${part}`).join(" | ");
}

/** The line of `train` on its test set. */
export function testLine(
  evaluation: Evaluation,
  loss: NamedLoss,
  scores: RegressionReport | null = null,
): string {
  return resultLine(evaluation, { loss, scores }, { accuracy: "Test accuracy", prefix: "Test " });
}

/**
 * Mean ± deviation of the scores of several networks: accuracy and loss of classes, and of values what a regression is judged by; then the
 * metrics that were asked for.
 */
export function spreadLine(scores: Readonly<Record<string, MeanAndDeviation>>, loss: NamedLoss): string {
  const { short } = lossNames(loss);
  const number = "accuracy" in scores ? (value: number) => value.toFixed(4) : significant;
  const parts = [
    ["accuracy", "Accuracy", (value: number) => `${(value * 100).toFixed(2)}%`],
    ["loss", short, number],
    ["meanAbsoluteError", short === "MAE" ? undefined : "MAE", significant],
    ["rootMeanSquaredError", "RMSE", significant],
    ["r2", "R²", (value: number) => value.toFixed(4)],
  ] as const;
  const named = Object.keys(scores)
    .filter((name) => !parts.some(([known]) => known === name))
    .map((name) => [name, name, significant] as const);
  return [...parts, ...named]
    .flatMap(([name, title, format]) => {
      const score = scores[name];
      if (score === undefined || title === undefined) return [];
      return [`${title}: ${format(score.mean)} ± ${format(score.standardDeviation)}`];
    })
    .join(" | ");
}

/** The scores of each output, where there are several. */
export function outputLines(
  { perOutput }: RegressionReport,
  names: readonly string[] | undefined,
): readonly string[] {
  if (perOutput.length < 2) return [];
  return perOutput.map(({ meanAbsoluteError, rootMeanSquaredError, r2 }, i) => {
    const name = printable(names?.[i] ?? `output ${i}`);
    return `  ${name}: MAE ${significant(meanAbsoluteError)}, RMSE ${significant(rootMeanSquaredError)}, R² ${r2.toFixed(4)}`;
  });
}

/** For a terminal: how loss and accuracy went, or without an accuracy both losses. */
export function curveLines(metrics: readonly EpochMetrics[], loss: NamedLoss): readonly string[] {
  if (metrics.length < 2) return [];
  const { short } = lossNames(loss);
  const curve = (name: string, of: (epoch: EpochMetrics) => number, format: (value: number) => string) => {
    const values = metrics.map(of);
    const [first = Number.NaN, last = Number.NaN] = [values[0], values.at(-1)];
    if (values.every(Number.isNaN)) return [];
    return [`${name} ${sparkline(values)} ${format(first)} to ${format(last)}`];
  };
  const percent = (share: number) => `${(share * 100).toFixed(2)}%`;
  const hasAccuracy = !Number.isNaN(metrics[0]?.trainAccuracy);
  const value = hasAccuracy && short === MEAN_SQUARED_ERROR.short ? (x: number) => x.toFixed(4) : significant;
  return [
    ...curve(`Train ${short}`, ({ trainLoss }) => trainLoss, value),
    ...(hasAccuracy
      ? curve("Train Acc", ({ trainAccuracy }) => trainAccuracy, percent)
      : curve(`Valid ${short}`, ({ validLoss }) => validLoss, value)),
  ];
}
