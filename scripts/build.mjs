// Builds the package in a clone: TypeScript to dist/, and the addon to build/Release/. A failing compiler leaves the TypeScript
// fallback and one clear line.
//
//   node scripts/build.mjs [--if-older] [--require-addon] [--only typescript]
//
// --if-older builds what is older than its sources, as npm install does (`prepare`); --require-addon makes a failing compiler an
// error, for continuous integration; --only typescript leaves the addon as it is.
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);
const { values: options } = parseArgs({
  options: {
    "if-older": { type: "boolean", default: false },
    "require-addon": { type: "boolean", default: false },
    only: { type: "string" },
  },
});

// What is written last by each build, and what it is made from.
const COMPILED = join("dist", "third-party", "echarts", "echarts.cjs");
const COMPILED_FROM = [
  "src",
  "tsconfig.json",
  "tsconfig.build.json",
  "scripts/build.mjs",
  // The charts come from one package, the types of a configuration from another, the live page from some more, and one is the compiler. package-lock.json will not do: every npm install writes it anew.
  "node_modules/echarts/package.json",
  "node_modules/typebox/package.json",
  "node_modules/preact/package.json",
  "node_modules/uplot/package.json",
  "node_modules/umap-js/package.json",
  "node_modules/vite/package.json",
  "node_modules/typescript/package.json",
];
const ADDON = join("build", "Release", "mnist_native.node");
const ADDON_FROM = ["native", "addon.gypi", "binding.gyp"];
/** Neither tests of the kernels, nor the addon for MPI, nor what cmake-js builds are part of the addon. */
const NOT_OF_THE_ADDON = /^native[\\/](build|test|mpi|CMakeLists\.txt)/;

if (isDue(COMPILED, COMPILED_FROM)) {
  if (options["if-older"]) console.error("mnist-native: compiling TypeScript, a few seconds.");
  await buildTypeScript();
}
if (options.only !== "typescript" && isDue(ADDON, ADDON_FROM)) {
  if (options["if-older"]) console.error("mnist-native: compiling the addon, about 20 seconds.");
  await buildAddon();
}

async function buildTypeScript() {
  rmSync(join(root, "dist"), { recursive: true, force: true });
  const tsc = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
  const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(1);
  chmodSync(join(root, "dist", "cli", "main.js"), 0o755); // It can be run by its name, too.
  await writeSchemas();
  await buildLivePage();
  copyCharts();
}

/** For editors, which complete and check a configuration by it. */
async function writeSchemas() {
  const [{ CONFIG_SCHEMA }, { SWEEP_SCHEMA }] = await Promise.all([
    import("../dist/runs/config/schema.js"),
    import("../dist/sweeps/sweep-schema.js"),
  ]);
  for (const [name, schema] of Object.entries({ config: CONFIG_SCHEMA, sweep: SWEEP_SCHEMA })) {
    writeFileSync(join(root, "dist", `${name}.schema.json`), `${JSON.stringify(schema, null, 2)}\n`);
  }
}

/** The page that `train --live` and `serve` show, with all that it is made of, so that no request leaves the machine. */
async function buildLivePage() {
  const { build } = await import("vite");
  await build({ configFile: join(root, "src", "live", "client", "vite.config.ts") });
}

/**
 * The chart library is 62 MB as it is installed, and one file of it is used. So it is no dependency of the package, which carries
 * that file, as published, with the licences of what is in it.
 */
function copyCharts() {
  const target = join(root, dirname(COMPILED));
  const echarts = dirname(require.resolve("echarts/package.json"));
  const zrender = dirname(require.resolve("zrender/package.json", { paths: [echarts] }));
  mkdirSync(target, { recursive: true });
  for (const name of ["LICENSE", "NOTICE"]) copyFileSync(join(echarts, name), join(target, name));
  copyFileSync(join(zrender, "LICENSE"), join(target, "LICENSE-zrender"));
  copyFileSync(join(echarts, "dist", "echarts.common.min.js"), join(root, COMPILED));
}

async function buildAddon() {
  const { compileAddon } = await import("../dist/cli/installation/node-gyp.js");
  try {
    compileAddon(root);
  } catch (error) {
    console.error(`mnist-native: ${error.message} Until then the slower TypeScript backend is used.`);
    if (options["require-addon"]) process.exit(1);
  }
}

function isDue(result, sources) {
  if (!options["if-older"]) return true;
  const made = statSync(join(root, result), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return sources.some((source) => newest(source) > made);
}

/** When a file, or the last of a folder and all below it, was changed, in milliseconds: a folder is by what is deleted or renamed. */
function newest(path) {
  if (NOT_OF_THE_ADDON.test(path)) return 0;
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  const below = stat?.isDirectory()
    ? readdirSync(join(root, path)).map((name) => newest(join(path, name)))
    : [];
  return Math.max(stat?.mtimeMs ?? 0, ...below);
}
