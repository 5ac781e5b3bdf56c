import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const data = writeSmallData(temporaryFolder(), "data");

/** Runs a command, and gives the files that it imported, relative to the package: what takes time before a command starts. */
async function importsOf(args: readonly string[]): Promise<string[]> {
  const hook = `import { writeSync } from "node:fs";
    export async function resolve(specifier, context, next) {
      const resolved = await next(specifier, context);
      if (resolved.url.startsWith("file:")) writeSync(2, resolved.url + "\\n");
      return resolved;
    }`;
  const program = `import { register } from "node:module";
    register("data:text/javascript," + ${JSON.stringify(encodeURIComponent(hook))});`;
  const options = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(program)}` };
  const { status, stderr } = await cli(args, options);
  expect(status).toBe(0);
  const files = stderr
    .trimEnd()
    .split("\n")
    .map((url) => fileURLToPath(url));
  return [...new Set(files.map((file) => file.slice(root.length).replaceAll("\\", "/")))];
}

/** The packages among them, but for what yargs brings. */
function packagesOf(files: readonly string[]): string[] {
  const names = files.flatMap((file) => file.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1] ?? []);
  return [...new Set(names)];
}

describe("a command starts without what it does not need:", () => {
  it.each([["--help"], ["--version"]])("%s imports no command and no package but yargs", async (option) => {
    const files = await importsOf([option]);
    const own = ["cli/main", "cli/options", "cli/run", "cli/usage", "cli/version", "errors", "system-error"];
    expect(files.filter((file) => file.startsWith("dist/")).sort()).toEqual(
      own.map((name) => `dist/${name}.js`),
    );
    const heavy = packagesOf(files).filter(
      (name) => !/^(yargs|cliui|y18n|escalade|get-|string-width|strip-|ansi-|wrap-|emoji-)/.test(name),
    );
    expect(heavy).toEqual([]);
  });

  it("training on IDX files imports no HTTP client, and nothing for other files or figures", async () => {
    const files = await importsOf(["train", "--data-dir", data, "--epochs", "1", "--hidden", "2"]);
    const packages = packagesOf(files);
    expect(packages).toContain("yargs");
    for (const name of ["undici", "csv-parse", "yauzl", "fast-png", "echarts", "proper-lockfile"]) {
      expect(packages).not.toContain(name);
    }
    expect(files).not.toContain(join("dist", "data", "datasets.js").replaceAll("\\", "/"));
  });
});
