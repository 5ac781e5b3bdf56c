import { classLabel } from "../figures/dataset-tiles.js";
import { textWidth } from "../figures/svg.js";
import { sureness } from "./confusion.js";
import { html, trusted } from "./html.js";
import { count } from "./numbers.js";
import type { Pictures } from "./pictures.js";
import type { Section } from "./section.js";
import type { Cell, TestedImages } from "./tested-images.js";

/** The misclassified images that the network was most sure of. */
export function mistakesSection(tested: TestedImages, cells: readonly Cell[], pictures: Pictures): Section {
  const {
    targets: { classNames },
    rows,
  } = tested.dataset;
  const total = cells
    .filter(({ trueClass, predicted }) => trueClass !== predicted)
    .reduce((sum, { images }) => sum + images.length, 0);
  const section = { id: "mistakes", title: "Mistakes, most confident first", word: "Mistakes" };
  if (total === 0) {
    return {
      ...section,
      lead: null,
      body: html`<p>No mistakes: all ${count(rows.length)} images are classified correctly.</p>`,
    };
  }
  const { mistakes, show } = pictures;
  const name = (c: number) => classLabel(classNames, c);
  const shown =
    mistakes.length === total ? `All ${count(total)}` : `${count(mistakes.length)} of ${count(total)}`;
  return {
    ...section,
    lead: `${shown} misclassified images: the true class, what it was taken for, how sure the network was, and the image's number in the test set, which predict --row takes.`,
    body: html`<ol class="digits gallery" style="${trusted(`--word:${wordWidth(mistakes.flatMap(({ trueClass, predicted }) => [name(trueClass), name(predicted)])).toFixed(2)}rem`)}">${mistakes.map(
      (image) =>
        html`<li>${show(image)}<b>${name(image.trueClass)} → ${name(image.predicted)}</b> ${sureness(image)}</li>
`,
    )}</ol>`,
  };
}

/** About how wide the longest word of the names is, in the page's text sizes; beyond the most, a word has to break. */
function wordWidth(names: readonly string[]): number {
  const widest = Math.max(
    0,
    ...names.flatMap((name) => name.split(/\s+/)).map((word) => textWidth(word, BOLD_SIZE)),
  );
  return Math.min(MOST_WIDTH, widest);
}

/** In rem: captions of 0.8125, whose bold letters are wider than those that `textWidth` knows. */
const BOLD_SIZE = 0.8125 * 1.12;
const MOST_WIDTH = 9;
