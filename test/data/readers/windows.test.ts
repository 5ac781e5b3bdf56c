import {
  closeSync,
  ftruncateSync,
  openSync,
  readdirSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { minibatches } from "../../../src/data/minibatches.js";
import {
  type DatasetWindow,
  type IdxWindows,
  type IdxWindowsEpochOptions,
  type OpenIdxWindowsOptions,
  openIdxWindows,
} from "../../../src/data/readers/windows.js";
import { DataFormatError, InvalidArgumentError, LabelRangeError, ShapeError } from "../../../src/errors.js";
import { encodeIdxHeader } from "../../../src/formats/idx.js";
import { RandomState } from "../../../src/random/random-state.js";
import { flat } from "../../support/flat.js";
import { imageFile, labelFile } from "../../support/quartet.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const COUNT = 100;
const PIXELS = 6;
const images = join(folder, "images");
const labels = join(folder, "labels.gz");
writeFileSync(images, imageFile(0, COUNT));
writeFileSync(labels, gzipSync(labelFile(0, COUNT)));

/** Chunks of 7 images, the last of 2; three chunks in a window. */
async function openSmall(options: Partial<OpenIdxWindowsOptions> = {}): Promise<IdxWindows> {
  const windows = await openIdxWindows({
    images,
    labels,
    chunkBytes: 7 * PIXELS + 5,
    windowBytes: 3 * 7 * PIXELS + 40,
    ...options,
  });
  onTestFinished(windows.close);
  return windows;
}

interface SeenWindow {
  /** The rows of the file that are in memory. */
  readonly held: number[];
  /** The rows of the file that were asked for. */
  readonly rows: number[];
}

/** Goes through an epoch, and checks that each row has its own pixels and label. */
async function goThrough(windows: IdxWindows, options: IdxWindowsEpochOptions = {}): Promise<SeenWindow[]> {
  const seen: SeenWindow[] = [];
  for await (const window of windows.epoch(options)) {
    checkContent(window);
    const { dataset, fileRows } = window;
    seen.push({ held: [...fileRows], rows: Array.from(dataset.rows, (row) => fileRows[row] ?? -1) });
  }
  return seen;
}

function checkContent({ dataset, fileRows }: DatasetWindow): void {
  const { length } = fileRows;
  const bytes = Array.from({ length: length * PIXELS }, (_, i) => {
    const row = fileRows[Math.floor(i / PIXELS)] ?? -1;
    return (row * PIXELS + (i % PIXELS)) % 256;
  });
  expect([...dataset.features.data]).toEqual(bytes);
  expect([...dataset.targets.labels]).toEqual(Array.from(fileRows, (row) => row % 10));
  expect(flat(dataset)).toMatchObject({ imageShape: [2, 3], classes: 10 });
}

const range = (start: number, end: number) => Array.from({ length: end - start }, (_, i) => start + i);

describe("an IDX file in windows", () => {
  it("says what it holds", async () => {
    const windows = await openSmall({ classNames: [..."abcdefghij"] });
    expect(windows).toMatchObject({
      count: 100,
      imageShape: [2, 3],
      classes: 10,
      classNames: [..."abcdefghij"],
      chunkRows: 7,
      chunkCount: 15,
      windowRows: 21,
    });
    expect([...windows.labels]).toEqual(range(0, 100).map((row) => row % 10));
  });

  it("is gone through from its first row to its last", async () => {
    const seen = await goThrough(await openSmall());
    expect(seen.map(({ rows }) => rows)).toEqual([
      range(0, 21),
      range(21, 42),
      range(42, 63),
      range(63, 84),
      range(84, 100),
    ]);
  });

  it("is gone through in the order of chunks that is given", async () => {
    const seen = await goThrough(await openSmall(), { chunks: Int32Array.of(14, 0, 3, 1) });
    expect(seen.map(({ rows }) => rows)).toEqual([[98, 99, ...range(0, 7), ...range(21, 28)], range(7, 14)]);
  });

  it("gives all rows once in shuffled order, the same for the same seed", async () => {
    const windows = await openSmall();
    const rowsFor = async (seed: number) =>
      (await goThrough(windows, { shuffle: new RandomState(seed) })).flatMap(({ rows }) => rows);
    const [first, again, other] = [await rowsFor(1), await rowsFor(1), await rowsFor(2)];
    expect(first.toSorted((a, b) => a - b)).toEqual(range(0, 100));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(first).not.toEqual(range(0, 100));
  });

  it("gives the rows that are asked for, in their order within each chunk, and reads no chunk without one", async () => {
    const seen = await goThrough(await openSmall(), { rows: Int32Array.of(99, 30, 5, 28, 3, 0) });
    expect(seen).toEqual([{ held: [...range(0, 7), ...range(28, 35), 98, 99], rows: [5, 3, 0, 30, 28, 99] }]);
  });

  it("gives every part of a split whole, whatever the sizes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(COUNT - 1)),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 700 }),
        fc.nat(),
        async (rows, chunkBytes, windowBytes, seed) => {
          const windows = await openIdxWindows({ images, labels, chunkBytes, windowBytes });
          const shuffle = new RandomState(seed);
          const seen = await goThrough(windows, { rows: Int32Array.from(rows), shuffle });
          await windows.close();
          expect(seen.flatMap((window) => window.rows).sort()).toEqual(rows.toSorted());
          for (const { held } of seen) {
            expect(held.length).toBeLessThanOrEqual(windows.windowRows);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("mixes the classes of a file that is sorted by class", async () => {
    const sorted = join(folder, "sorted-labels");
    const body = Uint8Array.from({ length: COUNT }, (_, row) => Math.floor(row / 10));
    writeFileSync(sorted, Buffer.concat([encodeIdxHeader("labels", [COUNT]), body]));
    const windows = await openSmall({ labels: sorted, chunkBytes: 2 * PIXELS, windowBytes: 20 * PIXELS });
    for await (const { dataset } of windows.epoch({ shuffle: new RandomState(3) })) {
      expect(new Set(dataset.targets.labels).size).toBeGreaterThan(3);
    }
  });

  it("gives windows that minibatches are taken from", async () => {
    const windows = await openSmall();
    const shuffle = new RandomState(5);
    const scratch = new Int32Array(windows.windowRows);
    const seen: number[] = [];
    for await (const { dataset, fileRows } of windows.epoch({ shuffle })) {
      for (const batch of minibatches(dataset.rows, { batchSize: 8, shuffle, scratch })) {
        seen.push(...Array.from(batch, (row) => fileRows[row] ?? -1));
      }
    }
    expect(seen.sort((a, b) => a - b)).toEqual(range(0, 100));
  });

  it("uses its memory again, epoch after epoch, also after one that was left", async () => {
    const windows = await openSmall();
    const buffers = new Set<ArrayBufferLike>();
    for (let epoch = 0; epoch < 5; epoch++) {
      for await (const { dataset } of windows.epoch()) {
        buffers.add(dataset.features.data.buffer);
        if (epoch % 2 === 1) {
          break;
        }
      }
    }
    expect(buffers.size).toBe(2);
  });

  it("can be gone through twice at the same time", async () => {
    const windows = await openSmall();
    const [first, second] = [windows.epoch(), windows.epoch({ chunks: Int32Array.of(4) })];
    const one = await first.next();
    const two = await second.next();
    checkContent(one.value as DatasetWindow);
    checkContent(two.value as DatasetWindow);
    await first.return();
    await second.return();
  });

  it("stops when its signal is aborted", async () => {
    const controller = new AbortController();
    const windows = await openSmall();
    const reason = new Error("Enough.");
    let count = 0;
    const walk = async () => {
      for await (const _ of windows.epoch({ signal: controller.signal })) {
        count++;
        controller.abort(reason);
      }
    };
    await expect(walk()).rejects.toBe(reason);
    expect(count).toBe(1);
  });

  it.skipIf(process.platform !== "linux")("leaves no file open when it is closed", async () => {
    const before = readdirSync("/proc/self/fd").length;
    for (let i = 0; i < 20; i++) {
      const windows = await openIdxWindows({ images, labels });
      await goThrough(windows);
      await windows.close();
    }
    expect(readdirSync("/proc/self/fd").length).toBeLessThan(before + 5);
  });
});

describe("an IDX file cannot be read in windows", () => {
  it.each<[why: string, options: Partial<OpenIdxWindowsOptions>, errorClass: new (message: string) => Error]>(
    [
      ["with windows of no bytes", { windowBytes: 0 }, InvalidArgumentError],
      ["with chunks of half a byte", { chunkBytes: 0.5 }, InvalidArgumentError],
      ["with too few classes", { classes: 9 }, LabelRangeError],
      ["with no classes", { classes: 0 }, InvalidArgumentError],
      ["with labels for images", { images: labels }, DataFormatError],
    ],
  )("%s", async (_, options, errorClass) => {
    await expect(openSmall(options)).rejects.toThrow(errorClass);
  });

  it("when it is compressed", async () => {
    const compressed = join(folder, "images.gz");
    writeFileSync(compressed, gzipSync(imageFile(0, COUNT)));
    await expect(openSmall({ images: compressed })).rejects.toThrow(/is compressed.*decompress it first/);
  });

  it("when it has not as many labels", async () => {
    const fewer = join(folder, "fewer-labels");
    writeFileSync(fewer, labelFile(0, 99));
    await expect(openSmall({ labels: fewer })).rejects.toThrow(ShapeError);
  });

  it.each<[why: string, options: IdxWindowsEpochOptions]>([
    ["at a row that it has not", { rows: Int32Array.of(100) }],
    ["at a chunk that it has not", { chunks: Int32Array.of(15) }],
  ])("%s", async (_, options) => {
    const windows = await openSmall();
    expect(() => windows.epoch(options)).toThrow(InvalidArgumentError);
  });

  it("when it is cut short meanwhile", async () => {
    const shrinking = join(folder, "shrinking");
    writeFileSync(shrinking, imageFile(0, COUNT));
    const windows = await openSmall({ images: shrinking });
    truncateSync(shrinking, 300);
    await expect(goThrough(windows)).rejects.toThrow(/was cut short while it was being read/);
  });
});

describe("a file of more than 4 GiB", () => {
  it("is read in windows anywhere in it, in little memory", async () => {
    const count = 5_500_000;
    const large = join(folder, "large-images");
    const file = openSync(large, "w");
    writeSync(file, encodeIdxHeader("images", [count, 28, 28]));
    // A sparse file: its zeros take no room on the disk.
    ftruncateSync(file, 16 + count * 784);
    const marked = [0, 2_700_000, 5_478_275, count - 1];
    for (const [i, row] of marked.entries()) {
      writeSync(file, new Uint8Array(784).fill(i + 1), 0, 784, 16 + row * 784);
    }
    closeSync(file);
    const largeLabels = join(folder, "large-labels");
    const body = Uint8Array.from({ length: count }, (_, row) => row % 10);
    writeFileSync(largeLabels, Buffer.concat([encodeIdxHeader("labels", [count]), body]));
    expect(16 + count * 784).toBeGreaterThan(2 ** 32);

    const windows = await openIdxWindows({ images: large, labels: largeLabels });
    onTestFinished(windows.close);
    const chunks = Int32Array.from(marked, (row) => Math.floor(row / windows.chunkRows));
    const found = new Map<number, number>();
    for await (const { dataset, fileRows } of windows.epoch({ chunks })) {
      for (const [i, row] of fileRows.entries()) {
        const image = dataset.features.data.subarray(i * 784, (i + 1) * 784);
        if (image[0] !== 0) {
          expect(new Set(image).size).toBe(1);
          expect(dataset.targets.labels[i]).toBe(row % 10);
          found.set(row, image[783] ?? 0);
        }
      }
    }
    expect(found).toEqual(new Map(marked.map((row, i) => [row, i + 1])));
    // The promise for any file: two windows of 64 MiB.
    expect(windows.windowRows * 784).toBeLessThanOrEqual(64 << 20);
  });
});
