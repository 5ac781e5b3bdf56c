import { realpathSync } from "node:fs";
import { resolve } from "node:path";

/** Whether two paths are one file, by whatever name. */
export function isSameFile(path: string, other: string): boolean {
  return realPath(path) === realPath(other);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path); // There is none yet, or it cannot be looked at, which whoever opens it says.
  }
}
