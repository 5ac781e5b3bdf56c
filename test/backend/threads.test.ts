import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadAddon } from "../../src/backend/addon.js";
import { temporaryFolder } from "../support/temporary-folder.js";

// What OpenMP's own settings and the limits of a process do to the threads of an operation.

const loaded = loadAddon();
const folder = temporaryFolder();
chmodSync(folder, 0o755);
const isPossible =
  process.platform === "linux" && loaded.addon !== null && loaded.info.threading === "OpenMP";
const skipped = isPossible ? "" : " (needs Linux and the addon with OpenMP)";

/** Runs a program with `addon` and, in `multiply`, a product for a number of threads; what it prints. */
function runWithAddon(
  program: string,
  environment: Readonly<Record<string, string>>,
  user: { readonly uid?: number; readonly gid?: number } = {},
): string {
  if (loaded.addon === null) throw new Error(loaded.reason);
  const addon = join(folder, "addon.node");
  copyFileSync(loaded.info.path, addon); // Where another user can read it.
  const before = `
    const addon = require(process.argv[1]);
    const { execFileSync } = require("node:child_process");
    const [m, n, k] = [256, 256, 128];
    const [a, b, c] = [m * k, k * n, m * n].map((size) => new Float32Array(size).fill(1));
    const multiply = (threads) => {
      c.fill(0);
      addon.gemm(a, b, c, null, false, false, m, n, k, k, n, n, 1, 0, 0, threads);
      if (!c.every((value) => value === k)) throw new Error("The product is wrong.");
    };
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--eval", before + program, addon], {
    env: { ...process.env, ...environment },
    encoding: "utf8",
    cwd: folder,
    ...user,
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout;
}

it.skipIf(!isPossible)(`a small stack is enough for every operation${skipped}`, () => {
  const program = `
    const [count, width, units] = [600, 784, 64];
    const images = Uint8Array.from({ length: count * width }, (_, i) => (i % 5 === 0 ? i % 251 : 0));
    const rows = Int32Array.from({ length: count }, (_, i) => i);
    for (const Float of [Float32Array, Float64Array]) {
      const [weight, out] = [new Float(units * width), new Float(count * units).fill(1)];
      for (const lists of [null, addon.listImages(images, width, 2)]) {
        addon.imageGradient(out, weight, units, units, images, rows, width, 1, -1, lists, 2);
        addon.imageLinear(weight, null, out, units, units, 1, images, rows, width, 1, -1, lists, 2);
        addon.imageDescent(out, weight, new Float(units), units, units, 1e-6, images, rows, width, 1, -1, lists, 2);
      }
      if (!(weight[0] !== 0 && out[0] > 0)) throw new Error("Nothing was computed.");
    }
    multiply(2);
    console.log("computed");
  `;
  expect(runWithAddon(program, { OMP_STACKSIZE: "64K" })).toBe("computed\n");
});

/** A user whose processes nobody else counts; only root can become another. */
const otherUser = process.getuid?.() === 0 ? { uid: 54_321, gid: 54_321 } : undefined;

it.skipIf(!isPossible || otherUser === undefined || spawnSync("prlimit", ["--version"]).status !== 0)(
  `a smaller team computes where threads cannot be created${skipped || " (needs root and prlimit)"}`,
  () => {
    const program = `
      multiply(1);
      const [, threads] = /^Threads:\\s+(\\d+)$/m.exec(require("node:fs").readFileSync("/proc/self/status", "utf8"));
      const limit = Number(threads) + 3;
      execFileSync("prlimit", ["--pid", String(process.pid), "--nproc=" + limit + ":" + limit]);
      for (const threads of [64, 2, 1024]) multiply(threads);
      console.log("computed");
    `;
    expect(runWithAddon(program, {}, otherUser)).toBe("computed\n");
  },
);
