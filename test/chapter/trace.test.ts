import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readTrace } from "../../src/chapter/trace.js";
import { FileAccessError, TraceFormatError } from "../../src/errors.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const chapterPath = fileURLToPath(new URL("../../traces/chapter.json", import.meta.url));
const path = join(temporaryFolder(), "trace.json");

/** The chapter's trace with one value replaced, or left out. */
function withValue(keys: string, value: unknown): string {
  const trace = JSON.parse(readFileSync(chapterPath, "utf8"));
  const parents = keys.split(".");
  const last = parents.pop() as string; // A split gives at least one part.
  const parent = parents.reduce((object, key) => object[key], trace);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return JSON.stringify(trace);
}

describe("readTrace", () => {
  it("reads the chapter's trace", async () => {
    const { settings, split, epochs, test } = await readTrace(chapterPath);
    expect(settings).toMatchObject({ hidden: 50, epochs: 50, lr: 0.1, batch: 100, split_seed: 123 });
    expect([split.train.count, split.valid.count, split.test.count]).toEqual([55_000, 5000, 10_000]);
    expect(epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(test?.count).toBe(10_000);
  });

  it("reads a trace without an evaluation on the test set", async () => {
    writeFileSync(path, withValue("test", undefined));
    expect((await readTrace(path)).test).toBeUndefined();
  });

  it.each([
    ["settings", undefined],
    ["settings.hidden", 0],
    ["settings.hidden", "50"],
    ["settings.epochs", 1.5],
    ["settings.batch", -100],
    ["settings.lr", 0],
    ["settings.lr", "fast"],
    ["settings.init_seed", -1],
    ["settings.shuffle_seed", 2 ** 32],
    ["settings.split_seed", null],
    ["split", []],
    ["split.train.count", 0],
    ["split.valid", null],
    ["split.test.count", "10000"],
    ["split.train.sha256_int64_le", "abc"],
    ["split.valid.sha256_int64_le", 7],
    ["split.test.sha256_int64_le", undefined],
    ["split.test.sha256_int64_le", ["0".repeat(64)]],
    ["init.weight_h_first", []],
    ["init.weight_h_first", [1, "2"]],
    ["init.weight_h_sum", null],
    ["init.weight_out_first", {}],
    ["init.weight_out_sum", undefined],
    ["epochs", undefined],
    ["epochs", { length: 50 }],
    ["epochs", []],
    ["epochs.0", null],
    ["epochs.3.epoch", 5],
    ["epochs.49.train.mse", -1],
    ["epochs.49.train.correct", 0.5],
    ["epochs.0.valid", undefined],
    ["epochs.0.valid.mse", null],
    ["epochs.0.valid.count", 0],
    ["epochs.0.valid", { mse: 0.1, correct: 11, count: 10 }],
    ["test", { mse: 0.1, correct: 10_001, count: 10_000 }],
    ["test", null],
    ["test.correct", "9000"],
  ])("names %s when it is %j", async (keys, value) => {
    writeFileSync(path, withValue(keys, value));
    const reading = readTrace(path);
    await expect(reading).rejects.toThrow(TraceFormatError);
    await expect(reading).rejects.toThrow(`The trace ${path} is not valid: expected `);
    await expect(reading).rejects.toThrow(new RegExp(` for ${keys.replaceAll(".", "\\.")}[ .]`));
  });

  it("says how many epochs there should be", async () => {
    writeFileSync(path, withValue("settings.epochs", 49));
    await expect(readTrace(path)).rejects.toThrow("a list of settings.epochs = 49 entries for epochs");
  });

  it.each(["null", "3", '"trace"', "[]", "{}"])("refuses %s", async (text) => {
    writeFileSync(path, text);
    await expect(readTrace(path)).rejects.toThrow(TraceFormatError);
    await expect(readTrace(path)).rejects.toThrow("for settings.hidden but found nothing.");
  });

  it.each(["", "epochs: 50", '{"settings":'])("refuses %j, which is not JSON", async (text) => {
    writeFileSync(path, text);
    await expect(readTrace(path)).rejects.toThrow(TraceFormatError);
    await expect(readTrace(path)).rejects.toThrow(`The trace ${path} is not JSON`);
  });

  it("says when the file cannot be read", async () => {
    await expect(readTrace(`${path}.missing`)).rejects.toThrow(FileAccessError);
    await expect(readTrace(`${path}.missing`)).rejects.toThrow(
      `${path}.missing cannot be read: there is no such file; name a file that scripts/record-trace.py wrote.`,
    );
  });
});
