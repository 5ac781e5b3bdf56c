import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.js";
import { hasAddon, MAIN } from "./harness.js";

const temporary = temporaryFolder();

/** Takes the network from a command; util-linux and BusyBox both have it there. */
const UNSHARE = "/usr/bin/unshare";
const unshared = spawnSync(UNSHARE, ["-rn", "true"], { encoding: "utf8" });
const isolation = unshared.status === 0 ? "no network" : "a proxy that does not exist";
if (unshared.status !== 0) {
  const reason = unshared.error?.message ?? unshared.stderr.trim();
  console.warn(`The first command is tested with ${isolation}, because unshare cannot be used: ${reason}.`);
}

/**
 * Runs the command line as in a new container: an empty home and working folder, and of environment variables but PATH, which
 * leads to Node.js alone. Rejects when it fails.
 */
async function onFreshMachine(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const machine = mkdtempSync(join(temporary, "machine-"));
  const [home, bin, work] = ["home", "bin", "work"].map((name) => join(machine, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [home, bin, work]) mkdirSync(folder);
  symlinkSync(process.execPath, join(bin, process.platform === "win32" ? "node.exe" : "node"));
  const proxy = { http_proxy: "http://proxy.invalid:8080", https_proxy: "http://proxy.invalid:8080" };
  const env = {
    HOME: home,
    PATH: bin,
    ...(process.platform === "win32" && { USERPROFILE: home, LOCALAPPDATA: home }),
    ...(unshared.status !== 0 && proxy),
    ...more,
  };
  const command = [process.execPath, MAIN, ...args];
  const [program = "", ...rest] = unshared.status === 0 ? [UNSHARE, "-rn", ...command] : command;
  const output = await promisify(execFile)(program, rest, { cwd: work, env, encoding: "utf8" });
  return { ...output, work };
}

describe(`the first command on a fresh machine, with ${isolation},`, () => {
  const drawn =
    /^MNIST cannot be had, so this run uses digits drawn by the program; .* cannot be found\).*\n/;
  const LONG = { timeout: 240_000 };

  it.skipIf(!hasAddon)(
    "trains natively, to the end, on digits that it draws (needs the addon)",
    LONG,
    async () => {
      const { stdout, stderr, work } = await onFreshMachine(["train", "--epochs", "3"]);
      expect(stderr).toMatch(new RegExp(`${drawn.source}$`));
      expect(stdout).toContain("Network: 784-50-10, float32, native backend");
      expectLearned(stdout, 3);
      expect(readdirSync(work)).toEqual([]);
    },
  );

  it("trains in TypeScript where there is no addon either", LONG, async () => {
    const hidden = { MNIST_NATIVE_ADDON: join(temporary, "no-addon.node") };
    const { stdout, stderr } = await onFreshMachine(["train", "--epochs", "1"], hidden);
    const [fallback = "", ...rest] = stderr.split(/(?<=\n)/);
    expect(fallback).toMatch(/^mnist-native runs on its slower TypeScript backend, because /);
    expect(rest.join("")).toMatch(new RegExp(`${drawn.source}$`));
    expect(stdout).toContain("Network: 784-50-10, float32, js backend");
    expectLearned(stdout, 1);
  });
});

function expectLearned(stdout: string, epochs: number): void {
  expect(stdout.match(/^Epoch: /gm)).toHaveLength(epochs);
  const [, percent] = /^Test accuracy: ([\d.]+)%/m.exec(stdout) ?? [];
  expect(Number(percent)).toBeGreaterThan(50);
}
