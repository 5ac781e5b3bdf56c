/** For each pixel of a picture, row by row, a place in another one of the same shape: column `x` and row `y`, which may lie between pixels and outside. */
export interface Coordinates {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly width: number;
  readonly height: number;
}

/** Weights of neighbours are multiples of 2^-11: four products of a byte and two weights stay below 2^31. */
const ONE = 2 ** 11;
const HALF_SQUARED = 2 ** 21;

/** @returns Coordinates of pixels that are not set yet. */
export function createCoordinates(width: number, height: number): Coordinates {
  const length = width * height;
  return { x: new Float64Array(length), y: new Float64Array(length), width, height };
}

/** A picture with a border of background, one pixel wide: places near the edge then have four neighbours as any other. */
export function createFramed({ width, height }: Coordinates): Uint8Array {
  return new Uint8Array((width + 2) * (height + 2));
}

/**
 * Copies image number `row` into its frame.
 *
 * @param images [n_images, height * width].
 */
export function frame(
  images: Uint8Array,
  row: number,
  { width, height }: Coordinates,
  framed: Uint8Array,
): void {
  let from = row * width * height;
  for (let y = 1; y <= height; y++) {
    let to = y * (width + 2) + 1;
    for (const end = to + width; to < end; to++, from++) {
      framed[to] = images[from] as number; // The row is one of the images'.
    }
  }
}

/**
 * Reads a picture at the places given, by bilinear interpolation, rounded to bytes; outside of it is background.
 *
 * @param framed By {@link frame}.
 * @param out Its elements from `offset` on, [height * width], are overwritten.
 */
export function readAt(framed: Uint8Array, at: Coordinates, out: Uint8Array, offset: number): void {
  const { x, y, width, height } = at;
  const stride = width + 2;
  const pixels = width * height;
  for (let i = 0; i < pixels; i++) {
    const framedX = (x[i] as number) + 1;
    const framedY = (y[i] as number) + 1;
    if (!(framedX > 0 && framedX < width + 1 && framedY > 0 && framedY < height + 1)) {
      out[offset + i] = 0;
      continue;
    }
    const column = framedX | 0;
    const row = framedY | 0;
    const place = row * stride + column;
    // All four lie in the frame.
    const topLeft = framed[place] as number;
    const topRight = framed[place + 1] as number;
    const bottomLeft = framed[place + stride] as number;
    const bottomRight = framed[place + stride + 1] as number;
    if ((topLeft | topRight | bottomLeft | bottomRight) === 0) {
      out[offset + i] = 0;
      continue;
    }
    const toRight = ((framedX - column) * ONE + 0.5) | 0;
    const toBottom = ((framedY - row) * ONE + 0.5) | 0;
    const top = (topLeft << 11) + Math.imul(topRight - topLeft, toRight);
    const bottom = (bottomLeft << 11) + Math.imul(bottomRight - bottomLeft, toRight);
    out[offset + i] = ((top << 11) + Math.imul(bottom - top, toBottom) + HALF_SQUARED) >> 22;
  }
}
