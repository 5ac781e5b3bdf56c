import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, type Environment, type Finished, startProgram } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = temporaryFolder();
const data = writeSmallData(folder, "data");

/**
 * Runs a program of Node.js, and gives the files that it imported or required, relative to the package: what takes time before the
 * work starts.
 */
async function importsOf(run: (environment: Environment) => Promise<Finished>): Promise<string[]> {
  const hook = `import { writeSync } from "node:fs";
    export async function resolve(specifier, context, next) {
      const resolved = await next(specifier, context);
      if (resolved.url.startsWith("file:")) writeSync(2, resolved.url + "\\n");
      return resolved;
    }`;
  // A module that calls require() shows in its cache alone.
  const program = `import { writeSync } from "node:fs";
    import Module, { register } from "node:module";
    import { pathToFileURL } from "node:url";
    register("data:text/javascript," + ${JSON.stringify(encodeURIComponent(hook))});
    process.on("exit", () => {
      for (const file of Object.keys(Module._cache)) writeSync(2, pathToFileURL(file) + "\\n");
    });`;
  const { status, stderr } = await run({
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(program)}`,
  });
  expect(status).toBe(0);
  const files = stderr
    .trimEnd()
    .split("\n")
    .map((url) => fileURLToPath(url));
  return [...new Set(files.map((file) => file.slice(root.length).replaceAll("\\", "/")))];
}

function importsOfCommand(...args: string[]): Promise<string[]> {
  return importsOf((environment) => cli(args, environment));
}

/** The packages among them, but for what yargs brings. */
function packagesOf(files: readonly string[]): string[] {
  const names = files.flatMap((file) => file.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1] ?? []);
  return [...new Set(names)];
}

describe("a program that imports", () => {
  const heavy = [
    "undici",
    "echarts",
    "@resvg/resvg-js",
    "csv-parse",
    "yauzl",
    "proper-lockfile",
    "typebox",
    "yaml",
  ];

  it.each([
    ["mnist-native", ".", [...heavy, "fast-png"]],
    ["mnist-native/interchange", "./interchange", [...heavy, "fast-png"]],
    ["mnist-native/sweeps", "./sweeps", [...heavy, "fast-png", "bullmq", "ioredis"]],
    ["mnist-native/report", "./report", heavy], // Its figures draw pictures by fast-png.
  ] as const)("%s does not wait for what few functions need", async (_, entry, unwanted) => {
    const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const url = pathToFileURL(join(root, exports[entry].default)).href;
    const program = `await import(${JSON.stringify(url)});`;
    const files = await importsOf(
      (environment) =>
        startProgram(process.execPath, ["--input-type=module", "--eval", program], environment).finished,
    );
    expect(files).toContain("dist/errors.js");
    expect(packagesOf(files).filter((name) => unwanted.includes(name))).toEqual([]);
  });
});

const CHARTS = "dist/third-party/echarts/echarts.cjs";

describe("a command starts without what it does not need:", () => {
  it.each([["--help"], ["--version"]])("%s imports no command and no package but yargs", async (option) => {
    const files = await importsOfCommand(option);
    const own = [
      "cli/command-line",
      "cli/main",
      "cli/options/given",
      "cli/options/standard-input",
      "cli/process",
      "cli/several-processes",
      "communicator/launch", // Reads the environment, and loads no MPI.
      "errors",
      "system/known-options",
      "system/package-root",
      "system/package-version",
      "system/printable",
      "system/shortage",
      "system/system-error",
    ];
    expect(files.filter((file) => file.startsWith("dist/")).sort()).toEqual(
      own.map((name) => `dist/${name}.js`),
    );
    const heavy = packagesOf(files).filter(
      (name) => !/^(yargs|cliui|y18n|escalade|get-|string-width|strip-|ansi-|wrap-|emoji-)/.test(name),
    );
    expect(heavy).toEqual([]);
  });

  it("training on IDX files imports no HTTP client, and nothing for other files or figures", async () => {
    const files = await importsOfCommand("train", "--data-dir", data, "--epochs", "1", "--hidden", "2");
    const packages = packagesOf(files);
    expect(packages).toContain("yargs");
    for (const name of [
      "undici",
      "csv-parse",
      "yauzl",
      "fast-png",
      "pbf",
      "proper-lockfile",
      "typebox",
      "yaml",
      "bullmq",
      "ioredis",
    ]) {
      expect(packages).not.toContain(name);
    }
    expect(files).not.toContain(CHARTS);
    const unasked =
      /^dist\/(estimators|interchange|sweeps|communicator\/mpi|runs\/config|data\/folds\/(?!fold-choice)|metrics\/find-metric|training\/(monitor|scorer|callbacks\/(?!progress|reporting)))/;
    expect(files.filter((file) => unasked.test(file))).toEqual([]);
    expect(files).not.toContain(join("dist", "data", "catalog", "datasets.js").replaceAll("\\", "/"));
    expect(files).not.toContain(
      join("dist", "data", "synthetic", "synthetic-digits.js").replaceAll("\\", "/"),
    );
  });

  it("drawing the pictures of data imports no library of charts, and a chart does", async () => {
    const out = join(folder, "digits.svg");
    const options = ["--data-dir", data, "--out", out];
    expect(await importsOfCommand("plot", "digits", ...options)).not.toContain(CHARTS);
    const run = join(folder, "run");
    await cli(["train", "--data-dir", data, "--epochs", "1", "--hidden", "2", "--out", run]);
    expect(await importsOfCommand("plot", "loss", run)).toContain(CHARTS);
  });
});
