// npm run package [-- FOLDER]
//
// Packs what is published, into the working folder or another, and prints the file's path; npm publish FILE publishes it. A clone's
// package.json is not the package's: in a clone npm links the command from bin/, and builds by `prepare`; the package has the command
// as its own, and nothing to prepare.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = resolve(process.argv[2] ?? ".");
const folder = mkdtempSync(join(tmpdir(), "mnist-native-pack-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const [{ filename }] = JSON.parse(
  npm(["pack", "--ignore-scripts", "--json", "--pack-destination", folder], root),
);
run("tar", ["-xzf", join(folder, filename), "-C", folder]);
const unpacked = join(folder, "package");
const manifest = join(unpacked, "package.json");
writeFileSync(
  manifest,
  `${JSON.stringify(published(JSON.parse(readFileSync(manifest, "utf8"))), null, 2)}\n`,
);
rmSync(join(folder, filename));
npm(["pack", "--ignore-scripts", "--pack-destination", folder], unpacked);
move(join(folder, filename), join(target, filename));
console.log(join(target, filename));

function published({ private: _, scripts: __, devDependencies: ___, allowScripts: ____, ...manifest }) {
  return { ...manifest, bin: { "mnist-native": "bin/mnist-native.js" } };
}

function npm(args, cwd) {
  const program = process.env.npm_execpath;
  return program === undefined
    ? run(process.platform === "win32" ? "npm.cmd" : "npm", args, cwd)
    : run(process.execPath, [program, ...args], cwd);
}

function run(command, args, cwd = root) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) {
    console.error(`${command} ${args[0]} failed: ${error?.message ?? stderr}`);
    process.exit(1);
  }
  return stdout;
}

/** Also to another file system. */
function move(from, to) {
  try {
    renameSync(from, to);
  } catch (error) {
    if (error.code !== "EXDEV") throw error;
    writeFileSync(to, readFileSync(from));
  }
}
