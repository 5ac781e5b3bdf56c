import { exampleWord } from "../../runs/settings.js";
import type { EpochMetrics } from "../../training/history.js";
import { accuracyFigure } from "../figures/accuracy.js";
import { columnFormat, formatPercent, formatValue } from "../figures/describe.js";
import { lossFigure } from "../figures/loss.js";
import { type Html, html, trusted } from "./html.js";
import type { ReportedRun } from "./reported-run.js";
import type { Section } from "./section.js";

/** Half of the page on a desktop, and the whole of a telephone without text getting too small to read. */
export const CHART_SIZE = { width: 400, height: 340 } as const;

/** Loss and accuracy by epoch; `null` where no epoch was finished. */
export function curvesSection({
  epochs,
  settings,
}: Pick<ReportedRun, "epochs" | "settings">): Section | null {
  const { lossNames: loss } = settings;
  const hasAccuracy = settings.learns === "classes";
  if (epochs.length === 0) return null;
  const charts = [
    {
      title: "Training and validation loss by epoch",
      figure: lossFigure(epochs, {
        lossName: loss.long,
        validation: true,
        size: CHART_SIZE,
        hasTitle: false,
      }),
    },
    ...(hasAccuracy
      ? [
          {
            title: "Training and validation accuracy by epoch",
            figure: accuracyFigure(epochs, { size: CHART_SIZE, hasTitle: false }),
          },
        ]
      : []),
  ];
  return {
    id: "curves",
    title: "Learning curves",
    word: "Curves",
    lead: `${loss.long.charAt(0).toUpperCase()}${loss.long.slice(1)}${hasAccuracy ? " and accuracy" : ""} after each epoch, on the ${exampleWord(settings)}s the network learned from and on those held back for validation.`,
    body: html`${linkedCharts(charts, { epochs: epochs.length })}
<details><summary>All values in a table</summary>${epochTable(epochs, hasAccuracy)}</details>`,
  };
}

export interface TitledChart {
  readonly title: string;
  /** An SVG document with points that have `data-index`. */
  readonly figure: string;
}

export interface LinkedChartsOptions {
  /** The most epochs that a line has. */
  readonly epochs: number;
  /** Whose values are shown at first. Default: those of the last epoch. */
  readonly shown?: number;
  /** Default: `pair`. */
  readonly layout?: "pair" | "column";
}

/** Charts that show their values at one epoch together: under the pointer, or where the slider stands. */
export function linkedCharts(
  charts: readonly TitledChart[],
  { epochs, shown = epochs, layout = "pair" }: LinkedChartsOptions,
): Html {
  return html`<div data-curves><div class="${layout}">${charts.map(
    ({ title, figure }) =>
      html`<figure><figcaption>${title}</figcaption><p class="readout"></p>${trusted(figure)}</figure>`,
  )}</div>
<label class="scrub" hidden>Epoch <input type="range" min="0" max="${epochs - 1}" value="${shown - 1}"></label></div>`;
}

function epochTable(epochs: readonly EpochMetrics[], hasAccuracy: boolean): Html {
  const lossFormat = columnFormat(
    epochs.map(({ trainLoss }) => trainLoss),
    epochs.map(({ validLoss }) => validLoss),
  );
  const loss = (value: number | null) => lossFormat(value ?? Number.NaN);
  const share = (value: number | null) => formatPercent((value ?? Number.NaN) * 100);
  return html`<div class="scroll tall" tabindex="0" role="region" aria-label="Values by epoch"><table class="numbers">
<thead><tr><th scope="col">Epoch</th><th scope="col">Training loss</th><th scope="col">Validation loss</th>${hasAccuracy ? html`<th scope="col">Training accuracy</th><th scope="col">Validation accuracy</th>` : null}<th scope="col">Seconds</th></tr></thead>
<tbody>${epochs.map(
    (e) =>
      html`<tr><th scope="row">${e.epoch}</th><td>${loss(e.trainLoss)}</td><td>${loss(e.validLoss)}</td>${hasAccuracy ? html`<td>${share(e.trainAccuracy)}</td><td>${share(e.validAccuracy)}</td>` : null}<td>${formatValue(e.seconds)}</td></tr>`,
  )}</tbody></table></div>`;
}
