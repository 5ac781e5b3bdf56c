import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { addonPaths, loadAddon } from "../../src/backend/addon.js";
import { copyCompiled, run } from "../support/compiled.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const loaded = loadAddon();
const reason = loaded.addon === null ? loaded.reason : undefined;
const addon = loaded.addon === null ? addonPaths()[0] : loaded.info.path;
const index = copyCompiled("index.ts", join(temporaryFolder(), "compiled"));

describe.skipIf(reason !== undefined)(
  reason === undefined ? "the addon" : `the addon, skipped: ${reason}`,
  () => {
    it("works in little memory on a large gradient", async () => {
      const { ended } = run(`
      process.env.MNIST_NATIVE_ADDON = ${JSON.stringify(addon)};
      const { selectBackend } = await import(${JSON.stringify(index)});
      const backend = selectBackend({ backend: "native", threads: 2 });
      const [count, width, units] = [30_000, 20, 800];
      const images = new Uint8Array(count * width);
      images[5] = 200;
      const args = { images, rows: Int32Array.from({ length: count }, (_, i) => i), width, scale: 1, offset: 0, units,
        delta: new Float64Array(count * units).fill(1e-3), out: new Float64Array(units * width), ldo: units, ink: null };
      const megabytes = () => process.memoryUsage.rss() / 2 ** 20;
      const before = megabytes();
      backend.imageGradient(args);
      const kept = megabytes() - before;
      if (!(args.out[5 * units] > 0) || kept > 24) throw new Error("It keeps " + kept + " MiB.");
    `);
      expect(await ended).toEqual({ code: 0, errors: "" });
    });

    it("says so where there is not enough memory, and the process lives", async () => {
      // The lists of the ink take up to 1 GB, where 300 MiB more can be had than what the process has.
      const { ended } = run(`
      import { spawnSync } from "node:child_process";
      const program = \`
        import { readFileSync } from "node:fs";
        const { selectBackend } = await import(${JSON.stringify(index)});
        const backend = selectBackend({ backend: "native", threads: 2 });
        const [count, width, units] = [512, 1_000_000, 8];
        const images = new Uint8Array(width);
        images[1] = 9;
        const args = { images, rows: new Int32Array(count), width, scale: 1, offset: 0, units, ink: null,
          weight: new Float64Array(units * width), ldw: units, bias: null, activation: "identity", out: new Float64Array(count * units) };
        const size = Number(readFileSync("/proc/self/statm", "utf8").split(" ")[0]) * 4096;
        process.stdout.write(String(size));
        if (process.env.ROOM) {
          try { backend.imageLinear(args); console.log("computed"); }
          catch (error) { console.log("|" + error.code + "|" + error.message); }
        }
      \`;
      const env = { ...process.env, MNIST_NATIVE_ADDON: ${JSON.stringify(addon)} };
      const call = [process.execPath, "--input-type=module", "--eval", program];
      const { stdout: size } = spawnSync(call[0], call.slice(1), { env, encoding: "utf8" });
      const limit = Math.ceil(Number(size) / 1024) + 300 * 1024;
      const { status, stdout, stderr } = spawnSync("prlimit", ["--as=" + limit * 1024, ...call], {
        env: { ...env, ROOM: "1" }, encoding: "utf8" });
      if (status !== 0 || !stdout.includes("|ERR_OUT_OF_MEMORY|")) throw new Error([status, stdout, stderr].join());
    `);
      expect(await ended).toEqual({ code: 0, errors: "" });
    });
  },
);
