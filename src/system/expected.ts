import { InvalidArgumentError } from "../errors.js";
import { kindOf } from "./known-options.js";

// What a program in JavaScript may pass where its type would not have let it. For use once a call, not in the loop over minibatches.

/**
 * @param expected What the value should be, for the message: `a function`.
 * @throws InvalidArgumentError unless `isSo`.
 */
export function expectThat(isSo: boolean, expected: string, name: string, value: unknown): void {
  if (!isSo) {
    throw new InvalidArgumentError(`Expected ${expected} for ${name} but received ${show(value)}.`);
  }
}

export function expectWholeNumber(name: string, value: unknown): void {
  expectThat(Number.isInteger(value) && (value as number) >= 1, "a whole number of at least 1", name, value);
}

export function expectBoolean(name: string, value: unknown): void {
  expectThat(typeof value === "boolean", "true or false", name, value);
}

export function expectFunction(name: string, value: unknown): void {
  expectThat(typeof value === "function", "a function", name, value);
}

/** Whether a value is an object with these functions: it may come from another copy of the package, or be somebody's own. */
export function hasFunctions(value: unknown, ...names: readonly string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  return names.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === "function");
}

/** A value in a message: a number as it is, a text in quotes, and of anything larger its kind. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return typeof value === "number" || typeof value === "boolean" ? String(value) : kindOf(value);
}
