import { getJson } from "../api.js";
import { type Latest, useLatest } from "./use-latest.js";

/**
 * Asks for JSON, and again when `version` has changed, as {@link useLatest} does.
 *
 * @param path `null` for nothing.
 */
export function useFetched<T>(path: string | null, version: unknown = 0): Latest<T> {
  return useLatest<T>(path, version, getJson);
}
