import { existsSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { encodeIdxHeader } from "../../src/formats/idx.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess } from "./harness.js";
import { smallFiles, TRAIN_COUNT, writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const IMAGES = "train-images-idx3-ubyte";
const LABELS = "train-labels-idx1-ubyte";
const images = smallFiles[IMAGES] as Uint8Array;
const labels = smallFiles[LABELS] as Uint8Array;
const HUGE = 2_000_000_000;

const compressed = gzipSync(images);
const damaged = Uint8Array.from(compressed, (byte, i) => (i === compressed.length >> 1 ? byte ^ 255 : byte));

type Changes = Readonly<Record<string, Uint8Array | null>>;

async function expectNothingKept(data: string, sentence: RegExp): Promise<void> {
  const out = `${data}-out`;
  expectFault(await cli(["train", "--data-dir", data, "--epochs", "1", "--out", out]), 1, sentence);
  expect(existsSync(out)).toBe(false);
}

describe("train refuses data in which, and keeps nothing:", () => {
  it.each<[name: string, changes: Changes, sentence: RegExp]>([
    ["a file is missing", { [LABELS]: null }, /has no file train-labels-idx1-ubyte or .*\.gz; put/],
    [
      "a file is empty",
      { [IMAGES]: new Uint8Array() },
      /train-images-idx3-ubyte is not an IDX file.* is empty/,
    ],
    ["the header is cut", { [IMAGES]: images.subarray(0, 9) }, /train-images-idx3-ubyte ends after 9 bytes/],
    ["the images are cut", { [IMAGES]: images.subarray(0, -1) }, /train-images-idx3-ubyte is truncated/],
    ["the labels are cut", { [LABELS]: labels.subarray(0, -1) }, /train-labels-idx1-ubyte is truncated/],
    [
      "bytes follow",
      { [IMAGES]: Buffer.concat([images, Buffer.of(0)]) },
      /train-images-idx3-ubyte is too long/,
    ],
    ["the magic is wrong", { [IMAGES]: Buffer.from("hello, world!!!!") }, /is not an IDX file of images/],
    ["two files are swapped", { [LABELS]: images }, /train-labels-idx1-ubyte holds images where labels/],
    [
      "numbers of images and labels differ",
      { [LABELS]: labelFile(labels.subarray(8, -1)) },
      /train-images-idx3-ubyte has 1200 images, but .*train-labels-idx1-ubyte has 1199 labels/,
    ],
    [
      "gzip data are damaged",
      { [IMAGES]: null, [`${IMAGES}.gz`]: damaged },
      /train-images-idx3-ubyte\.gz is a damaged gzip file/,
    ],
    [
      "gzip data end early",
      { [IMAGES]: null, [`${IMAGES}.gz`]: compressed.subarray(0, -1000) },
      /train-images-idx3-ubyte\.gz is a damaged gzip file \(its compressed data end too early\)/,
    ],
    [
      "a header claims more than the file holds",
      { [IMAGES]: encodeIdxHeader("images", [HUGE, 28, 28]) },
      /train-images-idx3-ubyte is truncated: its header promises .* 1568000000000 bytes, but only 0 bytes/,
    ],
    [
      "a header claims more than gzip can hold",
      { [IMAGES]: null, [`${IMAGES}.gz`]: gzipSync(encodeIdxHeader("images", [HUGE, 28, 28])) },
      /train-images-idx3-ubyte\.gz claims .*, more than its \d+ compressed bytes can hold/,
    ],
    [
      "a single label is above all others",
      { [LABELS]: labelFile(labels.subarray(8).with(5, 11)) },
      /at least two rows of each class, but class 11 has only one/,
    ],
    [
      "there are too few rows",
      {
        ...sample("train", 6),
        ...sample("t10k", 6),
      },
      /12 rows are too few to split/,
    ],
  ])("%s", async (name, changes, sentence) => {
    await expectNothingKept(writeSmallData(folder, name.replaceAll(" ", "-"), changes), sentence);
  });

  it("a compressed file is larger than the memory", async ({ skip }) => {
    const header = gzipSync(encodeIdxHeader("images", [HUGE, 28, 28]));
    const data = writeSmallData(folder, "giant", { [IMAGES]: null, [`${IMAGES}.gz`]: header });
    try {
      truncateSync(join(data, `${IMAGES}.gz`), 2 * HUGE); // A hole: it takes no room.
    } catch {
      skip("this file system does not make files of 4 gigabytes");
    }
    await expectNothingKept(data, /train-images-idx3-ubyte\.gz .* memory/);
  });

  it("a raw file is larger than the memory, and has not a label for each image", async ({ skip }) => {
    const data = writeSmallData(folder, "giant-raw", { [IMAGES]: encodeIdxHeader("images", [HUGE, 28, 28]) });
    try {
      truncateSync(join(data, IMAGES), 16 + HUGE * 28 * 28);
    } catch {
      skip("this file system does not make files of 1.5 terabytes");
    }
    await expectNothingKept(data, /train-images-idx3-ubyte has 2000000000 images, but .* has 1200 labels/);
  });

  it("a file is a folder", async () => {
    const data = writeSmallData(folder, "folder-for-file", { [IMAGES]: null });
    symlinkSync(folder, join(data, IMAGES));
    await expectNothingKept(data, /train-images-idx3-ubyte cannot be read: it is a folder/);
  });

  it("there is no folder at all", async () => {
    await expectNothingKept(join(folder, "nowhere"), /nowhere cannot be opened as a folder/);
    writeFileSync(join(folder, "plain"), "");
    await expectNothingKept(join(folder, "plain"), /plain cannot be opened as a folder/);
  });
});

describe("train", () => {
  it("leaves an earlier run as it was when the data are broken", async () => {
    const data = writeSmallData(folder, "once-good");
    const out = join(folder, "earlier");
    expectSuccess(await cli(["train", "--data-dir", data, "--epochs", "1", "--out", out]));
    truncateSync(join(data, IMAGES), 1000);
    expectFault(
      await cli(["train", "--data-dir", data, "--epochs", "1", "--out", out, "--force"]),
      1,
      /is truncated/,
    );
    expect(readdirSync(out)).toHaveLength(6);
  });

  it("reads compressed files like raw ones", async () => {
    const packed = Object.entries(smallFiles).flatMap(([name, bytes]) => [
      [name, null],
      [`${name}.gz`, gzipSync(bytes)],
    ]);
    const [raw, gz] = [
      writeSmallData(folder, "raw"),
      writeSmallData(folder, "packed", Object.fromEntries(packed)),
    ];
    const run = async (data: string) =>
      JSON.parse(expectSuccess(await cli(["train", "--data-dir", data, "--epochs", "1", "--json"])));
    expect((await run(gz)).summary.testLoss).toBe((await run(raw)).summary.testLoss);
  });
});

function labelFile(values: Uint8Array): Uint8Array {
  return Buffer.concat([encodeIdxHeader("labels", [values.length]), values]);
}

/** The first images of the training file and their labels, as one of the two pairs of files. */
function sample(part: "train" | "t10k", count: number): Changes {
  expect(count).toBeLessThanOrEqual(TRAIN_COUNT);
  return {
    [`${part}-images-idx3-ubyte`]: Buffer.concat([
      encodeIdxHeader("images", [count, 28, 28]),
      images.subarray(16, 16 + count * 784),
    ]),
    [`${part}-labels-idx1-ubyte`]: labelFile(labels.subarray(8, 8 + count)),
  };
}
