import type { ConfusionMatrix } from "../../metrics/confusion-matrix.js";
import { cellShades } from "../figures/confusion.js";
import { classLabel } from "../figures/dataset-tiles.js";
import { type Html, html, trusted } from "./html.js";
import { count, percent, plural } from "./numbers.js";
import type { Pictures } from "./pictures.js";
import type { Section } from "./section.js";
import { type Cell, matrixOf, type TestedClasses, type TestedImage } from "./tested-images.js";

/** Up to so many classes, the matrix leaves room for the images beside it, and cells without an image show a 0. */
const FEW_CLASSES = 14;

/** The confusion matrix, and for each of its cells the images behind it: those of the most frequent mistake are shown at first. */
export function confusionSection(
  tested: TestedClasses,
  cells: readonly Cell[],
  pictures: Pictures | null,
): Section {
  const { classes, classNames } = tested.dataset.targets;
  const nameOf = (c: number) => classLabel(classNames, c);
  const first = mostFrequentMistake(cells) ?? cells[0];
  const section = { id: "confusion", title: "Confusion matrix", word: "Confusion" };
  const matrix = (noun: string) =>
    html`<div><div class="scroll" tabindex="0" role="region" aria-label="Confusion matrix">${table(matrixOf(tested), nameOf, noun)}</div>${key}</div>`;
  if (pictures === null) {
    return {
      ...section,
      lead: "Rows are true classes, columns what they were taken for.",
      body: matrix("row"),
    };
  }
  return {
    ...section,
    lead: html`Rows are true classes, columns what they were taken for. <span class="hint" hidden>Choose a cell to see the images behind it; arrow keys move between cells, Enter opens one.</span>`,
    body: html`<div class="matrix-side${classes <= FEW_CLASSES ? " narrow" : ""}">
${matrix("image")}
<div class="behind" tabindex="0" role="region" aria-label="Images behind the chosen cell" aria-live="polite">${cells.map(
      (cell) => imagesBehind(cell, { nameOf, pictures, isShown: cell === first }),
    )}</div>
</div>`,
  };
}

function table(matrix: ConfusionMatrix, nameOf: (c: number) => string, noun: string): Html {
  const all = Array.from({ length: matrix.classes }, (_, c) => c);
  const isTurned = all.some((c) => nameOf(c).length > 3);
  const shadeOf = cellShades(matrix);
  const cell = (row: number, column: number) => {
    const images = matrix.counts[row * matrix.classes + column] ?? 0;
    if (images === 0) return html`<td>${matrix.classes <= FEW_CLASSES ? "0" : ""}</td>`;
    const { share, opacity } = shadeOf(row, column);
    const label = `True ${nameOf(row)}, predicted ${nameOf(column)}: ${plural(images, noun)}, ${percent(share)} of the true class`;
    return html`<td class="${row === column ? "right" : "wrong"}" style="${trusted(`--share:${opacity.toFixed(3)}`)}" data-true="${row}" data-predicted="${column}" data-label="${label}" title="${label}">${images}</td>`;
  };
  return html`<table class="matrix" style="${trusted(`--classes:${matrix.classes}`)}">
<thead><tr><td style="border:0"></td><th class="axis" colspan="${matrix.classes}" scope="colgroup">Predicted</th></tr>
<tr><th class="axis" scope="col">True</th>${all.map((c) => html`<th scope="col"${isTurned ? trusted(' class="turned"') : null}><span>${nameOf(c)}</span></th>`)}</tr></thead>
<tbody>${all.map(
    (
      row,
    ) => html`<tr><th scope="row" title="${nameOf(row)}">${nameOf(row)}</th>${all.map((column) => cell(row, column))}</tr>
`,
  )}</tbody></table>`;
}

const key = html`<p class="muted key"><span class="swatch" style="background:rgb(var(--blue-rgb)/.55)"></span>right <span class="swatch" style="background:rgb(var(--vermillion-rgb)/.55);margin-left:1.2em"></span>mistaken; both by share of the true class</p>`;

function imagesBehind(
  cell: Cell,
  { nameOf, pictures, isShown }: { nameOf: (c: number) => string; pictures: Pictures; isShown: boolean },
): Html {
  const { trueClass, predicted, images } = cell;
  const isCorrect = trueClass === predicted;
  const title = isCorrect
    ? `${nameOf(trueClass)}, recognised: ${plural(images.length, "image")}`
    : `True ${nameOf(trueClass)}, taken for ${nameOf(predicted)}: ${plural(images.length, "image")}`;
  const shown = images.slice(0, pictures.perCell(cell));
  const order = isCorrect ? "least sure first" : "most sure first";
  const note =
    shown.length < images.length
      ? `The ${count(shown.length)} ${isCorrect ? "least" : "most"} sure, and how sure.`
      : `How sure, ${order}.`;
  return html`<div data-cell="${trueClass},${predicted}"${isShown ? null : trusted(" hidden")}><h3>${title}</h3><p class="muted">${note}</p>
<ul class="digits">${shown.map((image) => html`<li>${pictures.show(image)}${sureness(image)}</li>`)}</ul></div>
`;
}

/** How sure the network was of an image, and which one it is. */
export function sureness({ confidence, position }: TestedImage): Html {
  const sure = Number.isNaN(confidence) ? "not a number" : `${(confidence * 100).toFixed(1)} %`;
  return html`${sure} <small>no. ${position}</small>`;
}

/** `undefined` where there is no mistake. */
function mostFrequentMistake(cells: readonly Cell[]): Cell | undefined {
  return cells
    .filter(({ trueClass, predicted }) => trueClass !== predicted)
    .toSorted((a, b) => b.images.length - a.images.length)[0];
}
