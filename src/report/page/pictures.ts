import type { Html } from "./html.js";
import { createSprite } from "./sprite.js";
import { type Cell, mostConfidentFirst, type TestedImage, type TestedImages } from "./tested-images.js";

/** The images that the page shows, of all that were tested. */
export interface Pictures {
  /** The mistakes of the gallery, most confident first. */
  readonly mistakes: readonly TestedImage[];
  /** How many images of a cell are shown, at most. */
  readonly perCell: (cell: Cell) => number;
  readonly style: string;
  readonly show: (image: TestedImage) => Html;
}

const GALLERY = 40;
/** Of the images that the page holds in all: about 1.7 MB at the worst, a third of that for digits. */
const PIXEL_BUDGET = 1_250_000;
/** There is more to see in mistakes. */
const MOST_CORRECT = 24;

/** Chooses the images of the gallery and of every cell, as many of each as a page of reasonable size has room for. */
export function choosePictures(tested: TestedImages, cells: readonly Cell[]): Pictures {
  const [height, width] = tested.dataset.features.imageShape;
  const mistakes = cells
    .filter(({ trueClass, predicted }) => trueClass !== predicted)
    .flatMap(({ images }) => images)
    .toSorted(mostConfidentFirst)
    .slice(0, GALLERY);
  const limit = cellLimit(cells, Math.floor(PIXEL_BUDGET / (height * width)) - mistakes.length);
  const perCell = (cell: Cell) =>
    Math.min(cell.images.length, limit, isCorrect(cell) ? MOST_CORRECT : cell.images.length);
  const shown = [...mistakes, ...cells.flatMap((cell) => cell.images.slice(0, perCell(cell)))];
  const positions = [...new Set(shown.map(({ position }) => position))];
  const places = new Map(positions.map((position, i) => [position, i]));
  const sprite = createSprite(
    tested.dataset,
    positions.map((position) => tested.dataset.rows[position] ?? 0),
  );
  return {
    mistakes,
    perCell,
    style: sprite.style,
    show: ({ position }) => sprite.show(places.get(position) ?? 0),
  };
}

/** The most images that each cell can show so that all cells together stay within the budget; at least one. */
function cellLimit(cells: readonly Cell[], budget: number): number {
  const sizes = cells.map((cell) =>
    isCorrect(cell) ? Math.min(MOST_CORRECT, cell.images.length) : cell.images.length,
  );
  const largest = sizes.reduce((most, size) => Math.max(most, size), 1);
  const total = (limit: number) => sizes.reduce((sum, size) => sum + Math.min(size, limit), 0);
  let limit = largest;
  while (limit > 1 && total(limit) > budget) limit -= 1;
  return limit;
}

function isCorrect({ trueClass, predicted }: Cell): boolean {
  return trueClass === predicted;
}
