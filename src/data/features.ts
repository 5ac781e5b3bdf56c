/** What the numbers of an example are, without the numbers. */
export interface FeatureFormat {
  /** Bytes, as pixels are: they stay bytes in memory, and are scaled on their way into the network. */
  readonly kind: "bytes";
  /** How many there are of each example: the inputs of a network for it. */
  readonly width: number;
  /** A byte becomes byte * scale + offset. */
  readonly scale: number;
  readonly offset: number;
  readonly imageShape: readonly [height: number, width: number];
}

/** The numbers of all examples. */
export interface Features extends FeatureFormat {
  /** [n_examples, width], 0 to 255. */
  readonly data: Uint8Array;
}

/** Pixels become x * 2 / 255 - 1, from -1 to 1: the chapter's ((x / 255) - 0.5) * 2. */
const PIXEL_SCALE = 2 / 255;
const PIXEL_OFFSET = -1;

/** Gray images of a shape. */
export function imageFormat(imageShape: readonly [height: number, width: number]): FeatureFormat {
  const [height, width] = imageShape;
  return { kind: "bytes", width: height * width, scale: PIXEL_SCALE, offset: PIXEL_OFFSET, imageShape };
}
