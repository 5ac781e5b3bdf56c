import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { writeAsPublished } from "../cli/small-data.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = temporaryFolder();
const clone = join(folder, "clone");
const home = join(folder, "home");

/** As a stranger's shell: nothing of the npm that runs the tests, data that are found on the machine, and no network for them. */
const inherited = Object.entries(process.env).filter(
  ([name]) => !/^(npm_|MNIST_NATIVE_|NODE_OPTIONS|VITEST)/i.test(name),
);
const env = {
  ...Object.fromEntries(inherited),
  ...{ MNIST_NATIVE_HOME: home, MNIST_NATIVE_OFFLINE: "1" },
  // Optimising is three quarters of what compiling the addon takes, and no matter of who compiles it.
  CXXFLAGS: "-O0",
};

function run(line: string) {
  const result = spawnSync(line, { cwd: clone, env, encoding: "utf8", shell: true });
  expect([result.status, line], result.stderr).toEqual([0, line]);
  return result;
}

/** What npx left in npm's cache. */
const cache = spawnSync("npm config get cache", { env, encoding: "utf8", shell: true }).stdout.trim();
const linked = () => {
  const path = join(cache, "_npx");
  return existsSync(path) ? readdirSync(path).sort() : [];
};
/** When what is built was written. */
const built = () =>
  ["dist/index.js", "build/Release/mnist_native.node"].map(
    (file) => statSync(join(clone, file), { throwIfNoEntry: false })?.mtimeMs,
  );

const files = spawnSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" });
const reason = files.status === 0 ? undefined : "there is no git, or no clone";
const title = "in a clone, npx";

describe
  .skipIf(reason !== undefined)
  .sequential(reason === undefined ? title : `${title}, skipped: ${reason}`, () => {
    it("runs what npm install has built, and no more", async () => {
      for (const file of files.stdout
        .trim()
        .split("\n")
        .filter((name) => existsSync(join(root, name)))) {
        mkdirSync(dirname(join(clone, file)), { recursive: true });
        cpSync(join(root, file), join(clone, file));
      }
      mkdirSync(home);
      await writeAsPublished(home, "mnist");
      run("npm install --prefer-offline --no-audit --no-fund");
      const [before, links] = [built(), linked()];
      expect(before[0]).toBeGreaterThan(0);
      expect(run("npx mnist-native --version").stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
      expect([built(), linked()]).toEqual([before, links]);
    });

    it("trains by the first command of README.md", () => {
      const { stdout } = run("npx mnist-native train");
      expect(stdout).toMatch(/^Epoch: 050\/050 .*\nTest accuracy: /m);
      const own = run(`npx mnist-native train --data-dir ${join(home, "mnist")} --epochs 1`);
      expect(own.stdout).toMatch(/^Epoch: 001\/001 /m);
    });

    const compiled = (name: string) => existsSync(join(clone, "dist", "system", `${name}.js`));
    const source = (name: string) => join(clone, "src", "system", `${name}.ts`);
    const install = "npm install --prefer-offline --no-audit --no-fund";

    it("still does after a build, and a second npm install that builds nothing", () => {
      // Of these sources, more below.
      for (const name of ["passing", "moving"]) writeFileSync(source(name), `export const ${name} = 1;\n`);
      run("npm run build -- --only typescript");
      run("npx mnist-native --version");
      const before = built();
      run(install);
      run("npm ci --dry-run --prefer-offline");
      expect(built()).toEqual(before);
      run("npx mnist-native --version");
    });

    it("builds anew what comes from a package that was exchanged", () => {
      const [before] = built();
      const later = new Date(Date.now() + 1000);
      utimesSync(join(clone, "node_modules", "echarts", "package.json"), later, later);
      run(install);
      expect(built()[0]).toBeGreaterThan(before ?? 0);
    });

    it.each([
      ["deleted", () => rmSync(source("passing")), ["moving"]],
      ["renamed", () => renameSync(source("moving"), source("moved")), ["moved"]],
    ] as const)("has nothing of a source that was %s since", (_, change, left) => {
      const names = ["passing", "moving", "moved"];
      const before = names.filter(compiled);
      change();
      run(install);
      expect(before).not.toEqual(left);
      expect(names.filter(compiled)).toEqual(left);
    });

    it("still does after a source was changed, which npm install compiles anew, and after npm ci", () => {
      const links = linked();
      const [before] = built();
      const later = new Date(Date.now() + 1000);
      utimesSync(join(clone, "src", "errors.ts"), later, later);
      run("npx mnist-native --version");
      expect(built()[0]).toBe(before);
      run("npm ci --prefer-offline --no-audit --no-fund");
      expect(built()[0]).toBeGreaterThan(before ?? 0);
      run("npx mnist-native --version");
      expect(linked()).toEqual(links);
    });
  });
