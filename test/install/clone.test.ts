import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import { prebuildName } from "../../src/backend/addon.js";
import { nodeHeaders } from "../../src/cli/installation/node-gyp.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

// A clone as `npm install` finds it before it runs `prepare`: sources and packages, and nothing built.
const clone = join(temporaryFolder(), "clone");
mkdirSync(clone);
const files = [
  "scripts/build.mjs",
  "package.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "binding.gyp",
  "addon.gypi",
];
for (const name of [...files, "src", "native"]) {
  const filter = (path: string) => !["build", "test"].includes(basename(path));
  cpSync(join(root, name), join(clone, name), { recursive: true, filter });
}
symlinkSync(join(root, "node_modules"), join(clone, "node_modules"), "junction");

// What is compiled of TypeScript by the first test stays for the others.
beforeEach(() => {
  for (const name of ["build", "prebuilds"]) rmSync(join(clone, name), { recursive: true, force: true });
});

const BUILT = join(clone, "build", "Release", "mnist_native.node");

/** Runs a program of Node.js in the clone, with this compiler. */
function node(compiler: string, ...args: readonly string[]) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(MNIST_NATIVE|npm_)/.test(name));
  const env = { ...Object.fromEntries(inherited), CC: compiler, CXX: compiler };
  return spawnSync(process.execPath, args, { cwd: clone, encoding: "utf8", env });
}

describe("npm install in a clone, where the compiler fails,", () => {
  it("says so in one clear line, and leaves the TypeScript backend", () => {
    const { status, stderr } = node("no-such-compiler", join("scripts", "build.mjs"));
    expect(stderr).toMatch(
      /^mnist-native: The native addon could not be built \(.*no-such-compiler.*\)\. It takes .*compiler, .* Until then the slower TypeScript backend is used\.\n$/,
    );
    expect(status).toBe(0);
    expect(existsSync(BUILT)).toBe(false);
    const info = node("no-such-compiler", join("dist", "cli", "main.js"), "info");
    expect(info.stderr).toBe("");
    expect(info.stdout).toMatch(/^Backend: +js, because the native addon has not been built /m);
  });

  it("is an error where the addon is required, as in continuous integration", () => {
    const build = [join("scripts", "build.mjs"), "--if-older", "--require-addon"];
    expect(node("no-such-compiler", ...build).status).toBe(1);
  });
});

const missingTool = ["python3", "make"].find((tool) => spawnSync(tool, ["--version"]).status !== 0);

describe.skipIf(missingTool !== undefined)(
  missingTool === undefined
    ? "node-gyp, run by npm,"
    : `node-gyp, run by npm, skipped: there is no ${missingTool}`,
  () => {
    const gyp = join("node_modules", "node-gyp", "bin", "node-gyp.js");

    it("compiles nothing where a prebuilt binary serves", () => {
      const folder = join(clone, "prebuilds", prebuildName());
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "mnist_native.node"), "");
      const { status, stderr } = node("false", gyp, "rebuild", ...nodeHeaders());
      expect(stderr).toMatch(/gyp info ok/);
      expect(status).toBe(0);
      expect(existsSync(BUILT)).toBe(false);
    });

    it.skipIf(process.platform === "win32").each([
      ["x64", ["avx2", "avx512", "baseline"]],
      ["arm64", ["baseline", "neon"]],
      ["ia32", ["baseline"]],
    ])("configures for %s the kernels of that processor, and no others (needs make)", (arch, kernels) => {
      const { status } = node("false", gyp, "configure", `--arch=${arch}`, ...nodeHeaders());
      expect(status).toBe(0);
      const makefiles = readdirSync(join(clone, "build"));
      const found = makefiles.map((name) => /^kernels_(\w+)\.target\.mk$/.exec(name)?.[1]);
      expect(found.filter((name) => name !== undefined).sort()).toEqual(kernels);
    });

    it("compiles where none does, and so fails here", () => {
      expect(node("false", gyp, "rebuild", ...nodeHeaders()).status).not.toBe(0);
    });
  },
);
