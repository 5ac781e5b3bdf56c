import type { RegressionReport } from "../../metrics/regression.js";
import type { PredictedValues } from "../../training/score-values.js";
import { formatValue } from "../figures/describe.js";
import { predictedFigure } from "../figures/predicted.js";
import { residualsFigure } from "../figures/residuals.js";
import { html, trusted } from "./html.js";
import type { Section } from "./section.js";

/** Predicted against true values, their residuals, and the scores of each output where there are several. */
export function valuesSection(values: PredictedValues, scores: RegressionReport | null): Section {
  const options = { hasTitle: false };
  const several =
    scores === null || scores.perOutput.length < 2
      ? null
      : html`<table class="numbers">
<thead><tr><th scope="col">Output</th><th scope="col">Mean absolute error</th><th scope="col">Root mean squared error</th><th scope="col">R²</th></tr></thead>
<tbody>${scores.perOutput.map(
          ({ meanAbsoluteError, rootMeanSquaredError, r2 }, i) =>
            html`<tr><th scope="row"><span class="name">${values.names?.[i] ?? `output ${i}`}</span></th><td>${formatValue(meanAbsoluteError)}</td><td>${formatValue(rootMeanSquaredError)}</td><td>${r2.toFixed(4)}</td></tr>`,
        )}</tbody></table>`;
  return {
    id: "values",
    title: "Predicted and true values",
    word: "Values",
    lead: "Of the test rows. On the dashed diagonal, a prediction is right; a residual is what was predicted minus what is true.",
    body: html`<div class="pair"><figure><figcaption>Predicted against true values</figcaption>${trusted(predictedFigure(values, options))}</figure>
<figure><figcaption>Residuals</figcaption>${trusted(residualsFigure(values, options))}</figure></div>${several}`,
  };
}
