import { mkdtempSync } from "node:fs";
import { join } from "node:path";

/** A new folder in `parent`, and where to look for data so that nothing of this machine is found, but what a test puts there. */
export function isolatedPlaces(parent: string) {
  const root = mkdtempSync(join(parent, "places-"));
  const at = (...path: string[]) => join(root, ...path);
  const places = {
    env: {},
    home: root,
    cwd: root,
    cacheDirectory: at("cache"),
    systemDirectory: at("system"),
  };
  return { root, at, places };
}
