import { InvalidArgumentError } from "../../errors.js";
import { isOptions, nearestName } from "../../system/known-options.js";
import type { AugmentOptions } from "./augmenter.js";

/** Options of an augmenter but for the seed, by the names that they have on the command line. */
const NAMES = {
  shift: "shift",
  rotate: "rotate",
  scale: "scale",
  elastic: "elastic",
  "elastic-smoothness": "elasticSmoothness",
} as const satisfies Readonly<Record<string, keyof AugmentOptions>>;

type Name = keyof typeof NAMES;

/**
 * Reads a distortion in one word, as the command line has it: `shift=2,rotate=10`.
 *
 * @throws InvalidArgumentError when it is something else. Whether its numbers are in range is not looked at.
 */
export function parseAugmentation(text: string): AugmentOptions {
  const options: Record<string, number> = {};
  for (const part of text.split(",")) {
    const [name = "", number = "", ...rest] = part.split("=").map((word) => word.trim());
    const value = number === "" ? Number.NaN : Number(number);
    if (rest.length > 0 || !Number.isFinite(value)) {
      throw new InvalidArgumentError(
        `Expected names with numbers, such as shift=2,rotate=10, for augment but received ${JSON.stringify(part)}.`,
      );
    }
    if (!isName(name)) throw unknownName(name);
    if (options[NAMES[name]] !== undefined) {
      throw new InvalidArgumentError(`Expected ${name} once for augment but received it twice.`);
    }
    options[NAMES[name]] = value;
  }
  return options;
}

/** What {@link parseAugmentation} reads; `null` for a value that has no part of a distortion. */
export function formatAugmentation(options: unknown): string | null {
  if (!isOptions(options)) return null;
  const parts = Object.entries(NAMES).flatMap(([name, option]) => {
    const value = (options as AugmentOptions)[option];
    return typeof value === "number" ? [`${name}=${value}`] : [];
  });
  return parts.length === 0 ? null : parts.join(",");
}

function isName(name: string): name is Name {
  return Object.hasOwn(NAMES, name);
}

function unknownName(name: string): InvalidArgumentError {
  const names = Object.keys(NAMES);
  const nearest = nearestName(name, names);
  const remedy = nearest === undefined ? `they are ${names.join(", ")}.` : `did you mean ${nearest}?`;
  return new InvalidArgumentError(`augment: there is no distortion ${JSON.stringify(name)}; ${remedy}`);
}
