import type { PenPath, PenPiece } from "./pen-path.js";

/** Images are square, like MNIST's. */
export const IMAGE_SIZE = 28;
/** The largest side of a digit with its line. */
const DIGIT_SIZE = 20;
/** Pixels along each side of the image that get no ink. */
const BORDER = 1;

export interface Pen {
  /** Half the width of a line at pressure 1, in pixels. */
  readonly radius: number;
  /** How many pixels wide the fall from full ink to none is, at the edge of the line. */
  readonly blur: number;
}

/**
 * Draws a path into an image as MNIST has it: scaled so that the longer side of the digit is 20 pixels, then moved so
 * that the centre of mass of its ink is in the middle of the image, as far as the border allows.
 *
 * @param path In any unit. It is changed: afterwards its points are in pixels.
 * @param image [28 * 28], all zeros. Receives the ink, 0 to 255.
 */
export function draw(path: PenPath, pen: Pen, image: Uint8Array): void {
  place(path, pen);
  for (const piece of path.pieces) {
    drawPiece(piece, pen, image);
  }
}

function place({ points, pieces }: PenPath, pen: Pen): void {
  let left = Infinity;
  let right = -Infinity;
  let top = Infinity;
  let bottom = -Infinity;
  let pressure = 0;
  for (const point of points) {
    left = Math.min(left, point.x);
    right = Math.max(right, point.x);
    top = Math.min(top, point.y);
    bottom = Math.max(bottom, point.y);
    pressure = Math.max(pressure, point.pressure);
  }

  // The ink of a piece is its length times its width. What is drawn twice counts twice, which moves the centre little.
  let ink = 0;
  let momentX = 0;
  let momentY = 0;
  for (const { from, to } of pieces) {
    const width = to.x - from.x;
    const height = to.y - from.y;
    const mass = Math.sqrt(width * width + height * height) * (from.pressure + to.pressure);
    ink += mass;
    momentX += (mass * (from.x + to.x)) / 2;
    momentY += (mass * (from.y + to.y)) / 2;
  }

  const reach = pen.radius * pressure + pen.blur / 2;
  const scale = (DIGIT_SIZE - 2 * reach) / Math.max(right - left, bottom - top);
  const margin = BORDER + reach;
  const shift = (low: number, high: number, centre: number) =>
    Math.min(
      Math.max(IMAGE_SIZE / 2 - centre * scale, margin - low * scale),
      IMAGE_SIZE - margin - high * scale,
    );
  const shiftX = shift(left, right, momentX / ink);
  const shiftY = shift(top, bottom, momentY / ink);
  for (const point of points) {
    point.x = point.x * scale + shiftX;
    point.y = point.y * scale + shiftY;
  }
}

/**
 * A straight line with round ends whose width changes evenly. Ink depends on how far the centre of a pixel is from the
 * line; where pieces overlap, the darker one counts.
 */
function drawPiece({ from, to }: PenPiece, pen: Pen, image: Uint8Array): void {
  const fromReach = pen.radius * from.pressure + pen.blur / 2;
  const toReach = pen.radius * to.pressure + pen.blur / 2;
  const reach = Math.max(fromReach, toReach);
  const stepX = to.x - from.x;
  const stepY = to.y - from.y;
  const squaredLength = stepX * stepX + stepY * stepY;
  const perSquaredLength = squaredLength > 0 ? 1 / squaredLength : 0;
  const inkPerPixel = 255 / pen.blur;

  // The centre of pixel (column, row) is at (column + 0.5, row + 0.5). `place` keeps all of these inside the image.
  const firstColumn = Math.ceil(Math.min(from.x, to.x) - reach - 0.5);
  const lastColumn = Math.floor(Math.max(from.x, to.x) + reach - 0.5);
  const firstRow = Math.ceil(Math.min(from.y, to.y) - reach - 0.5);
  const lastRow = Math.floor(Math.max(from.y, to.y) + reach - 0.5);
  for (let row = firstRow; row <= lastRow; row++) {
    const y = row + 0.5 - from.y;
    for (let column = firstColumn; column <= lastColumn; column++) {
      const pixel = row * IMAGE_SIZE + column;
      const inkBefore = image[pixel] as number;
      if (inkBefore === 255) {
        continue;
      }
      const x = column + 0.5 - from.x;
      const along = (x * stepX + y * stepY) * perSquaredLength;
      const t = Math.min(Math.max(along, 0), 1);
      const awayX = x - t * stepX;
      const awayY = y - t * stepY;
      const reachHere = fromReach + (toReach - fromReach) * t;
      const squaredDistance = awayX * awayX + awayY * awayY;
      if (squaredDistance < reachHere * reachHere) {
        const depth = reachHere - Math.sqrt(squaredDistance);
        const ink = Math.min(255, Math.floor(depth * inkPerPixel + 0.5));
        image[pixel] = Math.max(inkBefore, ink);
      }
    }
  }
}
