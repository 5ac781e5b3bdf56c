import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Format } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { expectSuccess, hasAddon, startProgram } from "../cli/harness.js";
import { temporaryFolder } from "../support/temporary-folder.js";

// A program that esbuild makes one file of, with this package in it or external, beside an installed package and away from it.

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const ADDON = join(ROOT, "build", "Release", "mnist_native.node");
const folder = temporaryFolder();
const beside = join(folder, "beside");
const away = join(folder, "away");

const PROGRAM = `
import { fit, loadModel, MultilayerPerceptron, saveModel, syntheticDigits } from "mnist-native";
import { lossFigure } from "mnist-native/report";
async function main() {
  const network = new MultilayerPerceptron({ layers: [784, 5, 10] });
  const { epochs } = await fit(network, syntheticDigits({ count: 200 }), { epochs: 2 });
  await saveModel("model.safetensors", network);
  const again = await loadModel("model.safetensors");
  const figure = (() => { try { return lossFigure(epochs).slice(0, 4); } catch (error) { return error.code; } })();
  console.log(JSON.stringify({ backend: again.network.backend.name, finite: epochs[1].trainLoss < 1, figure }));
}
main();
`;
/** What packages in CommonJS need in a bundle that is a module: README says so. */
const BANNER =
  'import { createRequire } from "node:module"; const require = createRequire(import.meta.url), __filename = import.meta.filename;';
const FORMATS = ["esm", "cjs"] as const satisfies readonly Format[];

const nameOf = (format: Format, external: boolean) =>
  `${external ? "external" : "whole"}.${format === "esm" ? "mjs" : "cjs"}`;

async function bundle(format: Format, external: boolean): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [join(beside, "program.mjs")],
    bundle: true,
    platform: "node",
    format,
    external: external ? ["mnist-native"] : ["@resvg/resvg-js"], // Another package with an addon, for PNG alone.
    ...(format === "esm" && { banner: { js: BANNER } }),
    logLevel: "error",
    write: false,
  });
  for (const directory of [beside, away]) {
    writeFileSync(join(directory, nameOf(format, external)), outputFiles[0]?.contents ?? "");
  }
}

async function run(directory: string, file: string, environment: Readonly<Record<string, string>> = {}) {
  return startProgram(process.execPath, [file], environment, directory).finished;
}

beforeAll(async () => {
  mkdirSync(join(beside, "node_modules"), { recursive: true });
  mkdirSync(away);
  symlinkSync(ROOT, join(beside, "node_modules", "mnist-native"), "junction");
  writeFileSync(join(beside, "program.mjs"), PROGRAM);
  for (const format of FORMATS) for (const external of [true, false]) await bundle(format, external);
});

describe.skipIf(!hasAddon).each(FORMATS)("a bundle of the format %s", (format) => {
  it.each([true, false])("runs natively beside the package (external: %s)", async (external) => {
    const stdout = expectSuccess(await run(beside, nameOf(format, external)));
    expect(JSON.parse(stdout)).toEqual({ backend: "native", finite: true, figure: "<svg" });
  });

  it("runs natively with the addon that MNIST_NATIVE_ADDON names", async () => {
    const stdout = expectSuccess(await run(away, nameOf(format, false), { MNIST_NATIVE_ADDON: ADDON }));
    expect(JSON.parse(stdout)).toMatchObject({ backend: "native", finite: true });
  });

  it("runs without the package on the other backend, and says what to declare external", async () => {
    const { status, stdout, stderr } = await run(away, nameOf(format, false));
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ backend: "js", finite: true, figure: "ERR_MISSING_DEPENDENCY" });
    expect(stderr).toMatch(
      /^mnist-native runs on its slower TypeScript backend, because this program was bundled without .*; declare mnist-native external .*\n$/,
    );
  });
});
