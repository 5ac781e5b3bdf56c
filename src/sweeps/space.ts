import { createHash } from "node:crypto";
import { philox } from "../random/philox.js";
import type { Settings, SettingValue } from "./trial.js";

/** What a setting may be: each of some values, or one drawn at random, which needs random search. */
export type Parameter<Value extends SettingValue = SettingValue> =
  | { readonly values: readonly Value[] }
  | { readonly distribution: "choice"; readonly values: readonly Value[] }
  | { readonly distribution: "uniform" | "logUniform"; readonly min: number; readonly max: number }
  | { readonly distribution: "integer"; readonly min: number; readonly max: number };

/** What varies, each by its name; of a training, by the path of the setting. */
export type Space = Readonly<Record<string, Parameter>>;

/** What a draw is for: another seed, combination or name gives another number, and nothing else does. */
export interface DrawOptions {
  /** From 0 to 2^32 - 1. */
  readonly seed: number;
  /** Which combination of settings, from 0. */
  readonly combination: number;
}

/** How many combinations there are of parameters that have values alone; infinitely many where one has a range. */
export function countCombinations(space: Space): number {
  return Object.values(space).reduce(
    (product, parameter) =>
      product * ("values" in parameter ? parameter.values.length : Number.POSITIVE_INFINITY),
    1,
  );
}

/**
 * A combination of a grid: the last parameter changes with each, the first one most rarely.
 *
 * @param index From 0, below {@link countCombinations}.
 */
export function combinationOfGrid(space: Space, index: number): Settings {
  const entries: [string, SettingValue][] = [];
  let rest = index;
  for (const [name, parameter] of Object.entries(space).reverse()) {
    const values = "values" in parameter ? parameter.values : [];
    entries.unshift([name, values[rest % values.length] as SettingValue]); // The schema refuses a list of none.
    rest = Math.floor(rest / values.length);
  }
  return Object.fromEntries(entries);
}

/**
 * A combination of random search. Each number is drawn by a generator without state, from the seed, the number of the combination and the
 * name: so that a combination stays as it is where there come to be more of them, or more parameters, or these in another order.
 */
export function drawCombination(space: Space, options: DrawOptions): Settings {
  return Object.fromEntries(
    Object.entries(space).map(([name, parameter]) => [name, draw(parameter, name, options)]),
  );
}

function draw(parameter: Parameter, name: string, options: DrawOptions): SettingValue {
  const [high, low] = words(name, options);
  if ("values" in parameter) {
    const { values } = parameter;
    return values[Math.floor(share(high, low) * values.length)] as SettingValue; // The share is below 1.
  }
  const { distribution, min, max } = parameter;
  switch (distribution) {
    case "uniform":
      return clamp(min + (max - min) * share(high, low), min, max);
    case "logUniform":
      return clamp(logUniform(high, low, min, max), min, max);
    case "integer":
      return min + Math.floor(share(high, low) * (max - min + 1));
  }
}

/** Two words of 32 random bits: Philox, whose key is the seed and whose counter the combination and the name's SHA-256. */
function words(name: string, { seed, combination }: DrawOptions): readonly [high: number, low: number] {
  const digest = createHash("sha256").update(name).digest();
  const out = new Uint32Array(4);
  philox(seed, 0, combination, 0, digest.readUInt32LE(0), digest.readUInt32LE(4), out);
  return [out[0] as number, out[1] as number];
}

/** A multiple of 2^-53 from [0, 1), as NumPy makes it of two words. */
function share(high: number, low: number): number {
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
}

/**
 * min (max / min)^u, with u of 53 bits: the product of the roots of max / min that u's bits choose, the square root for the first. Square
 * roots and products are rounded alike everywhere, as IEEE 754 asks, where `Math.exp` and `Math.log` may differ in the last bit.
 */
function logUniform(high: number, low: number, min: number, max: number): number {
  let value = min;
  let root = Math.sqrt(max) / Math.sqrt(min); // max / min may be too large for a number.
  for (let i = 0; i < 53; i++) {
    const bit = i < 27 ? (high >>> (31 - i)) & 1 : (low >>> (31 - (i - 27))) & 1;
    if (bit === 1) value *= root;
    root = Math.sqrt(root);
  }
  return value;
}

/** Rounding may lead just out of the range. */
function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
