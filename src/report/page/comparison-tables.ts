import { type ClassificationReport, classificationReport } from "../../metrics/classification-report.js";
import { wilsonInterval } from "../../metrics/wilson-interval.js";
import { classLabel } from "../figures/dataset-tiles.js";
import { formatValue } from "../figures/describe.js";
import { calibrationOf } from "./confidence.js";
import { type Html, html, trusted } from "./html.js";
import { count, duration, measure, percent } from "./numbers.js";
import type { ReportedRun } from "./reported-run.js";
import { renderFacts, type Section } from "./section.js";
import { environmentFacts, trainingFacts } from "./settings.js";
import { speedOf } from "./speed.js";
import { matrixOf } from "./tested-images.js";

/** A measure of every run. */
interface Row {
  readonly name: string;
  /** One for each run; `null` where it is not known. */
  readonly values: readonly (number | null)[];
  readonly format: (value: number) => string;
  /** Which value is set in bold. Default: none. */
  readonly best?: "most" | "least";
}

/** What came out of each run. */
export function comparedResults(runs: readonly ReportedRun[]): Section {
  const speeds = runs.map(({ epochs, settings }) => speedOf(epochs, settings));
  const reports = runs.map(reportOf);
  const last = runs.map(({ epochs }) => epochs.at(-1));
  const interval = ({ result }: ReportedRun) => {
    if (result === null || Number.isNaN(result.testCorrect)) return "–";
    const { lower, upper } = wilsonInterval(result.testCorrect, result.testCount);
    return `${(lower * 100).toFixed(2)}\u00A0– ${percent(upper)}`;
  };
  const losses = [...new Set(runs.map(({ settings }) => settings.lossNames.short))];
  // Of a network that learns values there is no accuracy.
  const known = (value: number | null | undefined) =>
    value === null || value === undefined || Number.isNaN(value) ? null : value;
  const rows: readonly Row[] = [
    {
      name: "Test images",
      values: runs.map(({ result }) => result?.testCount || null),
      format: count,
    },
    {
      name: "Mistakes",
      values: runs.map(({ result }) =>
        result === null ? null : known(result.testCount - result.testCorrect),
      ),
      format: count,
    },
    {
      name: losses.length === 1 ? `Test error (${losses[0]})` : "Test error (each run's own loss)",
      values: runs.map(({ result }) => known(result?.testLoss)),
      format: formatValue,
      ...(losses.length === 1 && { best: "least" as const }), // Different losses do not compare.
    },
    ...(["meanAbsoluteError", "rootMeanSquaredError", "r2"] as const).map(
      (score): Row => ({
        name: {
          meanAbsoluteError: "Mean absolute error",
          rootMeanSquaredError: "Root mean squared error",
          r2: "R²",
        }[score],
        values: runs.map(({ result }) => result?.testScores?.[score] ?? null),
        format: formatValue,
        best: score === "r2" ? "most" : "least",
      }),
    ),
    {
      name: "F1, macro average",
      values: reports.map((report) => report?.macroAverage.f1 ?? null),
      format: percent,
      best: "most",
    },
    {
      name: "Calibration error",
      values: runs.map(({ test }) => (test === null ? null : (calibrationOf(test)?.error ?? null))),
      format: percent,
      best: "least",
    },
    {
      name: "Training accuracy at the end",
      values: last.map((epoch) => known(epoch?.trainAccuracy)),
      format: percent,
    },
    {
      name: "Validation accuracy at the end",
      values: last.map((epoch) => known(epoch?.validAccuracy)),
      format: percent,
      best: "most",
    },
    {
      name: "Epochs finished",
      values: runs.map(({ epochs, settings }) => (settings.origin === null ? epochs.length : null)),
      format: count,
    },
    {
      name: "Median epoch",
      values: speeds.map((speed) => speed?.secondsPerEpoch ?? null),
      format: duration,
      best: "least",
    },
    {
      name: "Whole run",
      values: runs.map(({ result, settings }) =>
        settings.origin === null ? (result?.seconds ?? null) : null,
      ),
      format: duration,
      best: "least",
    },
    {
      name: "Images per second",
      values: speeds.map((speed) => speed?.imagesPerSecond ?? null),
      format: measure,
      best: "most",
    },
    {
      name: "GFLOP/s",
      values: speeds.map((speed) => speed?.gflops ?? null),
      format: (value) => value.toFixed(1),
      best: "most",
    },
    {
      name: "Share of the machine's peak",
      values: speeds.map((speed) => speed?.shareOfPeak ?? null),
      format: percent,
    },
  ];
  const accuracy: Row = {
    name: "Test accuracy",
    values: runs.map(({ result }) => (result === null ? null : known(result.testCorrect / result.testCount))),
    format: percent,
    best: "most",
  };
  const shown = rows.filter(({ values }) => values.some((value) => value !== null));
  return {
    id: "results",
    title: "Results",
    word: "Results",
    lead: "The best of a row is bold. Where two intervals of the test accuracy overlap, the difference may be chance.",
    body: numberTable("Results", runs, [
      renderRow(accuracy),
      html`<tr><th scope="row">95 % interval</th>${runs.map((run) => html`<td>${interval(run)}</td>`)}</tr>
`,
      ...shown.map(renderRow),
    ]),
  };
}

/** The settings that differ, run by run, and those that do not. */
export function comparedSettings(runs: readonly ReportedRun[]): Section {
  const facts = runs.map(({ settings }) => [...trainingFacts(settings), ...environmentFacts(settings)]);
  const names = (facts[0] ?? []).map(({ name }) => name);
  const rows = names.map((name, i) => ({ name, values: facts.map((own) => own[i]?.value ?? null) }));
  const isSame = ({ values }: (typeof rows)[number]) => values.every((value) => value === values[0]);
  const different = rows.filter((row) => !isSame(row));
  const same = rows.filter(isSame).map(({ name, values }) => ({ name, value: values[0] ?? null }));
  const table = numberTable(
    "Settings that differ",
    runs,
    different.map(
      ({ name, values }) =>
        html`<tr><th scope="row">${name}</th>${values.map((value) => html`<td>${value ?? "–"}</td>`)}</tr>
`,
    ),
  );
  return {
    id: "settings",
    title: "Settings that differ",
    word: "Settings",
    lead:
      different.length === 0 ? "None: the runs were asked for the same thing, on the same machine." : null,
    body: html`${different.length === 0 ? null : table}<details><summary>Settings that are the same</summary>${renderFacts("In all runs", same)}</details>`,
  };
}

/** F1 of each class; `null` where fewer than two runs were tested, or they do not tell the same classes apart. */
export function comparedClasses(runs: readonly ReportedRun[]): Section | null {
  const tested = runs.flatMap((run) => {
    const report = reportOf(run);
    return report === null || run.test === null ? [] : [{ run, report, targets: run.test.dataset.targets }];
  });
  const namesOf = ({ classes, classNames }: { classes: number; classNames?: readonly string[] }) =>
    Array.from({ length: classes }, (_, c) => classLabel(classNames, c));
  const [names, ...others] = tested.map(({ targets }) => namesOf(targets));
  if (names === undefined || others.length === 0) return null;
  const section = { id: "classes", title: "F1, class by class", word: "Classes" };
  if (others.some((other) => JSON.stringify(other) !== JSON.stringify(names))) {
    return {
      ...section,
      lead: null,
      body: html`<p>The runs tell different classes apart, so that their scores by class cannot stand side by side.</p>`,
    };
  }
  return {
    ...section,
    lead: "The harmonic mean of precision and recall; the best of a row is bold.",
    body: numberTable(
      "F1 by class",
      tested.map(({ run }) => run),
      names.map((name, c) =>
        renderRow({
          name,
          values: tested.map(({ report }) => report.perClass[c]?.f1 ?? null),
          format: percent,
          best: "most",
        }),
      ),
    ),
  };
}

function reportOf({ test }: ReportedRun): ClassificationReport | null {
  return test === null ? null : classificationReport(matrixOf(test));
}

/** A column for each run. */
function numberTable(label: string, runs: readonly ReportedRun[], rows: readonly Html[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table class="numbers compared">
<thead><tr><td></td>${runs.map(({ name }) => html`<th scope="col"><span class="name" title="${name}">${name}</span></th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function renderRow({ name, values, format, best }: Row): Html {
  const finite = values.filter((value) => value !== null && Number.isFinite(value));
  const top = finite.reduce<number | null>(
    (found, value) =>
      found === null || value === null
        ? value
        : best === "most"
          ? Math.max(found, value)
          : Math.min(found, value),
    null,
  );
  const isDecided = best !== undefined && finite.some((value) => value !== top);
  return html`<tr><th scope="row"><span class="name">${name}</span></th>${values.map((value) =>
    value === null
      ? html`<td>–</td>`
      : html`<td${isDecided && value === top ? trusted(' class="best"') : null}>${format(value)}</td>`,
  )}</tr>
`;
}
