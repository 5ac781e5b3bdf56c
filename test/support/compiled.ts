import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { onTestFinished } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Copies the compiled package, so that another process can run it where no addon is beside it.
 *
 * @param module As it is named in src/.
 * @param folder For the result; it is not there yet, or empty.
 * @returns The address to import it from.
 */
export function copyCompiled(module: string, folder: string): string {
  cpSync(join(root, "dist"), folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  return pathToFileURL(join(folder, module.replace(/\.ts$/, ".js"))).href;
}

/**
 * Makes one file of what the package has by these names, in a folder that {@link copyCompiled} has made: a worker loads it in a quarter of
 * the time that the whole package takes.
 *
 * @returns The address to import it from.
 */
export async function bundleOf(names: readonly string[], folder: string): Promise<string> {
  const outfile = join(folder, "bundle.js");
  await build({
    stdin: { contents: `export { ${names.join(", ")} } from "./index.js";`, resolveDir: folder },
    ...{ bundle: true, platform: "node", format: "esm", packages: "external", logLevel: "error", outfile },
  });
  return pathToFileURL(outfile).href;
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
