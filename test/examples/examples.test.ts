import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadCsv } from "../../src/data/readers/csv.js";
import { loadImageFolder } from "../../src/data/readers/image-folder.js";
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

  it.skipIf(mnistDirectory === null)("trains by the preset modern (on real MNIST)", () => {
    const folder = temporaryFolder();
    const { status, stdout } = runExample("modern-mnist.mjs", [mnistDirectory ?? "", "1"], folder);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Epoch: 001\/001 \| /m);
    expect(Number(/^Test accuracy: (\S+)% \(\d+ of 10000\)$/m.exec(stdout)?.[1])).toBeGreaterThan(95);
    expect(existsSync(join(folder, "modern.safetensors"))).toBe(true);
  });

  it.skipIf(mnistDirectory === null)("tells two digits apart by one linear unit (on real MNIST)", () => {
    const { status, stdout } = runExample("adaline.mjs", [mnistDirectory ?? ""], temporaryFolder());
    expect(status).toBe(0);
    const accuracies = [...stdout.matchAll(/test accuracy (\d+\.\d+)%/g)].map(([, percent]) =>
      Number(percent),
    );
    expect(accuracies).toHaveLength(2);
    expect(Math.min(...accuracies)).toBeGreaterThan(92);
  });

  it("writes the same digits as a CSV file and as a folder of pictures", async () => {
    const folder = temporaryFolder();
    const { status, stderr } = runExample("own-data.mjs", [folder], folder);
    expect([status, stderr]).toEqual([0, ""]);
    const rows = await loadCsv({ file: join(folder, "digits.csv"), labelColumn: "digit" });
    const pictures = await loadImageFolder({ directory: join(folder, "digits") });
    expect([rows.targets.labels.length, rows.targets.classes, rows.features.imageShape]).toEqual([
      2000,
      10,
      [28, 28],
    ]);
    expect(pictures.targets.classNames).toEqual([..."0123456789"]);
    const inkOf = (images: Uint8Array) => images.reduce((sum, pixel) => sum + pixel, 0);
    expect(inkOf(pictures.features.data)).toBe(inkOf(rows.features.data));
    expect(runExample("own-data.mjs", [], folder)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("Name the folder"),
    });
  });

  it.each(["train-chapter.mjs", "modern-mnist.mjs"])("says how %s is called", (name) => {
    const { status, stderr } = runExample(name, [], temporaryFolder());
    expect(status).toBe(2);
    expect(stderr).toContain("Name the folder with the four MNIST files");
  });

  it("learns classes and values from a table, and predicts a row without them", () => {
    const folder = temporaryFolder();
    const { status, stdout, stderr } = runExample("tables.mjs", [folder], folder);
    expect([status, stderr]).toEqual([0, ""]);
    const [, right] = /^Grape: (\S+) % of the test rows are right\.$/m.exec(stdout) ?? [];
    expect(Number(right)).toBeGreaterThan(90);
    const [, off] = /^Price: off by (\S+) /m.exec(stdout) ?? [];
    expect(Number(off)).toBeLessThan(0.4); // The noise is 0.3.
    const [, predicted] = /^A nebbiolo from clay: (\S+)\.$/m.exec(stdout) ?? [];
    expect(Math.abs(Number(predicted) - (4 + 6 + 1.5 * 1.4 + 2))).toBeLessThan(0.5);
  });

  it("sweeps over settings, and goes on in a folder without training anything twice", () => {
    const folder = join(temporaryFolder(), "sweep");
    const { status, stdout, stderr } = runExample("sweep.mjs", [folder], temporaryFolder());
    expect([status, stderr]).toEqual([0, ""]);
    const table = readFileSync(join(folder, "results.csv"), "utf8");
    expect(table.split("\r\n")).toHaveLength(14); // Names, twelve trials, and the end of the last line.
    expect(stdout).toContain(table);
    expect(stdout.match(/^Trial \d+ after /gm)).toHaveLength(12 + 4 + 1);
    const [, best] = /^Best of 12: (\S+) %, by a learning rate of /m.exec(stdout) ?? [];
    expect(Number(best)).toBeGreaterThan(80);
    const again = runExample("sweep.mjs", [folder], temporaryFolder());
    expect(again.stdout).not.toContain("Trial 0 after");
    expect(again.stdout).toContain(table);
  });

  it("learns by estimators", () => {
    const { status, stdout, stderr } = runExample("estimators.mjs", [], temporaryFolder());
    expect([status, stderr]).toEqual([0, ""]);
    const numbers =
      /^Digits: (\S+) % right after \d+ epochs\.\nWave: R2 (\S+), the sine of 1 is (\S+)\.\nLine: (\S+) % right\.$/m;
    const [digits = 0, wave = 0, sine = 0, line = 0] = (numbers.exec(stdout)?.slice(1) ?? []).map(Number);
    expect(digits).toBeGreaterThan(80);
    expect(wave).toBeGreaterThan(0.999);
    expect(Math.abs(sine - Math.sin(1))).toBeLessThan(0.01);
    expect(line).toBeGreaterThan(95);
  });
});
