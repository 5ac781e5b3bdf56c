import type { DecodedPng } from "fast-png";
import { DataFormatError } from "../errors.js";
import { LARGEST_FILE, readRegularFile } from "../system/regular-file.js";
import { type PngHeader, withImageAlone } from "./png-chunks.js";

/** A gray image, one byte a pixel, row by row from the top left: 0 is black, 255 is white. */
export interface GrayImage {
  readonly width: number;
  readonly height: number;
  /** [height * width] */
  readonly pixels: Uint8Array;
}

/** Room for any scan of a digit; what is larger would only use up memory. */
const MAX_PIXELS = 2 ** 24;
const PALETTE = 3;

/**
 * Reads a PNG file of any colour type and depth as a gray image.
 *
 * Colours become luma by Rec. 601 (0.299 R + 0.587 G + 0.114 B), as in Pillow's `convert("L")`. What is transparent is seen
 * on white paper, as image viewers show it. Depths other than 8 bits are scaled to 0..255 and rounded. Colour profiles and gamma
 * are not applied.
 *
 * @throws FileAccessError when the file is missing or cannot be read.
 * @throws DataFormatError when it is not a PNG file, is damaged, has more than 2^24 pixels, or is both interlaced and of fewer
 *   than 8 bits (which the decoder does not support).
 */
export async function readPngAsGray(path: string): Promise<GrayImage> {
  const advice = "name a picture that is saved as PNG";
  const bytes = await readRegularFile(path, LARGEST_FILE.picture, { advice });
  const header = checkHeader(bytes, path);
  const { decode } = await import("fast-png");
  try {
    const png = decode(withImageAlone(bytes, header), { checkCrc: true });
    return { width: png.width, height: png.height, pixels: toGray(png, header.colourType) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataFormatError(`${path} is a damaged PNG file (${reason}); save the image again.`, { cause });
  }
}

/** Checks the fixed-place header chunk before anything is decompressed or allocated for it. */
function checkHeader(bytes: Buffer, path: string): PngHeader {
  if (bytes.length < 29 || bytes.toString("latin1", 0, 8) !== "\x89PNG\r\n\x1a\n") {
    throw new DataFormatError(`${path} is not a PNG file; save the image as PNG.`);
  }
  const width = bytes.readUInt32BE(16);
  const height = bytes.readUInt32BE(20);
  const depth = bytes.readUInt8(24);
  const interlaced = bytes.readUInt8(28) !== 0;
  if (width * height === 0 || width * height > MAX_PIXELS) {
    throw new DataFormatError(
      `${path} has ${width} x ${height} pixels, and 1 to ${MAX_PIXELS} pixels were expected; scale it down.`,
    );
  }
  if (interlaced && depth < 8) {
    throw new DataFormatError(
      `${path} is interlaced with ${depth} bits a pixel, which is not supported; save it without interlacing.`,
    );
  }
  return { width, height, depth, colourType: bytes.readUInt8(25), interlaced };
}

function toGray(png: DecodedPng, colourType: number): Uint8Array {
  const samples = unpackSamples(png);
  const lumaAndAlpha = colourType === PALETTE ? paletteReader(png, samples) : sampleReader(png, samples);
  return Uint8Array.from({ length: png.width * png.height }, (_, pixel) => {
    const [luma, alpha] = lumaAndAlpha(pixel);
    return Math.round(255 * (alpha * luma + (1 - alpha)));
  });
}

/** Luma and opacity of a pixel, both 0 to 1. */
type PixelReader = (pixel: number) => readonly [luma: number, alpha: number];

function paletteReader({ palette = [] }: DecodedPng, samples: Uint8Array | Uint16Array): PixelReader {
  const colours = palette.map(
    ([red = 0, green = 0, blue = 0, alpha = 255]) => [luma(red, green, blue) / 255, alpha / 255] as const,
  );
  return (pixel) => {
    const colour = colours[samples[pixel] ?? 0];
    if (colour === undefined) {
      throw new Error(`the palette has no colour ${samples[pixel]}`);
    }
    return colour;
  };
}

function sampleReader(png: DecodedPng, samples: Uint8Array | Uint16Array): PixelReader {
  const { channels, depth, transparency } = png;
  const white = 2 ** depth - 1;
  const hasColour = channels >= 3;
  const hasAlpha = channels % 2 === 0;
  return (pixel) => {
    const [first = 0, second = 0, third = 0, fourth = 0] = samples.subarray(
      pixel * channels,
      (pixel + 1) * channels,
    );
    const value = hasColour ? luma(first, second, third) : first;
    if (hasAlpha) {
      return [value / white, (hasColour ? fourth : second) / white];
    }
    // Without an alpha channel, one colour may be declared transparent (chunk tRNS).
    const transparent =
      transparency !== undefined &&
      transparency[0] === first &&
      (!hasColour || (transparency[1] === second && transparency[2] === third));
    return [value / white, transparent ? 0 : 1];
  };
}

function luma(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** One element for each sample: fewer than 8 bits come packed into bytes, each line starting with a new byte. */
function unpackSamples({ data, width, height, channels, depth }: DecodedPng): Uint8Array | Uint16Array {
  if (depth >= 8) {
    return data instanceof Uint16Array ? data : new Uint8Array(data);
  }
  const perLine = width * channels;
  const bytesPerLine = Math.ceil((perLine * depth) / 8);
  const mask = 2 ** depth - 1;
  return Uint8Array.from({ length: perLine * height }, (_, i) => {
    const bit = (i % perLine) * depth;
    const byte = data[Math.floor(i / perLine) * bytesPerLine + (bit >> 3)] ?? 0;
    return (byte >> (8 - depth - (bit & 7))) & mask;
  });
}
