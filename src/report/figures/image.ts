import { encode } from "fast-png";

/** A picture for an `<image>` element: its pixels as a PNG in a data URI. */
export interface EmbeddedImage {
  readonly uri: string;
  readonly width: number;
  readonly height: number;
}

/**
 * A scanned digit as ink on paper: 0 becomes white, 255 black.
 *
 * @param pixels [height * width]
 */
export function inkOnPaper(
  pixels: Uint8Array,
  [height, width]: readonly [height: number, width: number],
): EmbeddedImage {
  const data = pixels.map((value) => 255 - value);
  return { uri: pngUri(data, height, width, 1), width, height };
}

/**
 * A picture in colour.
 *
 * @param data Red, green and blue of each pixel, [height * width * 3].
 */
export function colourImage(data: Uint8Array, height: number, width: number): EmbeddedImage {
  return { uri: pngUri(data, height, width, 3), width, height };
}

/** An `<image>` element that keeps the edges of pixels sharp. Sizes and places are in pixels of the figure. */
export function svgImage(
  image: EmbeddedImage,
  place: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): string {
  const { x, y, width, height } = place;
  return `<image x="${x}" y="${y}" width="${width}" height="${height}" preserveAspectRatio="none" image-rendering="pixelated" href="${image.uri}"/>`;
}

function pngUri(data: Uint8Array, height: number, width: number, channels: 1 | 3): string {
  const png = encode({ width, height, data, channels, depth: 8 });
  return `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
}
