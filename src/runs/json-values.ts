import { DataFormatError } from "../errors.js";

// How the files of a run are read: JSON that `train` wrote, checked before anybody relies on it.

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads a JSON object.
 *
 * @param place Where the text stands, for the message.
 * @throws DataFormatError when it is something else.
 */
export function parseObject(text: string, place: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DataFormatError(`${place} is not JSON, as train writes it; train again.`, { cause });
  }
  if (!isObject(value)) {
    throw new DataFormatError(`${place} is not the JSON object that train writes; name a run of train.`);
  }
  return value;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON has no NaN: `null` stands for it. */
export function numberOrNaN(value: unknown, place: string, name: string): number {
  if (value === null) return Number.NaN;
  if (!isNumber(value)) throw notOfARun(place, name);
  return value;
}

export function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

export function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

export function notOfARun(place: string, name: string): DataFormatError {
  return new DataFormatError(
    `${place} was not written by train: it has no ${name} as train writes it; name a run of train.`,
  );
}
