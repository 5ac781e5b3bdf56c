import { wilsonInterval } from "../../metrics/wilson-interval.js";
import { formatValue } from "../figures/describe.js";
import type { Calibration } from "./confidence.js";
import { type Html, html, trusted } from "./html.js";
import { noticesOf } from "./notices.js";
import { count, duration, percent } from "./numbers.js";
import { nounOf, type ReportedRun } from "./reported-run.js";
import { renderStats } from "./section.js";

/** A name of more characters is set smaller: on a telephone, it would fill the window. */
const LONG_NAME = 40;

/** Name, gist and main figures of a run. */
export function renderHeadline(run: ReportedRun, calibration: Calibration | null): Html {
  const { name, result, epochs, settings } = run;
  const isTested = result !== null && result.testCount > 0;
  const last = epochs.at(-1);
  const error = calibration?.error ?? null;
  const isOfValues = settings.learns === "values";
  const isImported = settings.origin !== null;
  const scores = result?.testScores;
  const stats = renderStats([
    {
      name: "mistakes",
      value: !isTested || isOfValues ? null : count(result.testCount - result.testCorrect),
    },
    {
      name: `test error (${settings.lossNames.short})`,
      value: isTested ? formatValue(result.testLoss) : null,
    },
    {
      name: "mean absolute error",
      value: scores === undefined ? null : formatValue(scores.meanAbsoluteError),
    },
    {
      name: "root mean squared error",
      value: scores === undefined ? null : formatValue(scores.rootMeanSquaredError),
    },
    {
      name: "validation accuracy",
      value:
        last === undefined || isOfValues
          ? null
          : percent((last.validAccuracy as number | null) ?? Number.NaN),
    },
    { name: "calibration error", value: error === null ? null : percent(error) },
    { name: epochs.length === 1 ? "epoch" : "epochs", value: isImported ? null : count(epochs.length) },
    { name: "time", value: result === null || isImported ? null : duration(result.seconds) },
  ]);
  return html`<header>
<p class="overline">${settings.origin === null ? "Training run" : "Imported network"}</p>
<h1${[...name].length > LONG_NAME ? trusted(' class="long"') : null}><bdi>${name}</bdi></h1>
<p class="gist">${gistOf(settings)}</p>
${noticesOf(run).map((notice) => html`<p class="notice">${notice}</p>`)}
<div class="headline">${result === null ? null : renderScore(result, `${nounOf(run)}s`)}${stats}</div>
</header>
`;
}

function renderScore(
  { testCorrect, testCount, testScores }: NonNullable<ReportedRun["result"]>,
  noun: string,
): Html | null {
  if (testScores !== undefined) {
    return html`<p class="score"><b>${testScores.r2.toFixed(4)}</b>
<span>R² on the test set, ${count(testCount)} ${noun}</span>
<small>1: perfect; 0: no better than the mean of the true values</small></p>`;
  }
  if (Number.isNaN(testCorrect)) return null;
  const { lower, upper } = wilsonInterval(testCorrect, testCount);
  return html`<p class="score"><b>${percent(testCorrect / testCount)}</b>
<span>test accuracy, ${count(testCorrect)} of ${count(testCount)} ${noun}</span>
<small>95 % interval: ${percent(lower)} to ${percent(upper)}</small></p>`;
}

/** The run in one line. */
function gistOf(settings: ReportedRun["settings"]): string {
  const { layers, dataset, split, dtype, batchSize, learningRate, origin } = settings;
  const data = split === null ? dataset : `${dataset ?? "data"}, ${split} split`;
  return [
    layers.join("-"),
    data,
    ...(origin === null ? [] : [`imported from ${origin.file}`]),
    ...(batchSize === null ? [] : [`batches of ${batchSize}`]),
    ...(learningRate === null ? [] : [`learning rate ${learningRate}`]),
    dtype,
  ]
    .filter((part) => part !== null)
    .join(" · ");
}
