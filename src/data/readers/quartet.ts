import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { FileAccessError, LabelRangeError, ShapeError } from "../../errors.js";
import {
  type IdxHeader,
  type IdxKind,
  readIdxBody,
  readIdxHeader,
  readIdxLabels,
} from "../../formats/idx.js";
import { checkFitsInMemory } from "../../system/memory.js";
import { asFolderAccessError } from "../../system/system-error.js";
import { createDataset } from "../dataset.js";
import type { PooledDataset } from "../split-dataset.js";
import { checkLabels, classCount, type NoticeOption } from "../targets.js";

/** Something for each of the four files of which MNIST, and every data set in its format, is made. */
export interface Quartet<T> {
  readonly trainImages: T;
  readonly trainLabels: T;
  readonly testImages: T;
  readonly testLabels: T;
}

export interface LoadQuartetOptions extends NoticeOption {
  /** How many classes the labels tell apart, 1 to 256. Default: the largest label plus 1. */
  readonly classes?: number | undefined;
  readonly classNames?: readonly string[] | undefined;
  /** The label that stands for class 0. Default: 0. */
  readonly firstLabel?: number | undefined;
  /** Default: `labels`. */
  readonly labelKind?: Exclude<IdxKind, "images"> | undefined;
}

/** MNIST's own file names. */
export const MNIST_FILE_NAMES = {
  trainImages: "train-images-idx3-ubyte",
  trainLabels: "train-labels-idx1-ubyte",
  testImages: "t10k-images-idx3-ubyte",
  testLabels: "t10k-labels-idx1-ubyte",
} as const satisfies Quartet<string>;

/**
 * The paths of four files in a folder. Each may be raw or compressed, and may be spelled as named or with a dot for the last
 * dash (`train-images.idx3-ubyte`), with or without `.gz`; a raw file goes before a compressed one.
 *
 * @throws FileAccessError when the folder cannot be opened, or has not all four.
 */
export async function findQuartet(directory: string, names: Quartet<string>): Promise<Quartet<string>> {
  const present = await readdir(directory).catch((cause: unknown) => {
    throw asFolderAccessError(cause, directory, "name the folder that holds the four data files");
  });
  return mapQuartet(names, (name) => {
    const dotted = name.replace("-idx", ".idx");
    const found = [name, dotted, `${name}.gz`, `${dotted}.gz`].find((file) => present.includes(file));
    if (found === undefined) {
      throw new FileAccessError(
        `${directory} has no file ${name} or ${name}.gz; put the four data files there, or name another folder.`,
      );
    }
    return join(directory, found);
  });
}

/** The same four places with other things in them. */
export function mapQuartet<T, U>(
  quartet: Quartet<T>,
  change: (item: T, place: keyof Quartet<T>) => U,
): Quartet<U> {
  return {
    trainImages: change(quartet.trainImages, "trainImages"),
    trainLabels: change(quartet.trainLabels, "trainLabels"),
    testImages: change(quartet.testImages, "testImages"),
    testLabels: change(quartet.testLabels, "testLabels"),
  };
}

/**
 * Loads all images of four IDX files, those of the train file first, read at the same time into one array.
 *
 * @throws FileAccessError when one of the files is missing or cannot be read.
 * @throws DataFormatError when a file is not what it should be, or damaged.
 * @throws ShapeError when numbers of images and labels, or the sizes of train and test images, do not match.
 * @throws LabelRangeError when a label has no class.
 * @throws InvalidArgumentError when `classes` is out of range.
 */
export async function loadQuartet(
  paths: Quartet<string>,
  options: LoadQuartetOptions = {},
): Promise<PooledDataset> {
  const { labelKind = "labels", firstLabel = 0, classNames } = options;
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all([
    readIdxHeader(paths.trainImages, "images"),
    readIdxHeader(paths.trainLabels, labelKind),
    readIdxHeader(paths.testImages, "images"),
    readIdxHeader(paths.testLabels, labelKind),
  ]);
  const trainCount = commonCount(trainImages, trainLabels);
  const testCount = commonCount(testImages, testLabels);
  const imageShape = commonImageShape(trainImages, testImages);

  const imageBytes = trainImages.byteLength + testImages.byteLength;
  checkFitsInMemory(imageBytes, paths.trainImages);
  const images = new Uint8Array(imageBytes);
  const labels = new Uint8Array(trainCount + testCount);
  await Promise.all([
    readIdxBody(trainImages, images.subarray(0, trainImages.byteLength)),
    readIdxBody(testImages, images.subarray(trainImages.byteLength)),
    readIdxLabels(trainLabels, labels.subarray(0, trainCount)),
    readIdxLabels(testLabels, labels.subarray(trainCount)),
  ]);
  const parts = [
    [labels.subarray(0, trainCount), paths.trainLabels],
    [labels.subarray(trainCount), paths.testLabels],
  ] as const;
  for (const [part, path] of parts) {
    countFromZero(part, firstLabel, path);
  }
  const classes = classCount(labels, options.classes ?? classNames?.length, {
    ...options,
    source: paths.trainLabels,
  });
  for (const [part, path] of parts) {
    checkLabels(part, classes, path);
  }
  const dataset = createDataset({ images, labels, imageShape, classes, ...(classNames && { classNames }) });
  return { dataset, trainCount };
}

function countFromZero(labels: Uint8Array, firstLabel: number, path: string): void {
  if (firstLabel === 0) return;
  const row = labels.findIndex((label) => label < firstLabel);
  if (row !== -1) {
    throw new LabelRangeError(
      `Expected labels from ${firstLabel} in ${path}, but row ${row} has the label ${labels[row]}.`,
    );
  }
  labels.set(labels.map((label) => label - firstLabel));
}

/** How many images there are; throws ShapeError unless there are as many labels. */
export function commonCount(images: IdxHeader, labels: IdxHeader): number {
  const [imageCount = 0] = images.shape;
  const [labelCount = 0] = labels.shape;
  if (imageCount !== labelCount) {
    throw new ShapeError(
      `${images.path} has ${imageCount} images, but ${labels.path} has ${labelCount} labels; they must belong together.`,
    );
  }
  return imageCount;
}

/** Throws ShapeError unless the training and test images have one size. */
export function commonImageShape(
  train: IdxHeader,
  test: IdxHeader,
): readonly [height: number, width: number] {
  const [, height = 0, width = 0] = train.shape;
  const [, testHeight = 0, testWidth = 0] = test.shape;
  if (height !== testHeight || width !== testWidth) {
    throw new ShapeError(
      `${train.path} has images of ${height} x ${width} pixels, but ${test.path} of ${testHeight} x ${testWidth}; they must be alike.`,
    );
  }
  return [height, width];
}
