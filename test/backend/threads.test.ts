import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { loadAddon } from "../../src/backend/addon.js";

// What OpenMP's own settings and the limits of a process do to the threads of an operation.

const loaded = loadAddon();
const isPossible =
  process.platform === "linux" && loaded.addon !== null && loaded.info.threading === "OpenMP";
const skipped = isPossible ? "" : " (needs Linux and the addon with OpenMP)";

/** Runs a program with `addon` and, in `multiply`, a product for a number of threads; what it prints. */
function runWithAddon(program: string, environment: Readonly<Record<string, string>>): string {
  if (loaded.addon === null) throw new Error(loaded.reason);
  const before = `
    const addon = require(process.argv[1]);
    const { execFileSync } = require("node:child_process");
    const [m, n, k] = [256, 256, 128];
    const [a, b, c] = [m * k, k * n, m * n].map((size) => new Float32Array(size).fill(1));
    const multiply = (threads) => {
      c.fill(0);
      addon.gemm(a, b, c, null, false, false, m, n, k, k, n, n, 1, 0, false, threads);
      if (!c.every((value) => value === k)) throw new Error("The product is wrong.");
    };
  `;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--eval", before + program, loaded.info.path],
    { env: { ...process.env, ...environment }, encoding: "utf8" },
  );
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
      addon.imageGradient(out, weight, units, units, images, rows, width, 1, -1, 2);
      addon.imageLinear(weight, null, out, units, units, true, images, rows, width, 1, -1, 2);
      if (!(weight[0] !== 0 && out[0] > 0)) throw new Error("Nothing was computed.");
    }
    multiply(2);
    console.log("computed");
  `;
  expect(runWithAddon(program, { OMP_STACKSIZE: "64K" })).toBe("computed\n");
});

it.skipIf(!isPossible || spawnSync("prlimit", ["--version"]).status !== 0)(
  `a smaller team computes where threads cannot be created${skipped || " (needs prlimit)"}`,
  () => {
    const program = `
      multiply(1);
      const pages = Number(require("node:fs").readFileSync("/proc/self/statm", "utf8").split(" ")[0]);
      // Each thread wants 8 MiB of addresses for its stack, unless ulimit -s says otherwise.
      const limit = pages * 4096 + 40 * 2 ** 20;
      execFileSync("prlimit", ["--pid", String(process.pid), "--as=" + limit + ":" + limit]);
      for (const threads of [64, 2, 1024]) multiply(threads);
      console.log("computed");
    `;
    expect(runWithAddon(program, {})).toBe("computed\n");
  },
);
