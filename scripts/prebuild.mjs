// npm run prebuilds [-- --max-glibc VERSION]
//
// Builds the binary for this platform that travels in the package: prebuilds/<platform>-<arch>[-musl]/mnist_native.node. It is
// stripped and needs no library that a slim image lacks: libstdc++ and libgcc are linked into it, and libgomp lies beside it,
// because the libgomp.a of most compilers cannot become part of a shared library. It prints the GNU C library that the binary
// needs, mostly one not much older than this system's, and fails where that is newer than VERSION.
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readOptions } from "./options.mjs";

const values = readOptions("prebuilds", {
  "max-glibc": {
    type: "string",
    requiresArg: true,
    description: "The newest GNU C library that the binary may need [default: any]",
  },
});
const LARGEST_BYTES = 2e6;
/** Libraries that every system with Node.js has. */
const EVERYWHERE = /^(lib(c|m|dl|pthread|rt)\.so|ld-(linux|musl)|libc\.musl|linux-vdso)/;

const root = fileURLToPath(new URL("..", import.meta.url));
if (!existsSync(join(root, "dist"))) fail("there is no dist folder; run npm run build first");
const { prebuildName } = await import("../dist/backend/addon.js");
const { compileAddon } = await import("../dist/cli/installation/node-gyp.js");

// In a copy, so that the addon in build/ stays as it is.
const copy = mkdtempSync(join(tmpdir(), "mnist-native-prebuild-"));
process.on("exit", () => rmSync(copy, { recursive: true, force: true }));
for (const name of ["binding.gyp", "addon.gypi", "package.json"])
  copyFileSync(join(root, name), join(copy, name));
const withoutBuilds = (path) => basename(path) !== "build";
cpSync(join(root, "native"), join(copy, "native"), { recursive: true, filter: withoutBuilds });
symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "junction");
try {
  compileAddon(copy, ["standalone=1"]);
} catch (error) {
  fail(`${error.message}\n${readFileSync(join(copy, "build-addon.log"), "utf8")}`);
}

const folder = join(root, "prebuilds", prebuildName());
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const addon = join(folder, "mnist_native.node");
copyFileSync(join(copy, "build", "Release", "mnist_native.node"), addon);
const files = [addon];
if (process.platform === "linux") {
  const openmp = neededLibraries(addon).find((name) => name.startsWith("libgomp"));
  if (openmp !== undefined) files.push(copyLibrary(openmp));
  checkLibraries();
  checkGlibc();
}
const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
console.log(`${folder}: ${files.map((file) => basename(file)).join(", ")}, ${(bytes / 1e6).toFixed(2)} MB`);
if (bytes > LARGEST_BYTES) fail(`expected at most ${LARGEST_BYTES / 1e6} MB`);
checkLoads();

function copyLibrary(name) {
  const compiler = process.env.CXX || "g++";
  const source = realpathSync(
    execFileSync(compiler, [`-print-file-name=${name}`], { encoding: "utf8" }).trim(),
  );
  const target = join(folder, name);
  copyFileSync(source, target);
  execFileSync("strip", ["--strip-unneeded", target]);
  return target;
}

function neededLibraries(file) {
  const text = execFileSync("objdump", ["-p", file], { encoding: "utf8" });
  return [...text.matchAll(/^\s*NEEDED\s+(\S+)$/gm)].map(([, name]) => name);
}

function checkLibraries() {
  const beside = files.map((file) => basename(file));
  const needed = [...new Set(files.flatMap(neededLibraries))];
  const foreign = needed.filter((name) => !EVERYWHERE.test(name) && !beside.includes(name));
  if (foreign.length > 0) fail(`the binary needs ${foreign.join(", ")}, which a slim image may lack`);
  const text = execFileSync("objdump", ["-p", addon], { encoding: "utf8" });
  if (files.length > 1 && !/R(UN)?PATH\s+\$ORIGIN$/m.test(text))
    fail("the binary does not look beside itself");
}

function checkGlibc() {
  const symbols = files.map((file) => execFileSync("objdump", ["-T", file], { encoding: "utf8" })).join("\n");
  const versions = [...symbols.matchAll(/\(?GLIBC_(\d+\.\d+)/g)].map(([, version]) => version);
  const newest = versions.sort(compareVersions).at(-1);
  if (newest === undefined) {
    console.log("It needs no GNU C library.");
    return;
  }
  console.log(`It needs GNU C library ${newest} or later.`);
  const most = values["max-glibc"];
  if (most !== undefined && compareVersions(newest, most) > 0) {
    fail(`expected to need at most ${most}; build on an older system, or raise --max-glibc`);
  }
}

function compareVersions(a, b) {
  const [majorA, minorA] = a.split(".").map(Number);
  const [majorB, minorB] = b.split(".").map(Number);
  return majorA - majorB || minorA - minorB;
}

function checkLoads() {
  const cli = join(root, "dist", "cli", "main.js");
  const env = { ...process.env, MNIST_NATIVE_ADDON: addon, MNIST_NATIVE_BACKEND: "native" };
  const info = JSON.parse(execFileSync(process.execPath, [cli, "info", "--json"], { encoding: "utf8", env }));
  console.log(`It loads: kernel set ${info.kernelSet}, threading ${info.threading}.`);
}

function fail(reason) {
  console.error(`prebuild: ${reason}.`);
  process.exit(1);
}
