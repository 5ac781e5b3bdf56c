import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { mnistDirectory } from "../support/mnist.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const examples = fileURLToPath(new URL("../../examples/", import.meta.url));

function runExample(name: string, args: readonly string[], cwd: string) {
  return spawnSync(process.execPath, [join(examples, name), ...args], { cwd, encoding: "utf8" });
}

describe("the examples", () => {
  it("solves exclusive or, with gradients by hand equal to the network's", () => {
    const { status, stdout } = runExample("tensors.mjs", [], temporaryFolder());
    expect(status).toBe(0);
    const outputs = [...stdout.matchAll(/^ {2}(\d\.\d+) (\d\.\d+)$/gm)].map(
      ([, no, yes]) => Number(yes) > Number(no),
    );
    expect(outputs).toEqual([false, true, true, false]);
    const difference = Number(/by hand and by the network: (\S+)/.exec(stdout)?.[1]);
    expect(difference).toBeLessThan(1e-15);
  });

  it.skipIf(mnistDirectory === null)(
    "trains the chapter's network and keeps the model (on real MNIST)",
    () => {
      const folder = temporaryFolder();
      const { status, stdout } = runExample("train-chapter.mjs", [mnistDirectory ?? "", "1"], folder);
      expect(status).toBe(0);
      expect(stdout).toContain("Epoch: 001/001 | Train MSE: 0.05 | Train Acc: 76.15% | Valid Acc: 75.98%");
      expect(stdout).toMatch(/^Test accuracy after 1 epochs: 7\d\.\d\d%/m);
      expect(existsSync(join(folder, "chapter.safetensors"))).toBe(true);
    },
  );

  it("says how the chapter's example is called", () => {
    const { status, stderr } = runExample("train-chapter.mjs", [], temporaryFolder());
    expect(status).toBe(2);
    expect(stderr).toContain("Name the folder with the four MNIST files");
  });
});
