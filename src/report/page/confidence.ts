import { expectedCalibrationError, type ReliabilityBin, reliabilityBins } from "../../metrics/calibration.js";
import { reliabilityFigure } from "../figures/reliability.js";
import { type Html, html, trusted } from "./html.js";
import { count, percent } from "./numbers.js";
import type { Section } from "./section.js";
import type { TestedClasses } from "./tested-images.js";

export interface Calibration {
  readonly bins: readonly ReliabilityBin[];
  /** Expected calibration error, 0 to 1; `null` where no output is a number. */
  readonly error: number | null;
  /** Images whose outputs are not numbers; they are in no bin. */
  readonly unknown: number;
}

/** `null` where the network's outputs do not say how sure it is. */
export function calibrationOf({ dataset, predictions, confidences }: TestedClasses): Calibration | null {
  if (confidences === null) return null;
  const known = [...confidences.keys()].filter((i) => Number.isFinite(confidences[i]));
  const bins = reliabilityBins(
    known.map((i) => confidences[i] ?? Number.NaN),
    known.map((i) => dataset.targets.labels[dataset.rows[i] ?? -1] === predictions[i]),
  );
  const error = known.length === 0 ? null : expectedCalibrationError(bins);
  return { bins, error, unknown: confidences.length - known.length };
}

/** How sure the network is against how often it is right. */
export function confidenceSection({ bins, error, unknown }: Calibration, noun: string): Section {
  const missing =
    unknown === 0
      ? ""
      : ` ${count(unknown)} ${noun}s are left out, because the network's outputs for them are not numbers.`;
  return {
    id: "confidence",
    title: "How sure, how often right",
    word: "Confidence",
    lead: html`The network is as sure of a prediction as its largest output says. A bar above the dashed line: right more often than sure.${
      error === null
        ? null
        : html` On average over all ${noun}s, the two are <strong>${percent(error)}</strong> apart (expected calibration error, ${bins.length} bins).`
    }${missing}`,
    body:
      error === null
        ? html`<p>There is nothing to compare: none of the network's outputs is a number.</p>`
        : html`<figure><figcaption>How often the network is right, by how sure it is</figcaption>${trusted(reliabilityFigure(bins, { hasTitle: false }))}</figure>${binTable(bins, noun)}`,
  };
}

function binTable(bins: readonly ReliabilityBin[], noun: string): Html {
  const share = (value: number | null) => (value === null ? "–" : percent(value));
  return html`<details><summary>All bins in a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Predictions by confidence"><table class="numbers">
<thead><tr><th scope="col">Bin</th><th scope="col">${noun === "image" ? "Images" : "Rows"}</th><th scope="col">Sure</th><th scope="col">Right</th></tr></thead>
<tbody>${bins.map(
    ({ lower, upper, count: images, confidence, accuracy }) =>
      html`<tr><th scope="row">${(lower * 100).toFixed(0)} to ${(upper * 100).toFixed(0)} %</th><td>${count(images)}</td><td>${share(confidence)}</td><td>${share(accuracy)}</td></tr>`,
  )}</tbody></table></div></details>`;
}
