import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Compiles a module and what it imports, so that another process can run it without a test runner.
 *
 * @param folder An empty folder for the result.
 * @returns The address to import it from.
 */
export function compile(module: string, folder: string): string {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const source = join(root, "src");
  const options = "--ignoreConfig --noCheck --module nodenext --target es2023".split(" ");
  execFileSync(process.execPath, [
    compiler,
    ...options,
    "--rootDir",
    source,
    "--outDir",
    folder,
    join(source, module),
  ]);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  return pathToFileURL(join(folder, module.replace(/\.ts$/, ".js"))).href;
}

export interface StartedProcess {
  readonly child: ChildProcess;
  /** Its exit code and what it wrote to its error output. */
  readonly ended: Promise<{ readonly code: number | null; readonly errors: string }>;
}

/** Runs a program given as text, an ES module, in another process, which ends with the test at the latest. */
export function run(program: string): StartedProcess {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let errors = "";
  child.stderr?.on("data", (chunk) => {
    errors += chunk;
  });
  const ended = new Promise<{ code: number | null; errors: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, errors })),
  );
  return { child, ended };
}
