// Builds the package in a clone: TypeScript to dist/, and the addon to build/Release/. A failing compiler leaves the TypeScript
// fallback and one clear line. `--require-addon` makes that an error, for continuous integration.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);
const log = join(root, "build-addon.log");

buildTypeScript();
buildAddon();

function buildTypeScript() {
  rmSync(join(root, "dist"), { recursive: true, force: true });
  const tsc = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
  const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(1);
}

function buildAddon() {
  const nodeGyp = require.resolve("node-gyp/bin/node-gyp.js");
  const args = [nodeGyp, "rebuild", `--jobs=max`, ...headers()];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  if (status === 0) {
    rmSync(log, { force: true });
    return;
  }
  writeFileSync(log, `${stdout}\n${stderr}`);
  console.error(
    `mnist-native: the native addon could not be built, so the slower TypeScript backend will be used (${reasonIn(stderr)}). It needs a C++ compiler, make and python3; the whole log is in build-addon.log.`,
  );
  if (process.argv.includes("--require-addon")) process.exit(1);
}

/** Node.js headers that are already on this machine, so that node-gyp need not download them. */
function headers() {
  const prefix = join(dirname(process.execPath), "..");
  return existsSync(join(prefix, "include", "node", "node_api.h")) ? [`--nodedir=${prefix}`] : [];
}

/** The first line of node-gyp's log that names the fault. */
function reasonIn(text) {
  const lines = text.split("\n").map((line) => line.replace(/^gyp ERR! /, ""));
  const fault = /not found|could not find|fatal error|: error:|^stack Error/i;
  return (lines.find((line) => fault.test(line)) ?? "see the log")
    .replace(/^(find Python|stack Error:) */i, "")
    .trim();
}
