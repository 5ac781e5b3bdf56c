import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { BUILD_TOOLS } from "../../backend/addon.js";
import { BackendUnavailableError, MissingDependencyError } from "../../errors.js";
import { asOutputError } from "../../system/system-error.js";

/** The file in the package's folder that keeps the compiler's messages of a failed build. */
const LOG = "build-addon.log";

/**
 * node-gyp's program: one that is installed beside this package, else the one that comes with npm.
 *
 * @throws MissingDependencyError where there is neither.
 */
export function findNodeGyp(): string {
  const file = join("node-gyp", "bin", "node-gyp.js");
  try {
    return createRequire(import.meta.url).resolve("node-gyp/bin/node-gyp.js");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
  }
  const node = dirname(process.execPath);
  const npms = [
    ...(process.env.npm_execpath ? [join(dirname(process.env.npm_execpath), "..")] : []),
    join(node, "..", "lib", "node_modules", "npm"),
    join(node, "node_modules", "npm"), // on Windows
  ];
  const found = npms.map((npm) => join(npm, "node_modules", file)).find((path) => existsSync(path));
  if (found === undefined) {
    throw new MissingDependencyError(
      "The native addon is built by node-gyp, which is not installed; run npm install node-gyp, or install npm, which brings it along.",
    );
  }
  return found;
}

/**
 * Compiles the addon of the package in `directory` to its build/Release/, with node-gyp.
 *
 * @param definitions Variables for binding.gyp, such as `standalone=1`.
 * @throws MissingDependencyError where there is no node-gyp.
 * @throws BackendUnavailableError when it cannot be compiled; the compiler's messages are then in build-addon.log.
 */
export function compileAddon(directory: string, definitions: readonly string[] = []): void {
  const log = join(directory, LOG);
  const gyp = definitions.length === 0 ? [] : ["--", ...definitions.map((definition) => `-D${definition}`)];
  const fault = withBindingGyp(directory, () =>
    runNodeGyp({ directory, log, gyp, environment: { MNIST_NATIVE_BUILD: "1" } }),
  );
  if (fault === undefined) return;
  throw new BackendUnavailableError(
    `The native addon could not be built (${fault}). It takes ${BUILD_TOOLS}; the whole log is in ${log}.`,
  );
}

/**
 * Has node-gyp compile what the binding.gyp of `directory` says.
 *
 * @param options `log`: the file for the compiler's messages where it fails. `gyp`: arguments for gyp itself.
 * @returns What is wrong, in some words; `undefined` where it compiled.
 * @throws MissingDependencyError where there is no node-gyp.
 */
export function runNodeGyp(options: {
  readonly directory: string;
  readonly log: string;
  readonly gyp?: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}): string | undefined {
  const { directory, log, gyp = [], environment } = options;
  const args = [findNodeGyp(), "rebuild", "--jobs=max", ...nodeHeaders(), ...gyp];
  const { status, error, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: directory,
    encoding: "utf8",
    env: { ...process.env, ...environment },
    maxBuffer: 2 ** 28,
  });
  if (error !== undefined) throw error;
  if (status === 0) {
    rmSync(log, { force: true });
    return undefined;
  }
  try {
    writeFileSync(log, `${stdout}\n${stderr}`);
  } catch (writeError) {
    throw asOutputError(writeError, log);
  }
  return reasonIn(stderr);
}

/** Where a binding.gyp is missing, as in the published package (addon.gypi says why), there is one for this while. */
function withBindingGyp<Result>(directory: string, body: () => Result): Result {
  const file = join(directory, "binding.gyp");
  if (existsSync(file)) return body();
  try {
    writeFileSync(file, '{ "includes": ["addon.gypi"] }\n');
  } catch (error) {
    throw asOutputError(error, file);
  }
  try {
    return body();
  } finally {
    rmSync(file, { force: true });
  }
}

/** The argument for node-gyp that names Node.js headers on this machine, if there are any, so that it need not download them. */
export function nodeHeaders(): readonly string[] {
  const prefix = join(dirname(process.execPath), "..");
  return existsSync(join(prefix, "include", "node", "node_api.h")) ? [`--nodedir=${prefix}`] : [];
}

/** The first line of node-gyp's log that names the fault. */
function reasonIn(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/^gyp ERR! /, ""));
  const fault = /not found|could not find|no such file|fatal error|: error:|^stack Error/i;
  return (lines.find((line) => fault.test(line)) ?? "see the log")
    .replace(/^(find Python|stack Error:) */i, "")
    .trim();
}
