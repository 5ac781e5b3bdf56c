import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Compiles src/ to dist/ once before the tests, unless dist/ is newer. The addon is left as it is. */
export function setup(): void {
  if (newest("src") < newest("dist")) return;
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0)
    throw new Error(`The sources do not compile, so the command line cannot be tested:\n${stdout}`);
}

/** When the last change was made below a folder, in milliseconds; 0 where there is no such folder. */
function newest(folder: string): number {
  const path = join(root, folder);
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return 0;
  const entries = readdirSync(path, { recursive: true, encoding: "utf8" });
  return Math.max(0, ...entries.map((entry) => statSync(join(path, entry)).mtimeMs));
}
