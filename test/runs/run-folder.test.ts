import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { OutputError } from "../../src/errors.js";
import { writeMetrics } from "../../src/runs/metrics-file.js";
import { prepareRunFolder } from "../../src/runs/run-folder.js";
import { writeFileAtomically, writeJson } from "../../src/system/files.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = temporaryFolder();
const isRoot = process.getuid?.() === 0;

function filesIn(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

async function expectFault(writing: Promise<void>, fault: RegExp): Promise<void> {
  const error = await writing.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OutputError);
  expect(error).toHaveProperty("message", expect.stringMatching(fault));
}

describe("prepareRunFolder", () => {
  it("makes the folder and those above it, and leaves nothing in it", async () => {
    const path = join(folder, "runs", "first");
    await prepareRunFolder(path);
    expect(readdirSync(path)).toEqual([]);
  });

  it("accepts a folder that is there already, and leaves its files", async () => {
    const path = filesIn("present");
    writeFileSync(join(path, "note"), "");
    await prepareRunFolder(path);
    expect(readdirSync(path)).toEqual(["note"]);
  });

  it("reports a file in the place of the folder", async () => {
    const path = join(folder, "file");
    writeFileSync(path, "");
    await expectFault(prepareRunFolder(path), /file cannot be written: a file of that name is in the way/);
  });

  it("reports a file on the way to the folder", async () => {
    const path = join(folder, "blocker");
    writeFileSync(path, "");
    await expectFault(prepareRunFolder(join(path, "run")), /a part of its path is a file, not a folder/);
  });

  it.skipIf(isRoot || process.platform === "win32")(
    "reports a folder without permission (root has every one)",
    async () => {
      const path = join(folder, "locked");
      mkdirSync(path, { mode: 0o555 });
      await expectFault(prepareRunFolder(path), /you have no permission to write there/);
    },
  );

  it.skipIf(process.platform !== "linux")("reports a file system that takes no folders", async () => {
    await expectFault(prepareRunFolder("/proc/run"), /\/proc\/run cannot be written/);
  });
});

describe("writeFileAtomically", () => {
  it("writes text and bytes, and leaves no temporary file", async () => {
    const path = filesIn("written");
    await writeFileAtomically(join(path, "text"), "grüße");
    await writeFileAtomically(join(path, "bytes"), Uint8Array.of(9, 1, 2, 3, 9).subarray(1, 4));
    expect(readFileSync(join(path, "text"), "utf8")).toBe("grüße");
    expect([...readFileSync(join(path, "bytes"))]).toEqual([1, 2, 3]);
    expect(readdirSync(path).sort()).toEqual(["bytes", "text"]);
  });

  it("replaces a longer file altogether", async () => {
    const path = join(filesIn("replaced"), "text");
    writeFileSync(path, "the old content");
    await writeFileAtomically(path, "new");
    expect(readFileSync(path, "utf8")).toBe("new");
  });

  it("reports a missing folder", () =>
    expectFault(writeFileAtomically(join(folder, "missing", "file"), ""), /its folder does not exist/));

  it("reports a folder in the place of the file, and leaves no temporary file", async () => {
    const path = filesIn("occupied");
    mkdirSync(join(path, "file"));
    await expectFault(writeFileAtomically(join(path, "file"), "x"), /a folder of that name is in the way/);
    expect(readdirSync(path)).toEqual(["file"]);
  });
});

describe("the files of a run", () => {
  it("holds JSON for people, with a final newline", async () => {
    const path = join(folder, "summary.json");
    await writeJson(path, { testLoss: 0.01, dtype: "float32" });
    expect(readFileSync(path, "utf8")).toBe('{\n  "testLoss": 0.01,\n  "dtype": "float32"\n}\n');
  });

  it("holds one line for each epoch, with what was measured on each set apart", async () => {
    const path = join(folder, "metrics.jsonl");
    const epoch = {
      learningRate: 0.1,
      step: 550,
      seconds: 0.5,
      validAccuracy: 0.75,
      validLoss: Number.NaN,
      trainAccuracy: 0.76,
      trainLoss: 0.05,
      epoch: 1,
    };
    await writeMetrics(path, [epoch, { ...epoch, epoch: 2, step: 1100, ...{ mood: "good" } }]);
    const rest =
      '"learningRate":0.1,"seconds":0.5,"train":{"loss":0.05,"accuracy":0.76},"validation":{"loss":null,"accuracy":0.75}}';
    expect(readFileSync(path, "utf8")).toBe(
      `{"epoch":1,"step":550,${rest}\n{"epoch":2,"step":1100,${rest}\n`,
    );
  });
});
