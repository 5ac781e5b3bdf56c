import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "./package-root.js";

/** The version in this package's package.json; "unknown" in a bundle that has it not beside it. Read at each call. */
export function packageVersion(): string {
  const root = packageRoot();
  if (root === null) return "unknown";
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return String((manifest as { readonly version: string }).version);
}
