import { createHash } from "node:crypto";
import { encodeIdxHeader } from "../../formats/idx.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { type Dataset, type ImageDataset, pixelCount } from "../dataset.js";
import { type DatasetParts, type DatasetSplit, splitDataset } from "../split-dataset.js";
import type { Labels, NoticeOption } from "../targets.js";
import { findQuartet, loadQuartet, MNIST_FILE_NAMES } from "./quartet.js";

export interface LoadMnistOptions extends NoticeOption {
  /** The folder that holds the four files. */
  readonly directory: string;
  /**
   * `chapter`: both files pooled, then split at random. `official`: the test file is the test set, and only the
   * validation rows are drawn, from the train file. Default: `chapter`.
   */
  readonly split?: MnistSplit;
  /** Seed of the random numbers that choose the rows, an integer from 0 to 2^32 - 1. Default: 123, the chapter's. */
  readonly seed?: number;
  /** How many classes the labels tell apart, 1 to 256. Default: the largest label plus 1. */
  readonly classes?: number;
}

const OPTIONS: KnownOptions<LoadMnistOptions> = {
  directory: true,
  split: true,
  seed: true,
  classes: true,
  onNotice: true,
};

export type MnistSplit = DatasetSplit;

/** The rows count through the pooled images, those of the train file first. */
export type MnistParts = DatasetParts<ImageDataset>;

/** SHA-256 of the canonical MNIST files, decompressed. */
export const MNIST_SHA256 = {
  "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
} as const;

type MnistFile = keyof typeof MNIST_SHA256;

/**
 * Loads MNIST, or any data set in its four IDX files, and splits it as {@link splitDataset} does.
 *
 * A file may be raw or compressed, and may be spelled `train-images-idx3-ubyte` or `train-images.idx3-ubyte`, with or without
 * `.gz`. The size of the images and, unless given, the number of classes come from the files.
 *
 * @throws FileAccessError when the folder or one of the files is missing or cannot be read.
 * @throws DataFormatError when a file is not what its name promises, or damaged.
 * @throws ShapeError when numbers of images and labels, or the sizes of train and test images, do not match.
 * @throws LabelRangeError when a label is not below `classes`.
 * @throws InvalidArgumentError when an option is out of range, or when there are too few rows to split.
 */
export async function loadMnist(options: LoadMnistOptions): Promise<MnistParts> {
  requireKnownOptions("loadMnist", options, OPTIONS, '{ directory: "mnist" }');
  const { directory, split = "chapter", seed = 123, classes, onNotice } = options;
  const paths = await findQuartet(directory, MNIST_FILE_NAMES);
  const { dataset, trainCount } = await loadQuartet(paths, { classes, onNotice });
  return splitDataset(dataset, { split, seed, trainCount });
}

/**
 * Whether a dataset from {@link loadMnist} holds the canonical MNIST, byte for byte, by SHA-256. Which rows it selects
 * does not matter.
 */
export function isCanonicalMnist(dataset: Dataset): boolean {
  const { features, targets } = dataset;
  if (features.kind !== "bytes" || targets.kind !== "classes") return false;
  const { data: images, imageShape } = features;
  const { labels } = targets;
  const [height, width] = imageShape;
  if (labels.length !== 70_000 || height !== 28 || width !== 28) {
    return false;
  }
  const pixels = pixelCount(dataset);
  const matches = (file: MnistFile, header: Uint8Array, body: Labels) =>
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
