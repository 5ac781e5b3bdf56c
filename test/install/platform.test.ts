import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import { glibcVersion, loadAddon, prebuildName } from "../../src/backend/addon.js";
import { copyCompiled } from "../support/compiled.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const loaded = loadAddon();

// A package in a folder of its own, with compiled sources; each test gives it the addons that it needs.
const folder = join(temporaryFolder(), "package");
const main = join(folder, "dist", "cli", "main.js");
const built = join(folder, "build", "Release", "mnist_native.node");
const prebuilt = join(folder, "prebuilds", prebuildName(), "mnist_native.node");
copyCompiled("cli/main.ts", join(folder, "dist"));
copyFileSync(join(root, "package.json"), join(folder, "package.json"));
copyFileSync(join(root, "addon.gypi"), join(folder, "addon.gypi"));
mkdirSync(join(folder, "native"));
for (const file of ["configure.cjs", "sources.gypi"])
  copyFileSync(join(root, "native", file), join(folder, "native", file));

function put(file: string, content?: string): void {
  mkdirSync(join(file, ".."), { recursive: true });
  if (content !== undefined) writeFileSync(file, content);
  else if (loaded.addon !== null) copyFileSync(loaded.info.path, file);
}

function cli(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(MNIST_NATIVE|npm_)/.test(name));
  const env = { ...Object.fromEntries(inherited), ...environment };
  return spawnSync(process.execPath, [main, ...args], { encoding: "utf8", env });
}

const info = () => JSON.parse(cli(["info", "--json"]).stdout);

beforeEach(() => {
  rmSync(join(folder, "build"), { recursive: true, force: true });
  rmSync(join(folder, "prebuilds"), { recursive: true, force: true });
});

describe("the name of a prebuilt binary's folder", () => {
  it("tells platform, processor and a C library that is not GNU's", () => {
    const libc = process.platform === "linux" && glibcVersion() === undefined ? "-musl" : "";
    expect(prebuildName()).toBe(`${process.platform}-${process.arch}${libc}`);
  });

  it("is the same for builds", () => {
    const args = [join(root, "native", "configure.cjs"), "prebuild-name"];
    expect(execFileSync(process.execPath, args, { encoding: "utf8" }).trim()).toBe(prebuildName());
  });
});

describe("addon.gypi", () => {
  const purpose = (environment: Readonly<Record<string, string>> = {}) => {
    const env = { PATH: process.env.PATH, ...environment };
    const args = [join(folder, "native", "configure.cjs"), "purpose"];
    return execFileSync(process.execPath, args, { encoding: "utf8", env }).trim();
  };

  it("builds nothing where a prebuilt binary serves, unless it is asked to", () => {
    expect(purpose()).toBe("addon");
    put(prebuilt, "");
    expect(purpose()).toBe("nothing");
    expect(purpose({ MNIST_NATIVE_BUILD: "1" })).toBe("addon");
  });
});

describe("package.json", () => {
  it("keeps binding.gyp out of the package, for which npm would run node-gyp", () => {
    const { files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(files).toContain("addon.gypi");
    expect(files).not.toContain("binding.gyp");
  });

  it("has nothing run when the package is installed", () => {
    const { gypfile, scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(gypfile).toBe(false);
    // npm runs `prebuild` before each `build`, so that no script may have this name.
    const names = ["preinstall", "install", "postinstall", "prebuild"].filter((name) => name in scripts);
    expect(names).toEqual([]);
  });
});

describe.skipIf(loaded.addon === null)(
  loaded.addon === null ? `the loader, skipped: ${loaded.reason}` : "the loader",
  () => {
    it("takes the prebuilt binary where none was built", () => {
      put(prebuilt);
      expect(info()).toMatchObject({ backend: "native", addon: prebuilt });
    });

    it("prefers the one that was built here", () => {
      put(prebuilt);
      put(built);
      expect(info()).toMatchObject({ backend: "native", addon: built });
    });

    it("goes past a broken one that was built here, and says so", () => {
      put(prebuilt);
      put(built, "not a library");
      expect(info()).toMatchObject({
        backend: "native",
        addon: prebuilt,
        passedOver: [{ path: built, reason: expect.stringContaining("cannot be loaded: ") }],
      });
      expect(cli(["info"]).stdout).toMatch(/^Passed over: the native addon .* cannot be loaded: /m);
      const { status, stdout } = cli(["doctor", "--strict"]);
      expect(stdout).toMatch(/^ok {5}Native addon: /m);
      expect(stdout).toMatch(/^AMISS {2}Built file: .*\n +Remedy: run npx mnist-native build\.$/m);
      expect(status).toBe(1);
    });

    it("names both places where there is none", () => {
      const { backend, why } = info();
      expect(backend).toBe("js");
      expect(why).toContain(built);
      expect(why).toContain(prebuilt);
    });

    it.skipIf(process.platform !== "linux")(
      "takes none of another processor or program (needs Linux)",
      () => {
        put(prebuilt);
        const bytes = readFileSync(prebuilt);
        const machine = 18; // e_machine in the header of an ELF file
        bytes.writeUInt16LE(bytes.readUInt16LE(machine) ^ 1, machine);
        writeFileSync(prebuilt, bytes);
        put(built);
        const libraries = process.report.getReport() as { readonly sharedObjects?: readonly string[] };
        const library = libraries.sharedObjects?.find((path) => path.includes("libm.so")) ?? "";
        copyFileSync(library, built);
        const { backend, why } = info();
        expect(backend).toBe("js");
        expect(why).toContain(`the native addon ${built} cannot be loaded: Module did not self-register`);
        expect(why).toContain(`the native addon ${prebuilt} cannot be loaded: `);
      },
    );

    it("reports a broken prebuilt binary as broken, not as missing", () => {
      put(prebuilt, "not a library");
      const { backend, why } = info();
      expect(backend).toBe("js");
      expect(why).toContain(`the native addon ${prebuilt} cannot be loaded: `);
    });
  },
);

describe("doctor", () => {
  it.skipIf(loaded.addon === null)("finds nothing amiss where the addon works", () => {
    put(prebuilt);
    const { status, stdout } = cli(["doctor", "--strict"]);
    expect(stdout).toMatch(/^ok {5}Native addon: .*loads and computes correctly/m);
    expect(stdout).toMatch(/Nothing is amiss\.\n$/);
    expect(status).toBe(0);
  });

  it("tells the dynamic linker's own words, the tools that are missing and each remedy", () => {
    put(prebuilt, "not a library");
    const bare = { PATH: join(folder, "nowhere"), CXX: "", PYTHON: "" };
    const { status, stdout } = cli(["doctor"], bare);
    expect(stdout).toMatch(
      /^AMISS {2}Prebuilt file: .*mnist_native\.node: .+\n +Remedy: run npx mnist-native build\.$/m,
    );
    expect(stdout).toMatch(
      /^AMISS {2}C\+\+ compiler: +it is missing.*\n +Remedy: (install g\+\+|run xcode-select)/m,
    );
    expect(stdout).toMatch(/^AMISS {2}python3: +it is missing/m);
    expect(stdout).toMatch(/^note {3}cmake: /m);
    expect(status).toBe(0);
    expect(cli(["doctor", "--strict"], bare).status).toBe(1);
  });

  it("takes a wrong MNIST_NATIVE_CPU for amiss", () => {
    if (loaded.addon === null) return expect(existsSync(built)).toBe(false);
    put(built);
    const { status, stdout } = cli(["doctor", "--strict"], { MNIST_NATIVE_CPU: "bogus" });
    expect(stdout).toMatch(/^AMISS {2}Native addon: .*"bogus"[^\n]*\n +Remedy: unset MNIST_NATIVE_CPU\.$/m);
    expect(status).toBe(1);
  });
});

describe("build", () => {
  it("fails with one sentence and a log where there is no compiler", () => {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    symlinkSync(process.execPath, join(bin, "node"));
    const { status, stderr } = cli(["build"], { PATH: bin, PYTHON: "", CXX: "" });
    expect(stderr).toMatch(
      /^mnist-native: The native addon could not be built \(.+\)\. It takes .*compiler, /,
    );
    expect(stderr.split("\n")).toHaveLength(2);
    expect(status).toBe(1);
    expect(readFileSync(join(folder, "build-addon.log"), "utf8")).toContain("gyp ERR!");
    expect(existsSync(join(folder, "binding.gyp"))).toBe(false);
  });
});
