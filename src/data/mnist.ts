import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { FileAccessError, InvalidArgumentError, ShapeError } from "../errors.js";
import { checkLabels, createDataset, type Dataset, pixelCount, subset } from "./dataset.js";
import { checkFitsInMemory, encodeIdxHeader, type IdxHeader, readIdxBody, readIdxHeader } from "./idx.js";
import { stratifiedSplit, type TrainValidTestSplit, trainValidTestSplit } from "./split.js";

export interface LoadMnistOptions {
  /** The folder that holds the four files. */
  readonly directory: string;
  /**
   * `chapter`: both files pooled, then split at random. `official`: the test file is the test set, and only the
   * validation rows are drawn, from the train file. Default: `chapter`.
   */
  readonly split?: MnistSplit;
  /** Seed of the random numbers that choose the rows, an integer from 0 to 2^32 - 1. Default: 123, the chapter's. */
  readonly seed?: number;
  /** How many classes the labels tell apart, 1 to 256. Default: 10. */
  readonly classes?: number;
}

export type MnistSplit = "chapter" | "official";

/** Three datasets that share their pixels. Their rows count through the pooled images, those of the train file first. */
export interface MnistParts {
  readonly train: Dataset;
  readonly validation: Dataset;
  readonly test: Dataset;
}

/** SHA-256 of the canonical MNIST files, decompressed. */
export const MNIST_SHA256 = {
  "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
} as const;

type MnistFile = keyof typeof MNIST_SHA256;

/**
 * Loads MNIST, or any data set in its four IDX files, and splits it by class in equal shares (stratified).
 *
 * A file may be raw or compressed, and may be spelled `train-images-idx3-ubyte` or `train-images.idx3-ubyte`, with or without
 * `.gz`. The chapter's split takes 10,000 test rows off the pooled 70,000, then 5,000 validation rows off the other 60,000.
 * Data sets of another size are split in the same proportions: of n rows, round(n / 7) are for the test, and of the
 * rest (or of an official train file) one in twelve, rounded, is for validation.
 *
 * @throws FileAccessError when the folder or one of the files is missing or cannot be read.
 * @throws DataFormatError when a file is not what its name promises, or damaged.
 * @throws ShapeError when numbers of images and labels, or the sizes of train and test images, do not match.
 * @throws LabelRangeError when a label is not below `classes`.
 * @throws InvalidArgumentError when an option is out of range, or when there are too few rows to split.
 */
export async function loadMnist(options: LoadMnistOptions): Promise<MnistParts> {
  const { directory, split = "chapter", seed = 123, classes = 10 } = options;
  if (split !== "chapter" && split !== "official") {
    throw new InvalidArgumentError(`Expected chapter or official for split but received ${split}.`);
  }
  if (!Number.isInteger(classes) || classes < 1 || classes > 256) {
    throw new InvalidArgumentError(
      `Expected a whole number from 1 to 256 for classes but received ${classes}.`,
    );
  }
  const { pooled, trainCount } = await loadPooled(directory, classes);
  const rows =
    split === "chapter" ? chapterSplit(pooled.labels, seed) : officialSplit(pooled.labels, trainCount, seed);
  return {
    train: subset(pooled, rows.train),
    validation: subset(pooled, rows.valid),
    test: subset(pooled, rows.test),
  };
}

/**
 * Whether a dataset from {@link loadMnist} holds the canonical MNIST, byte for byte, by {@link MNIST_SHA256}. Which rows
 * it selects does not matter.
 */
export function isCanonicalMnist(dataset: Dataset): boolean {
  const { images, labels, imageShape } = dataset;
  const [height, width] = imageShape;
  if (labels.length !== 70_000 || height !== 28 || width !== 28) {
    return false;
  }
  const pixels = pixelCount(dataset);
  const matches = (file: MnistFile, header: Uint8Array, body: Uint8Array) =>
    createHash("sha256").update(header).update(body).digest("hex") === MNIST_SHA256[file];
  const imagesMatch = (file: MnistFile, start: number, end: number) =>
    matches(
      file,
      encodeIdxHeader("images", [end - start, height, width]),
      images.subarray(start * pixels, end * pixels),
    );
  const labelsMatch = (file: MnistFile, start: number, end: number) =>
    matches(file, encodeIdxHeader("labels", [end - start]), labels.subarray(start, end));
  return (
    labelsMatch("train-labels-idx1-ubyte", 0, 60_000) &&
    labelsMatch("t10k-labels-idx1-ubyte", 60_000, 70_000) &&
    imagesMatch("t10k-images-idx3-ubyte", 60_000, 70_000) &&
    imagesMatch("train-images-idx3-ubyte", 0, 60_000)
  );
}

/** All rows of both files, train first, read at the same time into one array. */
async function loadPooled(
  directory: string,
  classes: number,
): Promise<{ pooled: Dataset; trainCount: number }> {
  const names = await listFolder(directory);
  const pathOf = (file: MnistFile) => findFile(directory, names, file);
  const paths = {
    trainImages: pathOf("train-images-idx3-ubyte"),
    trainLabels: pathOf("train-labels-idx1-ubyte"),
    testImages: pathOf("t10k-images-idx3-ubyte"),
    testLabels: pathOf("t10k-labels-idx1-ubyte"),
  };
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all([
    readIdxHeader(paths.trainImages, "images"),
    readIdxHeader(paths.trainLabels, "labels"),
    readIdxHeader(paths.testImages, "images"),
    readIdxHeader(paths.testLabels, "labels"),
  ]);
  checkCounts(trainImages, trainLabels);
  checkCounts(testImages, testLabels);
  const imageShape = commonImageShape(trainImages, testImages);

  const imageBytes = trainImages.byteLength + testImages.byteLength;
  checkFitsInMemory(imageBytes, directory);
  const images = new Uint8Array(imageBytes);
  const labels = new Uint8Array(trainLabels.byteLength + testLabels.byteLength);
  const trainCount = trainLabels.byteLength;
  await Promise.all([
    readIdxBody(trainImages, images.subarray(0, trainImages.byteLength)),
    readIdxBody(testImages, images.subarray(trainImages.byteLength)),
    readIdxBody(trainLabels, labels.subarray(0, trainCount)),
    readIdxBody(testLabels, labels.subarray(trainCount)),
  ]);
  checkLabels(labels.subarray(0, trainCount), classes, paths.trainLabels);
  checkLabels(labels.subarray(trainCount), classes, paths.testLabels);
  return { pooled: createDataset({ images, labels, imageShape, classes }), trainCount };
}

async function listFolder(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    throw new FileAccessError(
      `${directory} cannot be opened as a folder; name the folder that holds the four MNIST files.`,
      { cause },
    );
  }
}

function findFile(directory: string, names: readonly string[], file: MnistFile): string {
  const dotted = file.replace("-idx", ".idx");
  const name = [file, dotted, `${file}.gz`, `${dotted}.gz`].find((candidate) => names.includes(candidate));
  if (name === undefined) {
    throw new FileAccessError(
      `${directory} has no file ${file} or ${file}.gz; put the four MNIST files there, or name another folder.`,
    );
  }
  return join(directory, name);
}

function checkCounts(images: IdxHeader, labels: IdxHeader): void {
  const [imageCount] = images.shape;
  const [labelCount] = labels.shape;
  if (imageCount !== labelCount) {
    throw new ShapeError(
      `${images.path} has ${imageCount} images, but ${labels.path} has ${labelCount} labels; they must belong together.`,
    );
  }
}

function commonImageShape(train: IdxHeader, test: IdxHeader): readonly [height: number, width: number] {
  const [, height = 0, width = 0] = train.shape;
  const [, testHeight = 0, testWidth = 0] = test.shape;
  if (height !== testHeight || width !== testWidth) {
    throw new ShapeError(
      `${train.path} has images of ${height} x ${width} pixels, but ${test.path} of ${testHeight} x ${testWidth}; they must be alike.`,
    );
  }
  return [height, width];
}

/** The chapter's sizes, 10,000 and 5,000 of 70,000, in proportion. */
function chapterSplit(labels: Uint8Array, seed: number): TrainValidTestSplit {
  const testSize = Math.round(labels.length / 7);
  const validSize = validationSize(labels, labels.length - testSize);
  return trainValidTestSplit(labels, { testSize, validSize, seed });
}

function officialSplit(labels: Uint8Array, trainCount: number, seed: number): TrainValidTestSplit {
  const trainLabels = labels.subarray(0, trainCount);
  const testSize = validationSize(trainLabels, trainCount);
  const { train, test: valid } = stratifiedSplit(trainLabels, { testSize, seed });
  const test = Int32Array.from({ length: labels.length - trainCount }, (_, i) => trainCount + i);
  return { train, valid, test };
}

/** One row in twelve; as the smallest part of a split, it is also where too few rows show first. */
function validationSize(labels: Uint8Array, available: number): number {
  const size = Math.round(available / 12);
  const classes = new Set(labels).size;
  if (size < classes) {
    throw new InvalidArgumentError(
      `${labels.length} rows are too few to split: one twelfth of ${available} is for validation, and it needs a row for each of ${classes} classes.`,
    );
  }
  return size;
}
