import { drawWeights, weightScale } from "../figures/weights.js";
import { html } from "./html.js";
import { count } from "./numbers.js";
import type { HiddenWeights } from "./reported-run.js";
import type { Section } from "./section.js";

const MOST_UNITS = 100;
/** Of all pictures of weights: they are in colour, and compress badly. */
const PIXEL_BUDGET = 100_000;

/** What each unit of the first layer looks for. */
export function weightsSection({ weights, imageShape }: HiddenWeights): Section {
  const size = imageShape[0] * imageShape[1];
  const units = weights.length / size;
  const shown = Math.min(units, MOST_UNITS, Math.max(1, Math.floor(PIXEL_BUDGET / size)));
  const { images, limit } = drawWeights(weights.subarray(0, shown * size), imageShape);
  const which = shown === units ? `all ${count(units)}` : `the first ${count(shown)} of ${count(units)}`;
  return {
    id: "weights",
    title: "Hidden weights",
    word: "Weights",
    lead: `The weights of the first layer, ${which} units: ink where it is red-brown excites the unit, ink where it is blue inhibits it, and near-white does not matter.`,
    body: html`<ol class="units">${images.map(
      ({ uri, width, height }, i) =>
        html`<li class="unit"><img src="${uri}" width="${width}" height="${height}" alt="">${i + 1}</li>`,
    )}</ol>
<div class="scale"><span>≤ −${limit}</span><img src="${weightScale().uri}" alt="from blue over white to red-brown"><span>≥ ${limit}</span></div>`,
  };
}
