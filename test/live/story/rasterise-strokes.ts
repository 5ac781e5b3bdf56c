import type { GrayImage } from "../../../src/formats/png.js";
import { CANVAS_SIDE, type Point, type StrokeScript } from "./strokes.js";

/**
 * What a canvas shows when the strokes are drawn with a round pen: dark ink on light paper, anti-aliased.
 *
 * @param penWidth In pixels of the canvas.
 */
export function rasteriseStrokes({ strokes }: StrokeScript, penWidth: number): GrayImage {
  const pixels = new Uint8Array(CANVAS_SIDE * CANVAS_SIDE).fill(255);
  for (const stroke of strokes) {
    for (const [i, to] of stroke.entries()) {
      inkSegment(pixels, stroke[Math.max(0, i - 1)] ?? to, to, penWidth / 2);
    }
  }
  return { width: CANVAS_SIDE, height: CANVAS_SIDE, pixels };
}

function inkSegment(pixels: Uint8Array, from: Point, to: Point, radius: number): void {
  const reach = radius + 1;
  const [left, right] = span(from[0], to[0], reach);
  const [top, bottom] = span(from[1], to[1], reach);
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const covered = Math.min(1, Math.max(0, radius + 0.5 - distance([x + 0.5, y + 0.5], from, to)));
      const i = y * CANVAS_SIDE + x;
      pixels[i] = Math.min(pixels[i] as number, Math.round(255 * (1 - covered)));
    }
  }
}

/** From the first to beyond the last pixel that is no further away than `reach`. */
function span(a: number, b: number, reach: number): [number, number] {
  return [
    Math.max(0, Math.floor(Math.min(a, b) - reach)),
    Math.min(CANVAS_SIDE, Math.ceil(Math.max(a, b) + reach)),
  ];
}

function distance([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const square = dx * dx + dy * dy;
  const t = square === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / square));
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}
