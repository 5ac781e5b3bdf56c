import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeIdxHeader } from "../../../src/formats/idx.js";
import { writeSparseFile } from "../../support/sparse-file.js";

/**
 * Four IDX files with a little more than 1 GiB of images, from where on they are read in windows.
 *
 * @returns Why not, where the file system cannot do that.
 */
export function writeLargeQuartet(folder: string): string | null {
  const [side, trainCount, testCount] = [200, 27_000, 100];
  const labels = (count: number) =>
    Buffer.concat([
      encodeIdxHeader("labels", [count]),
      Uint8Array.from({ length: count }, (_, row) => row % 3),
    ]);
  mkdirSync(folder);
  const header = encodeIdxHeader("images", [trainCount, side, side]);
  const fault = writeSparseFile(
    join(folder, "train-images-idx3-ubyte"),
    header,
    16 + trainCount * side * side,
  );
  if (fault !== null) return fault;
  const test = Buffer.concat([
    encodeIdxHeader("images", [testCount, side, side]),
    new Uint8Array(testCount * side * side),
  ]);
  writeFileSync(join(folder, "train-labels-idx1-ubyte"), labels(trainCount));
  writeFileSync(join(folder, "t10k-images-idx3-ubyte"), test);
  writeFileSync(join(folder, "t10k-labels-idx1-ubyte"), labels(testCount));
  return null;
}
