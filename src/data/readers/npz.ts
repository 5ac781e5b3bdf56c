import { DataFormatError, InvalidArgumentError, LabelRangeError, ShapeError } from "../../errors.js";
import { type ByteReader, byteReader } from "../../formats/byte-source.js";
import { type NpyHeader, readNpyAsBytes, readNpyHeader } from "../../formats/npy.js";
import { withZip, type ZipArchive } from "../../formats/zip.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { checkFitsInMemory } from "../../system/memory.js";
import { createDataset, type ImageDataset } from "../dataset.js";
import { classCount, type NoticeOption } from "../targets.js";
import { byteOfFraction, byteOfInteger, shapeOfPixels } from "./pixels.js";

export interface LoadNpzOptions extends NoticeOption {
  readonly file: string;
  /** The name of the array of images. Default: see {@link loadNpz}. */
  readonly images?: string | undefined;
  /** The name of the array of labels. Default: see {@link loadNpz}. */
  readonly labels?: string | undefined;
  /** Height and width of images that are stored as rows of pixels. Default: they are square. */
  readonly imageShape?: readonly [height: number, width: number] | undefined;
  /** How many classes the labels tell apart, 1 to 256. Default: the number of names, or the largest label plus 1. */
  readonly classes?: number | undefined;
  readonly classNames?: readonly string[] | undefined;
}

const OPTIONS: KnownOptions<LoadNpzOptions> = {
  file: true,
  images: true,
  labels: true,
  imageShape: true,
  classes: true,
  classNames: true,
  onNotice: true,
};

export interface NpzDataset {
  readonly dataset: ImageDataset;
  /** How many of the first images are the training set, where the file has `x_train` and `x_test`. */
  readonly trainCount?: number;
}

/** An array whose header has been read. */
interface OpenArray {
  readonly header: NpyHeader;
  readonly read: ByteReader;
}

/**
 * Loads images and labels that NumPy saved by `numpy.savez` or `numpy.savez_compressed`.
 *
 * The arrays are those named; or else `x_train`, `y_train`, `x_test` and `y_test`, as in Keras' `mnist.npz`, the training
 * images first; or else `images` and `labels`; or else `x` and `y`. Images are [n, height, width], [n, height, width, 1] or
 * [n, pixels], and hold whole numbers from 0 to 255 or fractions from 0 to 1; labels are [n], and hold whole numbers from 0
 * to 255.
 *
 * @throws FileAccessError when the file is missing or cannot be read.
 * @throws DataFormatError when the file is damaged, has not the arrays, or a pixel is out of range.
 * @throws ShapeError when the shapes of the arrays do not fit together.
 * @throws LabelRangeError when a label is not the number of a class.
 * @throws InvalidArgumentError when only one of the two arrays is named, or another option is out of range.
 */
export async function loadNpz(options: LoadNpzOptions): Promise<NpzDataset> {
  requireKnownOptions("loadNpz", options, OPTIONS, '{ file: "digits.npz" }');
  const { file } = options;
  return withZip(file, async (archive) => {
    const names = chooseArrays(archive, options);
    const images = await Promise.all(names.images.map((name) => openArray(archive, file, name)));
    const labels = await Promise.all(names.labels.map((name) => openArray(archive, file, name)));
    const counts = images.map(({ header }, i) => commonCount(header, labels[i]?.header));
    const imageShape = commonShape(
      images.map(({ header }) => header),
      options.imageShape,
    );
    const count = counts.reduce((total, part) => total + part, 0);
    const dataset = await readDataset(images, labels, count, imageShape, options);
    const [trainCount = 0] = counts;
    return images.length > 1 ? { dataset, trainCount } : { dataset };
  });
}

const TRAIN_AND_TEST = { images: ["x_train", "x_test"], labels: ["y_train", "y_test"] };
const KNOWN_NAMES = [
  TRAIN_AND_TEST,
  { images: ["images"], labels: ["labels"] },
  { images: ["x"], labels: ["y"] },
];

function chooseArrays(archive: ZipArchive, { file, images, labels }: LoadNpzOptions): typeof TRAIN_AND_TEST {
  if (images !== undefined && labels !== undefined) {
    return { images: [images], labels: [labels] };
  }
  if (images !== undefined || labels !== undefined) {
    throw new InvalidArgumentError("Expected the names of both arrays, images and labels, or of neither.");
  }
  const known = KNOWN_NAMES.find((names) =>
    [...names.images, ...names.labels].every((name) => archive.names.includes(`${name}.npy`)),
  );
  if (known === undefined) {
    const found = archive.names.map((name) => name.replace(/\.npy$/, "")).join(", ");
    throw new DataFormatError(
      `${file} has no arrays images and labels, but ${found || "nothing"}; save them under these names, or name them to loadNpz.`,
    );
  }
  return known;
}

async function openArray(archive: ZipArchive, file: string, name: string): Promise<OpenArray> {
  const read = byteReader(archive.read(`${name}.npy`));
  return { header: await readNpyHeader(read, `${name} in ${file}`), read };
}

function commonCount(images: NpyHeader, labels: NpyHeader | undefined): number {
  const [count = 0] = images.shape;
  if (labels?.shape.length !== 1 || labels.shape[0] !== count) {
    throw new ShapeError(
      `Expected [${count}] labels, one for each image, but ${labels?.name} has the shape [${labels?.shape.join(", ")}].`,
    );
  }
  if (count === 0) {
    throw new DataFormatError(`${images.name} holds no images.`);
  }
  return count;
}

function commonShape(
  headers: readonly NpyHeader[],
  given: LoadNpzOptions["imageShape"],
): readonly [height: number, width: number] {
  const shapes = headers.map((header) => shapeOfImages(header, given));
  const [first] = shapes;
  const other = shapes.findIndex((shape) => shape.join() !== first?.join());
  if (first === undefined || other !== -1) {
    throw new ShapeError(
      `${headers[0]?.name} has images of ${first?.join(" x ")} pixels, but ${headers[other]?.name} of ${shapes[other]?.join(" x ")}; they must be alike.`,
    );
  }
  return first;
}

function shapeOfImages(
  { name, shape }: NpyHeader,
  given: LoadNpzOptions["imageShape"],
): readonly [height: number, width: number] {
  const [, height = 0, width = 0, channels = 1] = shape;
  if (shape.length === 2) {
    return shapeOfPixels(height, given, name);
  }
  if (shape.length < 3 || shape.length > 4 || channels !== 1 || height * width === 0) {
    throw new ShapeError(
      `Expected gray images, [n, height, width] or [n, pixels], but ${name} has the shape [${shape.join(", ")}].`,
    );
  }
  return [height, width];
}

async function readDataset(
  imageArrays: readonly OpenArray[],
  labelArrays: readonly OpenArray[],
  count: number,
  imageShape: readonly [height: number, width: number],
  { file, classes, classNames, onNotice }: LoadNpzOptions,
): Promise<ImageDataset> {
  const pixels = imageShape[0] * imageShape[1];
  checkFitsInMemory(count * pixels, file);
  const images = new Uint8Array(count * pixels);
  const labels = new Uint8Array(count);
  let start = 0;
  for (const { header, read } of imageArrays) {
    const end = start + (header.shape[0] ?? 0) * pixels;
    const [toByte, range] =
      header.kind === "fraction"
        ? ([byteOfFraction, "fractions from 0 to 1"] as const)
        : ([byteOfInteger, "whole numbers from 0 to 255"] as const);
    await readNpyAsBytes(
      read,
      header,
      images.subarray(start, end),
      toByte,
      (value, index) =>
        new DataFormatError(
          `Expected pixels that are ${range} in ${header.name}, but image ${Math.floor(index / pixels)} has ${value}; scale them first.`,
        ),
    );
    start = end;
  }
  start = 0;
  for (const { header, read } of labelArrays) {
    const end = start + (header.shape[0] ?? 0);
    await readNpyAsBytes(
      read,
      header,
      labels.subarray(start, end),
      byteOfInteger,
      (value, index) =>
        new LabelRangeError(
          `Expected labels from 0 to 255 in ${header.name}, but row ${index} has the label ${value}.`,
        ),
    );
    start = end;
  }
  return createDataset({
    images,
    labels,
    imageShape,
    classes: classCount(labels, classes ?? classNames?.length, { source: file, onNotice }),
    ...(classNames && { classNames }),
  });
}
