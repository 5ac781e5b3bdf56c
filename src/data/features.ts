import type { FloatArray } from "../backend/backend.js";

/** Bytes, as pixels are: they stay bytes in memory, and are scaled on their way into the network. */
export interface ByteFormat {
  readonly kind: "bytes";
  /** How many there are of each example: the inputs of a network for it. */
  readonly width: number;
  /** A byte becomes byte * scale + offset. */
  readonly scale: number;
  readonly offset: number;
  readonly imageShape: readonly [height: number, width: number];
}

/** Real numbers, of any sign and scale, as the columns of a table are. */
export interface FloatFormat {
  readonly kind: "floats";
  /** How many there are of each example: the inputs of a network for it. */
  readonly width: number;
  /** What each number of an example is called, [width], where they have names. */
  readonly names?: readonly string[];
}

/** What the numbers of an example are, without the numbers. */
export type FeatureFormat = ByteFormat | FloatFormat;

/** The bytes of all examples. */
export interface ByteFeatures extends ByteFormat {
  /** [n_examples, width], 0 to 255. */
  readonly data: Uint8Array;
}

/** The real numbers of all examples. */
export interface FloatFeatures extends FloatFormat {
  /** [n_examples, width], finite numbers. */
  readonly data: FloatArray;
}

/** The numbers of all examples. */
export type Features = ByteFeatures | FloatFeatures;

/** Pixels become x * 2 / 255 - 1, from -1 to 1: the chapter's ((x / 255) - 0.5) * 2. */
const PIXEL_SCALE = 2 / 255;
const PIXEL_OFFSET = -1;

/** Gray images of a shape. */
export function imageFormat(imageShape: readonly [height: number, width: number]): ByteFormat {
  const [height, width] = imageShape;
  return { kind: "bytes", width: height * width, scale: PIXEL_SCALE, offset: PIXEL_OFFSET, imageShape };
}
