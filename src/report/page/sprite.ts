import type { ImageDataset } from "../../data/dataset.js";
import { inkOnPaper } from "../figures/image.js";
import { type Html, html, trusted } from "./html.js";

/** Images of a dataset in one picture, so that hundreds of them cost one data URI. */
export interface Sprite {
  /** The rule that shows the picture in elements of the class `digit`. */
  readonly style: string;
  /** An element that shows image i of those that the sprite was made of. */
  readonly show: (i: number) => Html;
}

/** Browsers draw pictures of up to some 16,000 pixels a side; a sheet of this width stays far below. */
const SHEET_WIDTH = 1280;

/**
 * @param rows Row numbers into `dataset.images`, in the order in which `show` counts them.
 */
export function createSprite(
  { features: { data: images, imageShape } }: ImageDataset,
  rows: readonly number[],
): Sprite {
  const [height, width] = imageShape;
  const columns = Math.max(1, Math.min(rows.length, Math.floor(SHEET_WIDTH / width)));
  const lines = Math.max(1, Math.ceil(rows.length / columns));
  const pixels = new Uint8Array(lines * height * columns * width);
  for (const [i, row] of rows.entries()) {
    const corner = Math.floor(i / columns) * height * columns * width + (i % columns) * width;
    for (let y = 0; y < height; y++) {
      const start = (row * height + y) * width;
      pixels.set(images.subarray(start, start + width), corner + y * columns * width);
    }
  }
  const { uri } = inkOnPaper(pixels, [lines * height, columns * width]);
  // In percent, a position is that of the picture's free length, so that the last column lies at 100 %.
  const place = (count: number, name: string) => `calc(var(${name})*100%/${Math.max(1, count - 1)})`;
  return {
    style: [
      `.digit{width:calc(var(--zoom,1)*${width * Math.max(1, Math.round(56 / width))}px);aspect-ratio:${width}/${height};background-image:url(${uri});`,
      `background-size:${columns * 100}% ${lines * 100}%;`,
      `background-position:${place(columns, "--x")} ${place(lines, "--y")}}`,
    ].join(""),
    show: (i) =>
      html`<span class="digit" style="${trusted(`--x:${i % columns};--y:${Math.floor(i / columns)}`)}"></span>`,
  };
}
