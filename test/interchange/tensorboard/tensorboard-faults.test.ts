import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createTable } from "../../../src/data/create-table.js";
import { type TensorBoardOptions, tensorBoard } from "../../../src/interchange/tensorboard/tensorboard.js";
import type { Callback } from "../../../src/training/callback.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { canDecode, readEvents } from "./board-reader.js";
import { make, run, stepsOf, validation } from "./board-runs.js";

const root = temporaryFolder();

/** Does something while the n-th write to an open file, counted from 1, finds the disk full, which takes half of it. */
async function withFullDisk(n: number, action: () => Promise<unknown>): Promise<void> {
  const original = fs.writeFileSync;
  let writes = 0;
  fs.writeFileSync = (file, data, options) => {
    writes += typeof file === "number" ? 1 : 0;
    if (typeof file !== "number" || writes !== n) return original(file, data, options);
    original(file, (data as Uint8Array).subarray(0, 10));
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", errno: -28 });
  };
  syncBuiltinESMExports();
  try {
    await action();
  } finally {
    fs.writeFileSync = original;
    syncBuiltinESMExports();
  }
}

describe.skipIf(!canDecode)("what is written on a disk that is full for a moment", () => {
  // The beginning of a file takes two writes, and each epoch one.
  it.each([1, 2])("is an error before the first epoch, at write %i", async (n) => {
    await withFullDisk(n, async () => {
      const board = tensorBoard(join(root, `full ${n}`), { onError() {} });
      await expect(run(make(), [board])).rejects.toThrow(/cannot be written: the disk is full; /);
    });
  });

  it.each([
    [3, [5, 10, 15]],
    [4, [5, 10, 15]],
    [5, [5, 10]],
  ])("is whole all the time, and comes with the next: at write %i", async (n, ends) => {
    const folder = join(root, `full ${n}`);
    const errors: string[] = [];
    const board = tensorBoard(folder, { onError: ({ message }) => errors.push(message) });
    const look: Callback = { onEpochEnd: () => void readEvents(folder) }; // It throws where a record is cut off.
    await withFullDisk(n, () => run(make(), [board, look]));
    expect(errors).toEqual([
      expect.stringMatching(/cannot be written: the disk is full; name another place\.$/),
    ]);
    expect(stepsOf(folder)["loss/train"]).toEqual(ends);
  });
});

describe("options of tensorBoard", () => {
  it.each(["", 3, undefined])("%j is no folder", (folder) => {
    expect(() => tensorBoard(folder as never)).toThrow(
      "Expected the path of a folder for the first argument of tensorBoard but received",
    );
  });

  const table = createTable({ features: Float64Array.of(1, 2), width: 1, values: Float64Array.of(1, 2) });
  it.each<[TensorBoardOptions, string]>([
    [{ everySteps: "2" as never }, "a whole number of at least 1 for everySteps"],
    [{ everyEpochs: 0 }, "a whole number of at least 1 for everyEpochs"],
    [{ histograms: 1 as never }, "true or false for histograms"],
    [{ validation, images: 0.5 }, "a whole number of at least 1 for images"],
    [{ validation: { parts() {} } as never }, "a dataset in memory for validation"],
    [{ hyperparameters: [] as never }, "an object, such as { learningRate: 0.1 }, for hyperparameters"],
    [{ onError: "x" as never }, "a function for onError"],
    [{ images: 3 }, "validation, a dataset of images to show mistakes of, beside images"],
    [{ validation: table }, "validation of tensorBoard needs"],
    [
      { hyperparameters: { rate: Number.NaN } },
      'a text, a finite number, true or false for "rate" of hyperparameters',
    ],
    [{ hyperparameters: { layers: [1] as never } }, 'for "layers" of hyperparameters but received an array.'],
  ])("are refused: %#", (options, words) => {
    expect(() => tensorBoard(root, options)).toThrow(words);
  });
});
