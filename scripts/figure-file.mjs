// The pictures of the documentation: opaque PNG files of bounded size in docs/figures.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decode, encode } from "fast-png";
import { withPalette } from "./palette.mjs";

const LARGEST_BYTES = 170_000;
const FOLDER = fileURLToPath(new URL("../docs/figures/", import.meta.url));

/**
 * Writes docs/figures/NAME and prints its path.
 *
 * @param {string} name
 * @param {Uint8Array} png
 * @param {{ isPage?: boolean }} options Whether it is a picture of a page, and few colours do.
 */
export function writeFigure(name, png, { isPage = false } = {}) {
  const opaque = withoutAlpha(png, isPage);
  if (opaque.length > LARGEST_BYTES)
    throw new Error(`${name} has ${opaque.length} bytes, more than ${LARGEST_BYTES}.`);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, name), opaque);
  console.log(`docs/figures/${name}`);
}

/** The same picture in half the bytes: figures are opaque. */
function withoutAlpha(png, isPage) {
  const { width, height, data, channels } = decode(png);
  if (channels === 4 && data.some((value, i) => i % 4 === 3 && value !== 255)) {
    throw new Error("A figure is not opaque.");
  }
  const colours = channels === 4 ? data.filter((_, i) => i % 4 !== 3) : data;
  const picture = { width, height, data: colours, channels: 3, depth: 8 };
  return encode(isPage ? withPalette(picture) : picture, { zlib: { level: 9 } });
}
