import type { FloatArray } from "../backend/backend.js";
import { InvalidArgumentError } from "../errors.js";
import { show } from "../system/expected.js";
import { isOptions } from "../system/known-options.js";
import type { SavedState } from "./callback.js";

/** Values that a callback has saved under their names. */
export interface SavedFields {
  number(name: string): number;
  /** `undefined` where `null` was saved. */
  numberOrNone(name: string): number | undefined;
  /** Arrays under their own names; `undefined` where `null` was saved. */
  arraysOrNone(name: string): ReadonlyMap<string, FloatArray> | undefined;
}

/**
 * Reads an object that `save` of a callback returned. A checkpoint may come from another version, or from other callbacks.
 *
 * @throws InvalidArgumentError when it is none; so do the functions for a value that is missing or of another kind.
 */
export function readSaved(callback: string, saved: SavedState): SavedFields {
  if (!isOptions(saved)) throw foreign(callback, "an object", saved);
  const fields = new Map<string, SavedState>(Object.entries(saved));
  const orNone = <T>(name: string, read: (name: string) => T) =>
    fields.get(name) === null ? undefined : read(name);
  const number = (name: string) => {
    const value = fields.get(name);
    if (typeof value !== "number") throw foreign(callback, `a number for ${name}`, value);
    return value;
  };
  const arrays = (name: string) => {
    const value = fields.get(name);
    if (!isOptions(value)) throw foreign(callback, `arrays for ${name}`, value);
    return new Map(Object.entries(value).map(([key, array]) => [key, floats(callback, key, array)]));
  };
  return {
    number,
    numberOrNone: (name) => orNone(name, number),
    arraysOrNone: (name) => orNone(name, arrays),
  };
}

function floats(callback: string, name: string, value: unknown): FloatArray {
  if (value instanceof Float32Array || value instanceof Float64Array) return value;
  throw foreign(callback, `an array of floats for ${name}`, value);
}

function foreign(callback: string, expected: string, received: unknown): InvalidArgumentError {
  return new InvalidArgumentError(
    `Expected what ${callback} has saved, with ${expected}, but received ${show(received)}; resume with the callbacks that the training was begun with.`,
  );
}
