import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { recordFile } from "../../src/data/catalog/cached-file.js";
import { catalogEntry, type DatasetName } from "../../src/data/catalog/catalog.js";
import { syntheticDigits } from "../../src/data/synthetic/synthetic-digits.js";
import { encodeIdxHeader } from "../../src/formats/idx.js";

/** Numbers of images in the two files. By the chapter's split: 1,100 for training, 100 for validation, 200 for the test. */
export const TRAIN_COUNT = 1200;
export const TEST_COUNT = 200;

const digits = syntheticDigits({ count: TRAIN_COUNT + TEST_COUNT });
const PIXELS = 28 * 28;

/** The four files of a small data set that a network can learn, by name. */
export const smallFiles: Readonly<Record<string, Uint8Array>> = {
  "train-images-idx3-ubyte": images(0, TRAIN_COUNT),
  "train-labels-idx1-ubyte": labels(0, TRAIN_COUNT),
  "t10k-images-idx3-ubyte": images(TRAIN_COUNT, TEST_COUNT),
  "t10k-labels-idx1-ubyte": labels(TRAIN_COUNT, TEST_COUNT),
};

/** An image of the test file, [28 * 28], and its class. */
export function testImage(row: number): { readonly pixels: Uint8Array; readonly label: number } {
  const start = (TRAIN_COUNT + row) * PIXELS;
  return {
    pixels: digits.features.data.slice(start, start + PIXELS),
    label: digits.targets.labels[TRAIN_COUNT + row] as number,
  };
}

/** Writes a new folder with the four files, some of them changed, or left out by `null`. */
export function writeSmallData(
  parent: string,
  name: string,
  changes: Readonly<Record<string, Uint8Array | null>> = {},
): string {
  const folder = join(parent, name);
  mkdirSync(folder);
  for (const [file, bytes] of Object.entries({ ...smallFiles, ...changes })) {
    if (bytes !== null) writeFileSync(join(folder, file), bytes);
  }
  return folder;
}

/** As {@link writeSmallData}; in a cache, where it passes for the published files of a data set with MNIST's names. */
export async function writeAsPublished(cache: string, name: DatasetName): Promise<string> {
  const folder = writeSmallData(cache, name);
  for (const file of Object.values(catalogEntry(name).files)) {
    await recordFile(join(folder, file.name), file);
  }
  return folder;
}

function images(start: number, count: number): Uint8Array {
  const body = digits.features.data.subarray(start * PIXELS, (start + count) * PIXELS);
  return Buffer.concat([encodeIdxHeader("images", [count, 28, 28]), body]);
}

function labels(start: number, count: number): Uint8Array {
  return Buffer.concat([
    encodeIdxHeader("labels", [count]),
    Uint8Array.from(digits.targets.labels.subarray(start, start + count)),
  ]);
}
