import { InvalidArgumentError, ShapeError } from "../../errors.js";
import { expectThat } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { mapAffine } from "./affine-map.js";
import { createDraws, drawUniform } from "./draws.js";
import { createElasticField } from "./elastic-field.js";
import { createCoordinates, createFramed, frame, readAt } from "./warp.js";

/** How far images are distorted. Each image is drawn its own distortion, uniformly within these bounds. */
export interface AugmentOptions {
  /** The farthest shift to each side, and up and down, in pixels: a real number from 0 to the image's longer side. Default: 0. */
  readonly shift?: number | undefined;
  /** The farthest rotation in either direction, in degrees, 0 to 180. Default: 0. */
  readonly rotate?: number | undefined;
  /** By how much of itself an image is made larger or smaller at the most, 0 to 0.9: 0.1 is 0.9 to 1.1 times as large. Default: 0. */
  readonly scale?: number | undefined;
  /**
   * The farthest that elastic distortion moves a pixel along an axis, in pixels, 0 to the image's longer side; most move less than a
   * third of it. Default: 0.
   */
  readonly elastic?: number | undefined;
  /**
   * Standard deviation of the Gaussian that smooths elastic distortion, in pixels, from 0.5 to the image's longer side or 4: the larger,
   * the more do parts of an image move together. Default: 4.
   */
  readonly elasticSmoothness?: number | undefined;
  /** Seed of the distortions, an integer from 0 to 2^32 - 1. Default: 123. */
  readonly seed?: number | undefined;
}

const OPTIONS: KnownOptions<AugmentOptions> = {
  shift: true,
  rotate: true,
  scale: true,
  elastic: true,
  elasticSmoothness: true,
  seed: true,
};

/** What the distortions of a call depend on, beside the seed. */
export interface AugmentTime {
  /** An integer from 0 to 2^32 - 1: in each epoch an image is distorted in another way. Default: 0. */
  readonly epoch?: number | undefined;
  /**
   * For images that are a part of others: the number of each among these, [n_images], on which its distortion depends in place of its
   * row. Default: its row.
   */
  readonly numbers?: Int32Array | undefined;
}

const TIME: KnownOptions<AugmentTime> = { epoch: true, numbers: true };

/** Distorts images of a shape. It holds memory for one image at a time. */
export interface Augmenter {
  /** Whether images stay as they are, because nothing was asked for. */
  readonly isIdentity: boolean;
  /**
   * Writes distorted copies of images. What becomes of one depends on the seed, the epoch and its number, and on nothing else.
   *
   * @param images [n_images, height * width], 0 to 255, where 0 is background. They are only read.
   * @param rows Which ones, [n_examples].
   * @param out [at least n_examples, height * width], overwritten. It must not share memory with `images`.
   * @throws ShapeError when sizes do not fit together; InvalidArgumentError when there is no such row, or another argument is wrong.
   */
  augment(images: Uint8Array, rows: Int32Array, out: Uint8Array, time?: AugmentTime): void;
}

/** What draws are for: those for the affine map and for the elastic field have nothing to do with each other. */
const FOR_AFFINE_MAP = 0;
const FOR_ELASTIC_FIELD = 1;

/**
 * What distorts images as other hands or other cameras would have: by a shift, a rotation and a scaling, and by an elastic
 * displacement field. `fit(network, train, { augment: { shift: 2, rotate: 10 } })` does so with each minibatch.
 *
 * Draws are those of a counter-based generator for the seed, the epoch and the image's number, so that it does not matter how the
 * images are divided into calls. Pixels are interpolated bilinearly and rounded; what lies outside of an image is 0.
 *
 * @throws InvalidArgumentError when there is no such option, or when one is out of range.
 */
export function createAugmenter(
  options: AugmentOptions,
  imageShape: readonly [height: number, width: number],
): Augmenter {
  checkAugmentOptions(options, imageShape);
  const [height, width] = imageShape;
  const { shift = 0, rotate = 0, scale = 0, elastic = 0, elasticSmoothness = 4, seed = 123 } = options;
  const pixels = height * width;
  const isIdentity = [shift, rotate, scale, elastic].every((bound) => bound === 0);
  const places = createCoordinates(width, height);
  const framed = createFramed(places);
  const field = elastic === 0 ? null : createElasticField(imageShape, elastic, elasticSmoothness);
  const affine = createDraws(4);
  const movement = { right: 0, down: 0, angle: 0, size: 1 };
  const noise = createDraws(field?.draws ?? 0);

  const drawn = (i: number) => affine[i] as number; // Called with 0 to 3.

  function mapImage(number: number, epoch: number): void {
    drawUniform(seed, number, epoch, FOR_AFFINE_MAP, affine);
    movement.right = shift * drawn(0);
    movement.down = shift * drawn(1);
    movement.angle = rotate * drawn(2);
    movement.size = 1 + scale * drawn(3);
    mapAffine(movement, places);
    if (field === null) return;
    drawUniform(seed, number, epoch, FOR_ELASTIC_FIELD, noise);
    field.displace(places, noise);
  }

  return {
    isIdentity,
    augment(images, rows, out, time = {}) {
      requireKnownOptions("augment", time, TIME, "{ epoch: 1 }");
      const { epoch = 0, numbers } = time;
      checkArrays(images, rows, out, pixels);
      expectWord("epoch", epoch);
      checkNumbers(numbers, images.length / pixels);
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i] as number; // i is below rows.length.
        if (isIdentity) {
          copyImage(images, row * pixels, out, i * pixels, pixels);
          continue;
        }
        mapImage(numbers?.[row] ?? row, epoch);
        frame(images, row, places, framed);
        readAt(framed, places, out, i * pixels);
      }
    },
  };
}

/**
 * Checks what {@link createAugmenter} is given.
 *
 * @throws InvalidArgumentError as that does.
 */
export function checkAugmentOptions(
  options: AugmentOptions,
  imageShape: readonly [height: number, width: number],
): void {
  requireKnownOptions("createAugmenter", options, OPTIONS, "{ shift: 2, rotate: 10 }");
  const isShape =
    Array.isArray(imageShape) &&
    imageShape.length === 2 &&
    imageShape.every((side) => Number.isInteger(side) && side >= 1);
  expectThat(isShape, "the height and width of an image, such as [28, 28],", "imageShape", imageShape);
  const [height, width] = imageShape;
  const { shift = 0, rotate = 0, scale = 0, elastic = 0, elasticSmoothness = 4, seed = 123 } = options;
  const side = Math.max(height, width);
  expectFromTo("shift", shift, 0, side);
  expectFromTo("rotate", rotate, 0, 180);
  expectFromTo("scale", scale, 0, 0.9);
  expectFromTo("elastic", elastic, 0, side);
  expectFromTo("elasticSmoothness", elasticSmoothness, 0.5, Math.max(side, 4));
  expectWord("seed", seed);
}

function copyImage(from: Uint8Array, start: number, to: Uint8Array, offset: number, pixels: number): void {
  for (let i = 0; i < pixels; i++) to[offset + i] = from[start + i] as number; // The row is one of the images'.
}

function expectFromTo(name: string, value: unknown, least: number, most: number): void {
  const isSo = typeof value === "number" && value >= least && value <= most;
  expectThat(isSo, `a number from ${least} to ${most}`, name, value);
}

function expectWord(name: string, value: unknown): void {
  const isSo = Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
  expectThat(isSo, `an integer from 0 to ${2 ** 32 - 1}`, name, value);
}

function checkArrays(images: Uint8Array, rows: Int32Array, out: Uint8Array, pixels: number): void {
  expectThat(images instanceof Uint8Array, "a Uint8Array", "images", images);
  expectThat(rows instanceof Int32Array, "an Int32Array", "rows", rows);
  expectThat(out instanceof Uint8Array, "a Uint8Array", "out", out);
  const count = images.length / pixels;
  if (!Number.isInteger(count)) {
    throw new ShapeError(`Expected images of ${pixels} bytes each but received ${images.length} bytes.`);
  }
  if (out.length < rows.length * pixels) {
    throw new ShapeError(
      `Expected at least ${rows.length * pixels} bytes of out but received ${out.length}.`,
    );
  }
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (row < 0 || row >= count) {
      throw new InvalidArgumentError(`Expected row numbers from 0 to ${count - 1} but received ${row}.`);
    }
  }
  const overlap =
    images.buffer === out.buffer &&
    images.byteOffset < out.byteOffset + out.byteLength &&
    out.byteOffset < images.byteOffset + images.byteLength;
  if (overlap)
    throw new InvalidArgumentError("Expected memory of its own for out but received that of images.");
}

function checkNumbers(numbers: Int32Array | undefined, count: number): void {
  if (numbers === undefined) return;
  expectThat(numbers instanceof Int32Array, "an Int32Array", "numbers", numbers);
  if (numbers.length !== count) {
    throw new ShapeError(`Expected numbers of ${count} images but received ${numbers.length}.`);
  }
}
