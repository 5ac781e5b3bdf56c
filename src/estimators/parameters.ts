import { InvalidArgumentError } from "../errors.js";
import { expectThat } from "../system/expected.js";
import { isOptions, requireKnownOptions } from "../system/known-options.js";

/** What a parameter of an estimator may be. */
export interface Rule {
  readonly standard: unknown;
  /** For a message: `a finite number above 0`. */
  readonly expected: string;
  readonly isAllowed: (value: unknown) => boolean;
}

/** For every parameter of an estimator what it may be. */
export type Rules<All> = { readonly [Name in keyof All]-?: Rule };

export function rule(standard: unknown, expected: string, isAllowed: Rule["isAllowed"]): Rule {
  return { standard, expected, isAllowed };
}

export const flag = (standard: boolean): Rule =>
  rule(standard, "true or false", (value) => typeof value === "boolean");

export const wholeNumber = (standard: number): Rule =>
  rule(standard, "a whole number of at least 1", isWhole);

export const above = (standard: number, least: number): Rule =>
  rule(standard, `a finite number above ${least}`, (value) => isReal(value) && value > least);

export const atLeastZero = (standard: number): Rule =>
  rule(standard, "a finite number of at least 0", (value) => isReal(value) && value >= 0);

/** From 0 to below 1. */
export const fraction = (standard: number): Rule => rule(standard, "a number from 0 to below 1", isFraction);

export const oneOf = (names: readonly string[]): Rule =>
  rule(names[0], `one of ${names.join(", ")}`, (value) => names.includes(value as string));

export function isWhole(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1;
}

export function isFraction(value: unknown): value is number {
  return isReal(value) && value >= 0 && value < 1;
}

function isReal(value: unknown): value is number {
  return Number.isFinite(value);
}

/**
 * The parameters of an estimator: those given, the others as they were, or by their defaults.
 *
 * @param call The estimator, for messages.
 * @param before What they were. Default: the defaults.
 * @throws InvalidArgumentError when there is no such parameter, or a value is out of range.
 */
export function readParameters<All extends object>(
  call: string,
  given: Partial<All>,
  rules: Rules<All>,
  before?: All,
): All {
  const all = rules as Readonly<Record<string, Rule>>;
  const known = Object.fromEntries(Object.keys(all).map((name) => [name, true as const]));
  requireKnownOptions(call, given, known, "{ randomState: 1 }");
  const values = given as Readonly<Record<string, unknown>>;
  const old = before as Readonly<Record<string, unknown>> | undefined;
  const read = Object.entries(all).map(([name, { standard, expected, isAllowed }]) => {
    const value = values[name];
    if (value !== undefined) expectThat(isAllowed(value), expected, `${name} of ${call}`, value);
    return [name, ownValue(value !== undefined ? value : old === undefined ? standard : old[name])] as const;
  });
  return Object.fromEntries(read) as All;
}

/** Lists and tables of numbers are kept as they were checked, whatever becomes of the caller's. */
function ownValue(value: unknown): unknown {
  if (Object.isFrozen(value)) return value;
  if (Array.isArray(value)) return Object.freeze([...value]);
  if (value instanceof Map) return new Map(value);
  const isTable = isOptions(value) && Object.values(value).every((number) => typeof number === "number");
  return isTable && Object.getPrototypeOf(value) === Object.prototype ? Object.freeze({ ...value }) : value;
}

/** What stands in a file for a parameter that none can hold. */
const UNSAVED = { $mnistNative: "not saved" };

/** Parameters as a text in JSON. What is no plain value, such as a schedule, is left out, and {@link parseParameters} knows it. */
export function formatParameters(parameters: object): string {
  return JSON.stringify(parameters, (_, value: unknown) => {
    if (value === Number.POSITIVE_INFINITY) return { $number: "Infinity" };
    if (value instanceof Map) return { $map: [...value] };
    const isPlain =
      typeof value !== "object" ||
      value === null ||
      Array.isArray(value) ||
      Object.getPrototypeOf(value) === Object.prototype;
    return typeof value === "function" || !isPlain ? UNSAVED : value;
  });
}

/**
 * The parameters that {@link formatParameters} wrote, unchecked.
 *
 * @param replaced For each that could not be written, what takes its place.
 */
export function parseParameters(
  text: string,
  replaced: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(text, (name, value: unknown) => {
    if (typeof value !== "object" || value === null) return value;
    if ("$number" in value) return Number.POSITIVE_INFINITY;
    if ("$map" in value && Array.isArray(value.$map)) return new Map(value.$map as [unknown, unknown][]);
    return "$mnistNative" in value ? replaced[name] : value;
  });
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new InvalidArgumentError("Expected the parameters of an estimator, by their names.");
  }
  return parsed as Readonly<Record<string, unknown>>;
}
