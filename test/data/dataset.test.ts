import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createDataset, pixelCount, subset } from "../../src/data/dataset.js";
import { isCanonicalMnist, loadMnist } from "../../src/data/readers/mnist.js";
import { MNIST_FILE_NAMES, mapQuartet } from "../../src/data/readers/quartet.js";
import { exampleCount } from "../../src/data/stream.js";
import {
  DataFormatError,
  FileAccessError,
  InvalidArgumentError,
  LabelRangeError,
  ShapeError,
} from "../../src/errors.js";
import { encodeIdxHeader } from "../../src/formats/idx.js";
import { mnistDirectory } from "../support/mnist.js";
import { imageFile, labelFile, type SmallQuartetOptions, smallQuartet } from "../support/quartet.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const temporary = temporaryFolder();

/** A folder with the files of {@link smallQuartet}. */
function writeQuartet({
  directory = mkdtempSync(join(temporary, "data-")),
  ...options
}: QuartetPlace = {}): string {
  const contents = smallQuartet(options);
  mapQuartet(MNIST_FILE_NAMES, (name, place) => writeFileSync(join(directory, name), contents[place]));
  return directory;
}

interface QuartetPlace extends SmallQuartetOptions {
  readonly directory?: string;
}

describe("createDataset and subset", () => {
  const images = Uint8Array.from({ length: 4 * 6 }, (_, i) => i);
  const labels = Uint8Array.of(0, 1, 2, 1);
  const parts = { images, labels, imageShape: [2, 3], classes: 3 } as const;

  it("keep the arrays they are given", () => {
    const dataset = createDataset(parts);
    const part = subset(dataset, Int32Array.of(3, 0));
    expect(part.features.data).toBe(images);
    expect(part.targets.labels).toBe(labels);
    expect([...dataset.rows]).toEqual([0, 1, 2, 3]);
    expect([exampleCount(dataset), exampleCount(part), pixelCount(part)]).toEqual([4, 2, 6]);
  });

  it.each([4, -1])("refuse the row %i", (row) => {
    expect(() => subset(createDataset(parts), Int32Array.of(0, row))).toThrow(InvalidArgumentError);
  });

  it("refuse images that do not match the labels", () => {
    expect(() => createDataset({ ...parts, images: new Uint8Array(23) })).toThrow(ShapeError);
  });

  it("refuse class names that do not match the classes", () => {
    expect(() => createDataset({ ...parts, classNames: ["a", "b"] })).toThrow(ShapeError);
  });

  it("refuse a label out of range", () => {
    expect(() => createDataset({ ...parts, classes: 2 })).toThrow(/row 2 has the label 2/);
  });
});

describe("loadMnist on somebody's own files", () => {
  it("pools both files, train first", async () => {
    const { train } = await loadMnist({ directory: writeQuartet() });
    expect(train.features.imageShape).toEqual([2, 3]);
    expect(train.features.data).toEqual(Uint8Array.from({ length: 280 * 6 }, (_, i) => i % 256));
    expect(train.targets.labels).toEqual(Uint8Array.from({ length: 280 }, (_, i) => i % 10));
  });

  it("splits in the chapter's proportions, each row in one part, all parts over the same pixels", async () => {
    const { train, validation, test } = await loadMnist({ directory: writeQuartet() });
    expect([train, validation, test].map(exampleCount)).toEqual([220, 20, 40]);
    const rows = [...train.rows, ...validation.rows, ...test.rows].sort((a, b) => a - b);
    expect(rows).toEqual([...train.targets.labels.keys()]);
    expect(validation.features.data).toBe(train.features.data);
    expect(test.features.data).toBe(train.features.data);
  });

  it("tells as many classes apart as there are labels, unless it is told", async () => {
    const directory = writeQuartet();
    const [counted, told] = await Promise.all([
      loadMnist({ directory }),
      loadMnist({ directory, classes: 12 }),
    ]);
    expect([counted.train.targets.classes, told.train.targets.classes]).toEqual([10, 12]);
  });

  it("keeps the official test file as the test set", async () => {
    const { train, validation, test } = await loadMnist({ directory: writeQuartet(), split: "official" });
    expect([...test.rows]).toEqual(Array.from({ length: 40 }, (_, i) => 240 + i));
    expect(exampleCount(validation)).toBe(20);
    expect([...train.rows, ...validation.rows].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 240 }, (_, i) => i),
    );
  });

  it("repeats itself for a seed and differs between seeds", async () => {
    const directory = writeQuartet();
    const [first, again, other] = await Promise.all([
      loadMnist({ directory, seed: 7 }),
      loadMnist({ directory, seed: 7 }),
      loadMnist({ directory, seed: 8 }),
    ]);
    expect(again.train.rows).toEqual(first.train.rows);
    expect(other.train.rows).not.toEqual(first.train.rows);
  });

  it.each(["train-images-idx3-ubyte.gz", "train-images.idx3-ubyte", "train-images.idx3-ubyte.gz"])(
    "finds the images as %s",
    async (name) => {
      const directory = mkdtempSync(join(temporary, "names-"));
      const { trainImages, trainLabels, testImages, testLabels } = smallQuartet();
      writeFileSync(join(directory, name), name.endsWith(".gz") ? gzipSync(trainImages) : trainImages);
      writeFileSync(join(directory, "train-labels.idx1-ubyte"), trainLabels);
      writeFileSync(join(directory, "t10k-images.idx3-ubyte"), testImages);
      writeFileSync(join(directory, "t10k-labels.idx1-ubyte"), testLabels);
      const { train } = await loadMnist({ directory });
      expect(train.features.data[1439]).toBe(1439 % 256);
    },
  );

  it("is not canonical MNIST", async () => {
    const { train } = await loadMnist({ directory: writeQuartet() });
    expect(isCanonicalMnist(train)).toBe(false);
  });
});

describe("loadMnist refuses", () => {
  async function expectFault(
    directory: string,
    errorClass: new (message: string) => Error,
    fault: RegExp,
    classes?: number,
  ) {
    const error = await loadMnist({ directory, ...(classes && { classes }) }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toHaveProperty("message", expect.stringMatching(fault));
  }

  it("a folder that does not exist", () =>
    expectFault(join(temporary, "nowhere"), FileAccessError, /nowhere cannot be opened as a folder/));

  it.each([
    [
      "a name that no folder can have",
      "a\0b",
      /^a\0b cannot be read: no file can have this name; name the folder/,
    ],
    ["a number for a folder", 5, /^5 cannot be read: the path of a file is a text; name the folder/],
  ])("%s", (_, directory, fault) => expectFault(directory as string, FileAccessError, fault));

  it("a folder without one of the files", () =>
    expectFault(
      mkdtempSync(join(temporary, "none-")),
      FileAccessError,
      /has no file train-images-idx3-ubyte/,
    ));

  it("a train file with more images than labels", () => {
    const directory = writeQuartet();
    writeFileSync(join(directory, "train-labels-idx1-ubyte"), labelFile(0, 239));
    return expectFault(directory, ShapeError, /has 240 images, but .*train-labels-idx1-ubyte has 239 labels/);
  });

  it("a test file with more labels than images", () => {
    const directory = writeQuartet();
    writeFileSync(join(directory, "t10k-labels-idx1-ubyte"), labelFile(0, 41));
    return expectFault(directory, ShapeError, /has 40 images, but .*t10k-labels-idx1-ubyte has 41 labels/);
  });

  it("test images of another size", () => {
    const directory = writeQuartet();
    writeFileSync(join(directory, "t10k-images-idx3-ubyte"), imageFile(240, 40, [3, 2]));
    return expectFault(directory, ShapeError, /images of 2 x 3 pixels, but .* of 3 x 2/);
  });

  it("a label out of range, with its file and row", () => {
    const directory = writeQuartet();
    const labels = new Uint8Array(40);
    labels[33] = 10;
    writeFileSync(
      join(directory, "t10k-labels-idx1-ubyte"),
      Buffer.concat([encodeIdxHeader("labels", [40]), labels]),
    );
    return expectFault(
      directory,
      LabelRangeError,
      /0 to 9 in .*t10k-labels-idx1-ubyte, but row 33 has the label 10/,
      10,
    );
  });

  it("a file with the content of another", () => {
    const directory = writeQuartet();
    writeFileSync(join(directory, "train-images-idx3-ubyte"), labelFile(0, 240));
    return expectFault(directory, DataFormatError, /holds labels where images were expected/);
  });

  it("too few rows to split", () =>
    expectFault(
      writeQuartet({ trainCount: 60, testCount: 10 }),
      InvalidArgumentError,
      /70 rows are too few to split/,
    ));

  it("an unknown split", async () => {
    const split = "random" as "chapter";
    await expect(loadMnist({ directory: writeQuartet(), split })).rejects.toThrow(
      /chapter or official.*random/,
    );
  });

  it("too few classes", async () => {
    await expect(loadMnist({ directory: writeQuartet(), classes: 0 })).rejects.toThrow(InvalidArgumentError);
  });
});

describe.skipIf(mnistDirectory === null)("real MNIST", () => {
  const load = (split: "chapter" | "official" = "chapter") =>
    loadMnist({ directory: mnistDirectory ?? "", split });

  it("is canonical, and no longer so when one pixel changes", async () => {
    const { train } = await load();
    expect(train.features.data.length).toBe(70_000 * 784);
    expect(isCanonicalMnist(train)).toBe(true);
    train.features.data[12_345] = 1;
    expect(isCanonicalMnist(train)).toBe(false);
  });

  it("has the published number of images of each digit", async () => {
    const { train } = await load();
    const histogram = Array.from(
      { length: 10 },
      (_, digit) => train.targets.labels.filter((label) => label === digit).length,
    );
    expect(histogram).toEqual([6903, 7877, 6990, 7141, 6824, 6313, 6876, 7293, 6825, 6958]);
  });

  it("is split as scikit-learn splits it in the chapter", async () => {
    const { train, validation, test } = await load();
    const trace = JSON.parse(readFileSync(new URL("../../traces/chapter.json", import.meta.url), "utf8"));
    const summary = ({ rows }: { rows: Int32Array }) => ({
      count: rows.length,
      first: [...rows.subarray(0, 8)],
      sha256_int64_le: createHash("sha256").update(BigInt64Array.from(rows, BigInt)).digest("hex"),
    });
    expect({ train: summary(train), valid: summary(validation), test: summary(test) }).toEqual(trace.split);
  });

  it("keeps its own test set in the official split", async () => {
    const { train, validation, test } = await load("official");
    expect([train, validation, test].map(exampleCount)).toEqual([55_000, 5_000, 10_000]);
    expect([test.rows[0], test.rows[9_999]]).toEqual([60_000, 69_999]);
    expect(train.rows.every((row) => row < 60_000)).toBe(true);
  });
});

describe("memory that another thread may change", () => {
  const shared = (bytes: number) => new SharedArrayBuffer(bytes);

  it("is refused for labels and row numbers, which are used as an index after they are checked", () => {
    const options = { images: new Uint8Array(4), imageShape: [2, 2], classes: 3 } as const;
    expect(() => createDataset({ ...options, labels: new Uint8Array(shared(1)) })).toThrow(
      "Expected labels that no other thread can change, but they are on a SharedArrayBuffer; pass a copy.",
    );
    const dataset = createDataset({ ...options, labels: Uint8Array.of(2) });
    expect(() => subset(dataset, new Int32Array(shared(4)))).toThrow(InvalidArgumentError);
    expect(
      createDataset({ ...options, images: new Uint8Array(shared(4)), labels: Uint8Array.of(2) }).rows.length,
    ).toBe(1);
  });
});
