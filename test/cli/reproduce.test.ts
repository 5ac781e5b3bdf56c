import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { mnistDirectory } from "../support/mnist.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess, hasAddon } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const CHAPTER = fileURLToPath(new URL("../../traces/chapter.json", import.meta.url));
const real = ["reproduce", "--data-dir", mnistDirectory as string, "--epochs", "1"];

function writeTrace(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe.skipIf(mnistDirectory === null)("reproduce on the real MNIST", () => {
  it.skipIf(!hasAddon)("agrees with NumPy on the native backend", async () => {
    const stdout = expectSuccess(await cli([...real, "--backend", "native"]));
    expect(stdout).toMatch(/^Replaying 1 epoch in float64 on the native backend \(\w+\)\.\n/);
    expect(stdout.match(/ agrees$/gm)).toHaveLength(7);
    expect(stdout).toMatch(/epoch 1 train +41884\/55000 /);
    expect(stdout).not.toContain("DIFFERS");
  });

  it("agrees with NumPy on the TypeScript backend, as one JSON document", async () => {
    const report = JSON.parse(expectSuccess(await cli([...real, "--backend", "js", "--json"])));
    expect(report).toMatchObject({ backend: "js", agrees: true });
    expect(report.comparisons).toHaveLength(7);
  });

  it("says what differs from a trace, and fails", async () => {
    const trace = JSON.parse(readFileSync(CHAPTER, "utf8"));
    trace.epochs[0].valid.correct += 1;
    const path = writeTrace("tampered.json", JSON.stringify(trace));
    const { status, stdout, stderr } = await cli([...real, "--trace", path]);
    expect(stdout.match(/ DIFFERS$/gm)).toHaveLength(1);
    expect(stdout).toMatch(/^epoch 1 valid .* DIFFERS$/m);
    expect(stdout).toContain("1 of 7 comparisons differ.\n");
    expect(stderr).toBe("");
    expect(status).toBe(1);
  });
});

describe("reproduce", () => {
  it("refuses data that are not MNIST", async () => {
    const data = writeSmallData(folder, "data");
    expectFault(await cli(["reproduce", "--data-dir", data]), 1, /is not the published MNIST, byte for byte/);
  });

  it("holds any data against a trace that is named, and lets the splits tell whether it is theirs", async () => {
    const data = writeSmallData(folder, "other");
    const { status, stdout } = await cli([
      "reproduce",
      "--data-dir",
      data,
      "--trace",
      CHAPTER,
      "--epochs",
      "1",
    ]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^split train .* DIFFERS$/m);
    expect(stdout).toMatch(/^\d of 7 comparisons differ\.$/m);
  });

  it.each<[name: string, content: () => string, sentence: RegExp]>([
    ["empty", () => "", /empty\.json is not JSON/],
    ["half", () => readFileSync(CHAPTER, "utf8").slice(0, 500), /half\.json is not JSON/],
    ["foreign", () => "{}", /foreign\.json is not valid: expected a whole number .* for settings\.hidden/],
    [
      "short",
      () => {
        const trace = JSON.parse(readFileSync(CHAPTER, "utf8"));
        return JSON.stringify({ ...trace, epochs: trace.epochs.slice(1) });
      },
      /short\.json is not valid: expected a list of settings\.epochs = 50 entries for epochs/,
    ],
  ])("refuses a trace that is %s", async (name, content, sentence) => {
    const path = writeTrace(`${name}.json`, content());
    expectFault(await cli(["reproduce", "--data-dir", folder, "--trace", path]), 1, sentence);
  });

  it("refuses a trace that is not there", async () => {
    const path = join(folder, "nowhere.json");
    expectFault(await cli(["reproduce", "--trace", path]), 1, /nowhere\.json cannot be read/);
  });
});
