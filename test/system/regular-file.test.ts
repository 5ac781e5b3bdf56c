import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readTrace } from "../../src/chapter/trace.js";
import { loadCsv } from "../../src/data/readers/csv.js";
import { loadImageFolder } from "../../src/data/readers/image-folder.js";
import { loadNpz } from "../../src/data/readers/npz.js";
import { FileAccessError } from "../../src/errors.js";
import { readIdx } from "../../src/formats/idx.js";
import { readPngAsGray } from "../../src/formats/png.js";
import { readRun } from "../../src/runs/read-run.js";
import { readRegularFile } from "../../src/system/regular-file.js";
import { loadModel } from "../../src/training/model-file.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = temporaryFolder();
const pipe = join(folder, "pipe.png");
const hasPipes = spawnSync("mkfifo", [pipe]).status === 0;

/** A folder of images, and one of a run, in which a file leads elsewhere. */
let made = 0;
const inFolder = (name: string, file: string, target: string) => {
  const path = join(folder, `${name}-${made++}`);
  mkdirSync(join(path, "class"), { recursive: true });
  symlinkSync(target, join(path, file));
  return path;
};

const readers: readonly [name: string, read: (path: string) => Promise<unknown>][] = [
  ["loadCsv", (path) => loadCsv({ file: path })],
  ["loadNpz", (path) => loadNpz({ file: path })],
  ["readIdx", (path) => readIdx(path, "images")],
  ["readPngAsGray", readPngAsGray],
  ["loadModel", loadModel],
  ["readTrace", readTrace],
  [
    "loadImageFolder",
    (path) => loadImageFolder({ directory: inFolder("images", join("class", "a.png"), path) }),
  ],
  ["readRun", (path) => readRun(inFolder("run", "config.json", path))],
];

describe.skipIf(!hasPipes)(
  hasPipes ? "in place of a file" : "in place of a file, skipped: there is no mkfifo",
  () => {
    for (const [name, read] of readers) {
      it(`${name} refuses a named pipe without waiting for its writer`, { timeout: 5000 }, async () => {
        await expect(read(pipe)).rejects.toThrow(FileAccessError);
        await expect(read(pipe)).rejects.toThrow(/cannot be read: it is a device or a pipe/);
      });

      it(`${name} refuses a device that never ends`, { timeout: 5000 }, async () => {
        await expect(read("/dev/zero")).rejects.toThrow(/cannot be read: it is a device or a pipe/);
      });
    }
  },
);

describe("a file that is read as a whole", () => {
  it("has a greatest size", async () => {
    const path = join(folder, "large");
    writeFileSync(path, "");
    truncateSync(path, 3_000_000);
    expect((await readRegularFile(path, 3_000_000)).length).toBe(3_000_000);
    await expect(readRegularFile(path, 2_999_999)).rejects.toThrow(
      /large has 3\.0 MB, and at most 3\.0 MB were expected; name another file\.$/,
    );
  });

  it("is no folder", async () => {
    await expect(readRegularFile(folder, 10)).rejects.toThrow(/cannot be read: it is a folder\.$/);
  });
});
