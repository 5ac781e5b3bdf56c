// Builds the package in a clone: TypeScript to dist/, and the addon to build/Release/. A failing compiler leaves the TypeScript
// fallback and one clear line. `--require-addon` makes that an error, for continuous integration.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

buildTypeScript();
await buildAddon();

function buildTypeScript() {
  rmSync(join(root, "dist"), { recursive: true, force: true });
  const require = createRequire(import.meta.url);
  const tsc = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
  const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(1);
}

async function buildAddon() {
  const { compileAddon } = await import("../dist/cli/installation/node-gyp.js");
  try {
    compileAddon(root);
  } catch (error) {
    console.error(`mnist-native: ${error.message} Until then the slower TypeScript backend is used.`);
    if (process.argv.includes("--require-addon")) process.exit(1);
  }
}
