import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const build = fileURLToPath(new URL("../../scripts/build.mjs", import.meta.url));

/** Compiles src/ to dist/ once before the tests, unless dist/ is newer. The addon is left as it is. */
export function setup(): void {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [build, "--if-older", "--only", "typescript"],
    { encoding: "utf8" },
  );
  if (status !== 0)
    throw new Error(`The sources do not compile, so they cannot be tested:\n${stdout}${stderr}`);
}
