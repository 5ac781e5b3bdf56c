import { InvalidArgumentError } from "../../errors.js";

/**
 * The byte for a pixel given as a fraction: 255 times it, rounded, so that bytes divided by 255 come back exactly and other
 * values change by at most 1 / 510.
 *
 * @param value 0 to 1.
 * @returns `undefined` for a value out of range, or NaN.
 */
export function byteOfFraction(value: number): number | undefined {
  return value >= 0 && value <= 1 ? Math.round(255 * value) : undefined;
}

/** The byte for a pixel given as a whole number; `undefined` where there is none. */
export function byteOfInteger(value: number): number | undefined {
  return Number.isInteger(value) && value >= 0 && value <= 255 ? value : undefined;
}

/**
 * Height and width of images of which only the number of pixels is known.
 *
 * @param given What the caller says. Default: the images are square.
 * @param source Where the images come from, for the message.
 * @throws InvalidArgumentError when the shape does not have so many pixels, or none is given and no square has.
 */
export function shapeOfPixels(
  pixels: number,
  given: readonly [height: number, width: number] | undefined,
  source: string,
): readonly [height: number, width: number] {
  const side = Math.round(Math.sqrt(pixels));
  const [height, width] = given ?? [side, side];
  if (!Number.isInteger(height) || !Number.isInteger(width) || height < 1 || height * width !== pixels) {
    throw new InvalidArgumentError(
      `${source} has images of ${pixels} pixels, and ${given === undefined ? "these fill no square" : `${height} x ${width} were expected`}; give their height and width by imageShape (on the command line --image-shape, such as 20x30).`,
    );
  }
  return [height, width];
}
