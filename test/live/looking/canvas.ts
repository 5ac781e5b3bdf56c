import { trace } from "../../../src/data/synthetic/pen-path.js";
import { SKELETONS } from "../../../src/data/synthetic/strokes.js";
import type { GrayImage } from "../../../src/formats/png.js";
import { RandomState } from "../../../src/random/random-state.js";

export interface Hand {
  readonly digit: number;
  readonly seed: number;
  /** Of the canvas, in pixels. */
  readonly side?: number;
  /** Half the width of the pen's line, in pixels. */
  readonly radius?: number;
  /** Height of the digit, and where its top left corner is, in shares of the canvas. */
  readonly size?: number;
  readonly left?: number;
  readonly top?: number;
}

/** How many ways there are to write a digit. */
export function waysToWrite(digit: number): number {
  return SKELETONS[digit]?.length ?? 0;
}

/** A digit as it is drawn on a page's canvas: a round white pen of one width, with soft edges, on black. */
export function drawOnCanvas({
  digit,
  seed,
  side = 280,
  radius = side / 28,
  size = 0.6,
  left = 0.15,
  top = 0.2,
}: Hand): GrayImage {
  const ways = SKELETONS[digit] ?? [];
  const path = trace(ways[seed % ways.length] ?? [], 0.4, new RandomState(seed));
  const pixels = new Uint8Array(side * side);
  const at = (point: { x: number; y: number }) =>
    [(left + size * point.x) * side, (top + size * point.y) * side] as const;
  for (const { from, to } of path.pieces) {
    const [x0, y0] = at(from);
    const [x1, y1] = at(to);
    const squared = (x1 - x0) ** 2 + (y1 - y0) ** 2;
    const reach = radius + 1;
    for (
      let y = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
      y < Math.min(side, Math.max(y0, y1) + reach);
      y++
    ) {
      for (
        let x = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
        x < Math.min(side, Math.max(x0, x1) + reach);
        x++
      ) {
        const along = squared > 0 ? ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / squared : 0;
        const t = Math.min(1, Math.max(0, along));
        const distance = Math.hypot(x - x0 - t * (x1 - x0), y - y0 - t * (y1 - y0));
        const ink = Math.round(255 * Math.min(1, Math.max(0, radius + 0.5 - distance)));
        pixels[y * side + x] = Math.max(pixels[y * side + x] as number, ink);
      }
    }
  }
  return { width: side, height: side, pixels };
}
