import { type IdxHeader, readIdx, readIdxHeader } from "../../formats/idx.js";
import { createDataset, type DatasetOptions } from "../dataset.js";
import { splitTraining } from "../split-dataset.js";
import { type DatasetOrStream, type DatasetStream, datasetStream } from "../stream.js";
import { classCount, type NoticeOption } from "../targets.js";
import { commonCount, commonImageShape, type Quartet } from "./quartet.js";
import { openIdxWindows } from "./windows.js";

/**
 * Training images in a raw file are read in windows when the images of both files take more bytes than this. It is the same
 * on every machine, because the order of the minibatches, and so the result of a seed, depends on it.
 */
export const LARGEST_IN_MEMORY = 2 ** 30;

/** Test images that take no more than a window does are kept in memory. */
const LARGEST_TEST_IN_MEMORY = 2 ** 26;

/** The parts of a data set of which at least the training images stay in their file. */
export interface StreamedParts {
  readonly train: DatasetStream;
  readonly validation: DatasetStream;
  readonly test: DatasetOrStream;
  /** Closes the files. */
  close(): Promise<void>;
}

/**
 * Whether the images of four IDX files are to be read in windows. Compressed training images never are, as they can only be
 * read from their start.
 *
 * @throws FileAccessError when a file of images is missing or cannot be read.
 * @throws DataFormatError when it is not an IDX file of images.
 */
export async function isLargeQuartet({ trainImages, testImages }: Quartet<string>): Promise<boolean> {
  const [train, test] = await Promise.all([readImageHeader(trainImages), readImageHeader(testImages)]);
  return !train.compressed && train.byteLength + test.byteLength > LARGEST_IN_MEMORY;
}

/**
 * Opens four IDX files to read the training images, which are raw, in windows. The test file is the test set, and one in twelve
 * rows of the training file, drawn by class in equal shares, is for validation: the official split of `splitDataset`.
 *
 * @throws FileAccessError when a file is missing or cannot be read.
 * @throws DataFormatError when a file is not what it should be, or the test images are compressed and too many.
 * @throws ShapeError when numbers of images and labels, or the sizes of train and test images, do not match.
 * @throws InvalidArgumentError when there are too few rows to split, or for a seed out of range.
 */
export async function openLargeQuartet(
  paths: Quartet<string>,
  { seed, onNotice }: { readonly seed: number } & NoticeOption,
): Promise<StreamedParts> {
  const trainImages = await readImageHeader(paths.trainImages);
  const testImages = await readImageHeader(paths.testImages);
  const imageShape = commonImageShape(trainImages, testImages);
  const trainLabels = await readIdx(paths.trainLabels, "labels");
  const testLabels = await readIdx(paths.testLabels, "labels");
  const labels = Buffer.concat([trainLabels.data, testLabels.data]);
  const classes = classCount(labels, undefined, { source: paths.trainLabels, onNotice });
  const { train, test: validation } = splitTraining(trainLabels.data, seed);

  const test = await openTest(testImages, testLabels, { imageShape, classes });
  try {
    const windows = await openIdxWindows({ images: paths.trainImages, labels: paths.trainLabels, classes });
    return {
      train: datasetStream(windows, train),
      validation: datasetStream(windows, validation),
      test: test.source,
      close: async () => {
        await Promise.all([windows.close(), test.close()]);
      },
    };
  } catch (error) {
    await test.close();
    throw error;
  }
}

interface OpenTest {
  readonly source: DatasetOrStream;
  close(): Promise<void>;
}

async function openTest(
  images: IdxHeader,
  labels: IdxHeader & { readonly data: Uint8Array },
  { imageShape, classes }: Pick<DatasetOptions, "imageShape" | "classes">,
): Promise<OpenTest> {
  if (images.byteLength > LARGEST_TEST_IN_MEMORY) {
    const windows = await openIdxWindows({ images: images.path, labels: labels.path, classes });
    return { source: datasetStream(windows), close: windows.close };
  }
  commonCount(images, labels);
  const { data } = await readIdx(images.path, "images");
  return {
    source: createDataset({ images: data, labels: labels.data, imageShape, classes }),
    close: async () => {},
  };
}

function readImageHeader(path: string): Promise<IdxHeader> {
  return readIdxHeader(path, "images", { mustFitInMemory: false });
}
