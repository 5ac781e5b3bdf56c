import type { AugmentOptions } from "../../data/augmentation/augmenter.js";
import { parseAugmentation } from "../../data/augmentation/notation.js";
import { InvalidArgumentError } from "../../errors.js";
import { UsageError } from "../process.js";

export const augmentOption = {
  requiresArg: true,
  defaultDescription: "images as they are",
  describe:
    "Distort training images at random, anew in every epoch, by up to shift=2 pixels, rotate=10 degrees, scale=0.1 of their size, elastic=3 pixels with elastic-smoothness=4; any of these, separated by commas",
} as const;

/** Reads {@link augmentOption}; `undefined` where it was not given. */
export function readAugment(given: unknown): AugmentOptions | undefined {
  if (given === undefined) return undefined;
  try {
    return parseAugmentation(String(given));
  } catch (error) {
    throw error instanceof InvalidArgumentError
      ? new UsageError(error.message.replace(/\baugment\b/, "--augment"))
      : error;
  }
}
