import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess, shellLine, startProgram } from "./harness.js";
import { smallFiles, writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "mnist");
const run = join(folder, "run");
const train = ["train", "--data-dir", data, "--epochs", "1", "--hidden", "4"];

/** Runs the command line with at most so many open files. */
function withFiles(limit: number, args: readonly string[]) {
  return startProgram("sh", ["-c", `ulimit -n ${limit} && exec ${shellLine(args)}`]).finished;
}

/** The fewest open files with which Node.js itself starts and loads a module. */
function fewestFiles(): number {
  const empty = join(folder, "empty.mjs");
  writeFileSync(empty, "");
  const starts = (limit: number) =>
    spawnSync("sh", ["-c", `ulimit -n ${limit} && exec '${process.execPath}' '${empty}'`]).status === 0;
  let limit = 8;
  while (!starts(limit)) limit++;
  return limit;
}

describe.skipIf(process.platform === "win32")("with few files that may be open", () => {
  const fewest = process.platform === "win32" ? 0 : fewestFiles();
  const sentence =
    /^mnist-native: This process may not open as many files as it needs; raise the limit, .*\.\n$/;

  beforeAll(async () => {
    expectSuccess(await cli([...train, "--out", run]));
  });

  it.each([0, 2, 5, 10])("every command ends in one sentence (%i more than Node.js needs)", async (more) => {
    const out = join(folder, `more-${more}`);
    const commands = [
      [...train, "--out", out],
      ["predict", join(run, "model.safetensors"), "--data-dir", data, "--row", "0"],
      ["report", run],
    ];
    for (const args of commands) expectFault(await withFiles(fewest + more, args), 1, sentence);
    expect(existsSync(out)).toBe(false);
  });

  it.each([20, 30, 40, 60, 80])("every command ends in a sentence or works (%i more)", async (more) => {
    const out = join(folder, `enough-${more}`);
    for (const args of [
      [...train, "--out", out],
      ["report", run, "--out", `${out}.html`],
    ]) {
      const { status, stderr } = await withFiles(fewest + more, args);
      if (status !== 0) expect(stderr).toMatch(sentence);
      expect([0, 1]).toContain(status);
    }
  });
});

describe("with too little memory", () => {
  it("train ends in a sentence", async () => {
    const out = join(folder, "huge");
    expectFault(
      await cli(["train", "--data-dir", data, "--hidden", "1000000,1000000", "--out", out]),
      1,
      /There is not enough memory for this; take less data or a smaller network, or raise the limit/,
    );
    expect(existsSync(out)).toBe(false);
  });

  // What is short is memory for V8's own objects in some of them: V8 then ends the process by itself, with a trace of its own and a
  // signal, before any program is asked. Which of these it is differs from one start to the next.
  const kilobytes = Array.from({ length: 12 }, (_, i) => 850_000 + 50_000 * i);
  it.skipIf(process.platform !== "linux")("never takes good data for damaged", async () => {
    const names = Object.entries(smallFiles);
    const compressed = writeSmallData(folder, "compressed", {
      ...Object.fromEntries(names.map(([name]) => [name, null])),
      ...Object.fromEntries(names.map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)])),
    });
    const args = ["train", "--data-dir", compressed, "--epochs", "1"];
    const ends = { worked: 0, sentence: 0, v8: 0 };
    for (const limit of kilobytes) {
      const line = `ulimit -v ${limit} && exec ${shellLine(args)}`;
      const result = await startProgram("sh", ["-c", line]).finished;
      if (result.status === 0) {
        ends.worked++;
      } else if (result.status === 1) {
        expectFault(result, 1, /There is not enough memory for this; .* as by ulimit -v unlimited\./);
        ends.sentence++;
      } else {
        expect([null, 133, 134, 139]).toContain(result.status);
        expect(result.stderr).not.toContain("mnist-native:");
        ends.v8++;
      }
    }
    expect(ends.worked + ends.sentence).toBeGreaterThan(0);
  });
});
