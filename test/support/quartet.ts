import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { CatalogEntry } from "../../src/data/catalog/catalog.js";
import { catalogEntry } from "../../src/data/catalog/catalog.js";
import { mapQuartet, type Quartet } from "../../src/data/readers/quartet.js";
import { encodeIdxHeader } from "../../src/formats/idx.js";

export interface SmallQuartetOptions {
  readonly trainCount?: number;
  readonly testCount?: number;
  readonly imageShape?: readonly [height: number, width: number];
}

/**
 * The decompressed files of a small data set, the first rows those of the train files: pixel p of row r of [2, 3] pixels is
 * (6 r + p) mod 256, and its label is r mod 10.
 */
export function smallQuartet(options: SmallQuartetOptions = {}): Quartet<Buffer> {
  const { trainCount = 240, testCount = 40, imageShape = [2, 3] } = options;
  return {
    trainImages: imageFile(0, trainCount, imageShape),
    trainLabels: labelFile(0, trainCount),
    testImages: imageFile(trainCount, testCount, imageShape),
    testLabels: labelFile(trainCount, testCount),
  };
}

export function imageFile(
  start: number,
  count: number,
  [height, width]: readonly [height: number, width: number] = [2, 3],
): Buffer {
  const pixels = height * width;
  const body = Uint8Array.from({ length: count * pixels }, (_, i) => (start * pixels + i) % 256);
  return Buffer.concat([encodeIdxHeader("images", [count, height, width]), body]);
}

export function labelFile(start: number, count: number): Buffer {
  const body = Uint8Array.from({ length: count }, (_, i) => (start + i) % 10);
  return Buffer.concat([encodeIdxHeader("labels", [count]), body]);
}

/** Writes files under the names that an entry of the catalogue gives them, compressed, and returns the folder. */
export function writeEntry(entry: CatalogEntry, contents: Quartet<Buffer>, directory: string): string {
  mkdirSync(directory, { recursive: true });
  mapQuartet(contents, (content, place) =>
    writeFileSync(join(directory, `${entry.files[place].name}.gz`), gzipSync(content)),
  );
  return directory;
}

/** MNIST's entry with the sums of other files. */
export function entryFor(contents: Quartet<Buffer>): CatalogEntry {
  const entry = catalogEntry("mnist");
  return {
    ...entry,
    files: mapQuartet(entry.files, ({ name }, place) => ({
      name,
      sha256: createHash("sha256").update(contents[place]).digest("hex"),
    })),
  };
}
