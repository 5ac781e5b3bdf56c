import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { DataFormatError, ShapeError } from "../../errors.js";
import { type GrayImage, readPngAsGray } from "../../formats/png.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { checkFitsInMemory } from "../../system/memory.js";
import { asFolderAccessError } from "../../system/system-error.js";
import { createDataset, type ImageDataset } from "../dataset.js";

export interface LoadImageFolderOptions {
  /** The folder with a folder for each class. */
  readonly directory: string;
}

const OPTIONS: KnownOptions<LoadImageFolderOptions> = {
  directory: true,
};

const MOST_CLASSES = 256;
/** Files read at the same time: enough to keep the disk busy while one is decoded. */
const FILES_AT_ONCE = 16;

/**
 * Loads images from a folder that has a folder of PNG files for each class, as torchvision's `ImageFolder` takes it. The
 * folders' names, sorted as texts, are the names of the classes, and the rows follow them, with the files of each sorted
 * likewise. Other files, and folders whose name starts with a dot, are passed over.
 *
 * Pixels are those of {@link readPngAsGray}: black is 0. MNIST's digits are white on black.
 *
 * @throws FileAccessError when the folder or a file cannot be read.
 * @throws DataFormatError when a file is not a PNG image, a class has none, or there are no or more than 256 classes.
 * @throws ShapeError when images have different sizes.
 */
export async function loadImageFolder(options: LoadImageFolderOptions): Promise<ImageDataset> {
  requireKnownOptions("loadImageFolder", options, OPTIONS, '{ directory: "letters" }');
  const { directory } = options;
  const classNames = await listClasses(directory);
  const files = (
    await Promise.all(classNames.map((name, label) => listImages(directory, name, label)))
  ).flat();
  const [first] = files;
  if (first === undefined) {
    throw new DataFormatError(`${directory} has no folders in it; it needs one of PNG files for each class.`);
  }
  const { height, width } = await readPngAsGray(first.path);
  const pixels = height * width;
  checkFitsInMemory(files.length * pixels, directory);
  const images = new Uint8Array(files.length * pixels);
  for (let start = 0; start < files.length; start += FILES_AT_ONCE) {
    const batch = files.slice(start, start + FILES_AT_ONCE);
    await Promise.all(
      batch.map(async ({ path }, i) => {
        const image = await readPngAsGray(path);
        checkSize(image, path, { height, width }, first.path);
        images.set(image.pixels, (start + i) * pixels);
      }),
    );
  }
  const labels = Uint8Array.from(files, ({ label }) => label);
  return createDataset({
    images,
    labels,
    imageShape: [height, width],
    classes: classNames.length,
    classNames,
  });
}

interface LabelledFile {
  readonly path: string;
  readonly label: number;
}

async function listClasses(directory: string): Promise<string[]> {
  const entries = await list(directory);
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
  if (names.length > MOST_CLASSES) {
    throw new DataFormatError(
      `${directory} has ${names.length} folders in it, and at most ${MOST_CLASSES} classes can be told apart.`,
    );
  }
  return names.map(({ name }) => name).sort();
}

async function listImages(directory: string, name: string, label: number): Promise<LabelledFile[]> {
  const folder = join(directory, name);
  const entries = await list(folder);
  const files = entries.filter(
    (entry) => !entry.isDirectory() && extname(entry.name).toLowerCase() === ".png",
  );
  if (files.length === 0 && entries.some((entry) => entry.isDirectory())) {
    throw new DataFormatError(
      `${folder} has folders in it where the PNG files of the class ${name} were expected; name a folder that has one folder for each class, such as ${folder}.`,
    );
  }
  if (files.length === 0) {
    throw new DataFormatError(`${folder} has no PNG files in it, which the class ${name} needs.`);
  }
  return files
    .map((entry) => entry.name)
    .sort()
    .map((file) => ({ path: join(folder, file), label }));
}

async function list(folder: string) {
  return readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw asFolderAccessError(cause, folder, "name one with a folder for each class");
  });
}

function checkSize(
  image: GrayImage,
  path: string,
  expected: Pick<GrayImage, "height" | "width">,
  firstPath: string,
): void {
  if (image.height !== expected.height || image.width !== expected.width) {
    throw new ShapeError(
      `${path} has ${image.width} x ${image.height} pixels, but ${firstPath} has ${expected.width} x ${expected.height}; all images must have one size.`,
    );
  }
}
