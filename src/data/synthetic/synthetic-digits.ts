import { constants } from "node:buffer";
import { totalmem } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import { InvalidArgumentError } from "../../errors.js";
import { RandomState } from "../../random/random-state.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { createDataset, type ImageDataset } from "../dataset.js";
import { type DatasetParts, type DatasetSplit, splitDataset, testSize } from "../split-dataset.js";
import { bell, uniform } from "./chance.js";
import { bend, lean } from "./distortion.js";
import { trace } from "./pen-path.js";
import { draw, IMAGE_SIZE, type Pen } from "./rasteriser.js";
import { SKELETONS, type Skeleton } from "./strokes.js";

export interface SyntheticDigitsOptions {
  /** How many images, at least 1. */
  readonly count: number;
  /** Seed of the random numbers, an integer from 0 to 2^32 - 1. Default: 123, the chapter's. */
  readonly seed?: number;
}

const OPTIONS: KnownOptions<SyntheticDigitsOptions> = {
  count: true,
  seed: true,
};

export interface LoadSyntheticOptions {
  /** How many images in all three parts together, at least 133. Default: 70,000, as MNIST has. */
  readonly count?: number;
  /** Seed of the images and of their split, an integer from 0 to 2^32 - 1. Default: 123, the chapter's. */
  readonly seed?: number;
  /** `official`: the last images are the test set, as many as in the other split. Default: `chapter`. */
  readonly split?: DatasetSplit;
}

const LOAD_OPTIONS: KnownOptions<LoadSyntheticOptions> = { ...OPTIONS, split: true };

const CLASSES = SKELETONS.length;
const IMAGE_BYTES = IMAGE_SIZE * IMAGE_SIZE;
/** An image, its label and its row number. */
const BYTES_PER_EXAMPLE = IMAGE_BYTES + 1 + 4;
/** Below this, the validation part of the split has fewer rows than there are classes. */
const SMALLEST_SPLIT = 133;
/** Some five milliseconds of work. */
const IMAGES_PER_TURN = 100;

/**
 * Handwritten digits that no hand wrote, for machines that have no MNIST: images of 28 x 28 bytes, ink 255 on paper 0,
 * sized and centred like MNIST's. Each follows one of several ways to write its digit, with random faults of the hand,
 * elastic distortion, slant, proportions, pen and blur.
 *
 * An image depends on the seed and its row alone, so a larger set begins with the images of a smaller one. In rows 10 k to
 * 10 k + 9 each digit occurs once, in random order. The bytes are the same on every machine: they are computed with
 * + - * / and square roots only, which IEEE 754 defines to the last bit.
 *
 * @throws InvalidArgumentError when `count` is not an integer of at least 1 whose images fit in memory, or for a seed out
 *   of range.
 */
export function syntheticDigits(options: SyntheticDigitsOptions): ImageDataset {
  requireKnownOptions("syntheticDigits", options, OPTIONS, "{ count: 1000 }");
  const { count, seed = 123 } = options;
  checkCount(count, 1);
  const drawing = drawDigits(count, seed);
  for (;;) {
    const step = drawing.next();
    if (step.done) {
      return step.value;
    }
  }
}

/**
 * The images of {@link syntheticDigits}, split as `loadMnist` splits MNIST: of n images, round(n / 7) are for the test, and of
 * the rest one in twelve, rounded, is for validation. Of 70,000 that is 10,000 and 5,000, and 55,000 are left for training.
 * Either split draws by class in equal shares.
 *
 * Drawing them takes seconds; other work of the process goes on meanwhile.
 *
 * @throws InvalidArgumentError when `count` is not an integer of at least 133 whose images fit in memory, or for a seed out
 *   of range.
 */
export async function loadSynthetic(options: LoadSyntheticOptions = {}): Promise<DatasetParts<ImageDataset>> {
  requireKnownOptions("loadSynthetic", options, LOAD_OPTIONS, "{ count: 7000 }");
  const { count = 70_000, seed = 123, split = "chapter" } = options;
  checkCount(count, SMALLEST_SPLIT);
  const drawing = drawDigits(count, seed);
  let step = drawing.next();
  while (!step.done) {
    await nextTurn();
    step = drawing.next();
  }
  const digits = step.value;
  return splitDataset(digits, { split, seed, trainCount: count - testSize(count) });
}

function checkCount(count: number, smallest: number): void {
  const largest = Math.floor(Math.min(constants.MAX_LENGTH, totalmem()) / BYTES_PER_EXAMPLE);
  if (!Number.isInteger(count) || count < smallest || count > largest) {
    throw new InvalidArgumentError(
      `Expected a whole number from ${smallest} to ${largest}, what fits in memory, for count but received ${count}.`,
    );
  }
}

/** Draws all images, and pauses now and then for whoever wants to do something else. */
function* drawDigits(count: number, seed: number): Generator<void, ImageDataset> {
  const random = new RandomState(seed);
  const images = new Uint8Array(count * IMAGE_BYTES);
  const labels = new Uint8Array(count);
  const digits = Uint8Array.from({ length: CLASSES }, (_, digit) => digit);
  for (let row = 0; row < count; row++) {
    if (row % CLASSES === 0) {
      random.shuffle(digits);
    }
    const digit = digits[row % CLASSES] as number;
    labels[row] = digit;
    drawDigit(digit, random, images.subarray(row * IMAGE_BYTES, (row + 1) * IMAGE_BYTES));
    if ((row + 1) % IMAGES_PER_TURN === 0) {
      yield;
    }
  }
  return createDataset({ images, labels, imageShape: [IMAGE_SIZE, IMAGE_SIZE], classes: CLASSES });
}

/** The range of sloppiness is such that the chapter's network finds these digits about as hard as MNIST's. */
function drawDigit(digit: number, random: RandomState, image: Uint8Array): void {
  const skeletons = SKELETONS[digit] as readonly Skeleton[];
  const skeleton = skeletons[random.randint(0, skeletons.length)] as Skeleton;
  const sloppiness = uniform(random, 0.5, 1.6);
  const path = trace(skeleton, sloppiness, random);
  bend(path.points, sloppiness, random);
  lean(path.points, random);
  draw(path, choosePen(random), image);
}

/** Lines as wide as MNIST's, about three pixels. */
function choosePen(random: RandomState): Pen {
  return { radius: Math.max(0.65, 1.45 + 0.33 * bell(random)), blur: uniform(random, 0.9, 1.5) };
}
