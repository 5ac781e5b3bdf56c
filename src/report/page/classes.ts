import type { ClassificationReport, ClassScores } from "../../metrics/classification-report.js";
import { classLabel } from "../figures/dataset-tiles.js";
import { type Html, html } from "./html.js";
import { count } from "./numbers.js";
import type { Section } from "./section.js";

/** From this number of classes on, the table scrolls in a window of its own. */
const MANY_CLASSES = 16;

/** Precision, recall, F1 and support of each class. */
export function classesSection(
  { perClass, macroAverage, weightedAverage }: ClassificationReport,
  classNames: readonly string[] | null,
  noun: string,
): Section {
  const isTall = perClass.length >= MANY_CLASSES;
  const table = html`<table class="numbers">
<thead><tr><th scope="col">Class</th><th scope="col">Precision, %</th><th scope="col">Recall, %</th><th scope="col">F1, %</th><th scope="col">Support</th></tr></thead>
<tbody>${perClass.map((scores, c) => row(classLabel(classNames ?? undefined, c), scores))}</tbody>
<tbody>${row("Macro average", macroAverage)}${row("Weighted average", weightedAverage)}</tbody>
</table>`;
  return {
    id: "classes",
    title: "Class by class",
    word: "Classes",
    lead: `Precision: of the ${noun}s taken for the class, those that are of it. Recall: of the ${noun}s of the class, those that were found. F1: their harmonic mean. Support: how many ${noun}s of the class there are.`,
    body: html`<div class="scroll${isTall ? " tall" : ""}" tabindex="0" role="region" aria-label="Scores by class">${table}</div>`,
  };
}

function row(name: string, { precision, recall, f1, support }: ClassScores): Html {
  return html`<tr><th scope="row"><span class="name">${name}</span></th>${[precision, recall, f1].map((share) => html`<td>${(share * 100).toFixed(2)}</td>`)}<td>${count(support)}</td></tr>
`;
}
