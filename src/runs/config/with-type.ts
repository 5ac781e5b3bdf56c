import { isObject, type JsonObject } from "../json-values.js";

/** A setting that is an object with a `type`, or for short that type alone, as an object; `undefined` of anything else. */
export function withType(value: unknown): JsonObject | undefined {
  return typeof value === "string" ? { type: value } : isObject(value) ? value : undefined;
}
