import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { DataFormatError, MnistNativeError } from "../../errors.js";
import { withByteSource } from "../../formats/byte-source.js";
import { type IdxKind, idxHeaderBytes, readIdxHeader } from "../../formats/idx.js";
import { asFileAccessError } from "../../system/system-error.js";
import { isCanonicalMnist } from "../readers/mnist.js";
import { loadNpz } from "../readers/npz.js";
import { mapQuartet } from "../readers/quartet.js";
import { type CatalogEntry, type DatasetFile, fileKinds, type PublishedSum } from "./catalog.js";
import type { DatasetLocation } from "./locate.js";

/**
 * How far a file can be trusted. `verified`: its sum is the published one. `well-formed`: no sum of it is known, and it is what
 * its format and its own check sums promise. `wrong`: it is something else, or damaged.
 */
export type Verdict = "verified" | "well-formed" | "wrong";

export interface VerifiedFile {
  readonly path: string;
  readonly verdict: Verdict;
  /** A sentence about what is wrong. */
  readonly fault?: string;
}

const BLOCK_BYTES = 1 << 20;

/** Reads the files of a data set to their last byte, and compares their sums with the published ones. Nothing is changed. */
export async function verifyFiles(
  entry: CatalogEntry,
  { files }: DatasetLocation,
): Promise<readonly VerifiedFile[]> {
  if (files.format === "npz") {
    return [await judge(files.path, () => checkKerasMnist(files.path))];
  }
  const judged = mapQuartet(fileKinds(entry), (kind, place) => {
    const path = files.paths[place];
    return judge(path, () => checkIdxFile(path, kind, entry.files[place]));
  });
  return Promise.all(Object.values(judged));
}

/**
 * Checks an IDX file of the catalogue to its last byte.
 *
 * @returns `verified` where a sum is known for the form that the file is in.
 * @throws FileAccessError when the file cannot be read.
 * @throws DataFormatError when its sum, its length or its format is wrong.
 */
export async function checkIdxFile(
  path: string,
  kind: IdxKind,
  { sha256, published }: DatasetFile,
): Promise<Exclude<Verdict, "wrong">> {
  const header = await readIdxHeader(path, kind, { mustFitInMemory: false });
  const hash = createHash("sha256");
  const promised = idxHeaderBytes(kind) + header.byteLength;
  let length = 0;
  await withByteSource(path, async ({ read }) => {
    const block = new Uint8Array(BLOCK_BYTES);
    // Not to the end in any case: a thousand times as much as the file has may come out of it.
    for (let count = await read(block); count > 0 && length <= promised; count = await read(block)) {
      hash.update(block.subarray(0, count));
      length += count;
    }
  });
  if (length !== promised) {
    const found = length > promised ? "more" : `${length}`;
    throw new DataFormatError(
      `${path} holds ${found} bytes where its header promises ${promised}; get the file again.`,
    );
  }
  if (sha256 !== undefined) {
    compareSums(path, "sha256", hash.digest("hex"), sha256);
    return "verified";
  }
  // What is published is a sum of compressed bytes, and says nothing of a decompressed copy.
  if (published !== undefined && header.compressed) {
    await checkSum(path, published);
    return "verified";
  }
  return "well-formed";
}

/**
 * Checks a file as a mirror gave it: by its published sum, where there is no other, whatever form it came in.
 *
 * @param largest The most bytes that may come out of it.
 * @throws DataFormatError when it is not the file of the catalogue.
 */
export async function checkDownload(
  path: string,
  kind: IdxKind,
  file: DatasetFile,
  largest: number,
): Promise<void> {
  const { name, sha256, published } = file;
  const { byteLength } = await readIdxHeader(path, kind, { mustFitInMemory: false });
  if (byteLength > largest) {
    throw new DataFormatError(
      `${path} promises ${byteLength} bytes where at most ${largest} were expected; get the file again.`,
    );
  }
  if (sha256 !== undefined || published === undefined) {
    await checkIdxFile(path, kind, file);
  } else {
    await checkSum(path, published);
    await checkIdxFile(path, kind, { name });
  }
}

/**
 * Checks the sum of a file as it is, byte for byte.
 *
 * @throws FileAccessError when the file cannot be read.
 * @throws DataFormatError when its sum is another.
 */
export async function checkSum(path: string, { algorithm, digest }: PublishedSum): Promise<void> {
  compareSums(path, algorithm, await sumOf(path, algorithm), digest);
}

/**
 * The sum of a file as it is, hexadecimal.
 *
 * @throws FileAccessError when the file cannot be read.
 */
export async function sumOf(path: string, algorithm: PublishedSum["algorithm"]): Promise<string> {
  const hash = createHash(algorithm);
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: BLOCK_BYTES })) {
      hash.update(chunk as Buffer);
    }
  } catch (error) {
    throw asFileAccessError(error, path);
  }
  return hash.digest("hex");
}

function compareSums(
  path: string,
  algorithm: PublishedSum["algorithm"],
  found: string,
  expected: string,
): void {
  if (found !== expected) {
    const name = { sha256: "SHA-256", md5: "MD5" }[algorithm];
    throw new DataFormatError(
      `${path} has the ${name} ${found} where ${expected} was expected; get the file again.`,
    );
  }
}

async function checkKerasMnist(path: string): Promise<"verified"> {
  const { dataset } = await loadNpz({ file: path });
  if (!isCanonicalMnist(dataset)) {
    throw new DataFormatError(`${path} does not hold the images and labels of MNIST; get the file again.`);
  }
  return "verified";
}

async function judge(path: string, check: () => Promise<Verdict>): Promise<VerifiedFile> {
  try {
    return { path, verdict: await check() };
  } catch (error) {
    if (!(error instanceof MnistNativeError)) {
      throw error;
    }
    return { path, verdict: "wrong", fault: error.message };
  }
}
