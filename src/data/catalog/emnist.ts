import { createWriteStream } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ShapeError } from "../../errors.js";
import { withZip } from "../../formats/zip.js";
import { asOutputError } from "../../system/system-error.js";
import type { ImageDataset } from "../dataset.js";
import type { CatalogEntry, DatasetArchive } from "./catalog.js";
import { discardPart } from "./part.js";

/**
 * Takes the four compressed files of a data set out of its archive, each under another name until it is whole.
 *
 * @param directory Where they go; made where it is missing.
 * @throws DataFormatError when the archive is damaged or has not all four.
 * @throws OutputError when a file cannot be written.
 */
export async function unpackArchive(
  path: string,
  archive: DatasetArchive,
  entry: CatalogEntry,
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  await withZip(path, async (zip) => {
    for (const { name } of Object.values(entry.files)) {
      const target = join(directory, `${name}.gz`);
      const part = `${target}.part`;
      try {
        await mkdir(directory, { recursive: true });
        await discardPart(part);
        // A new file, so that a link in its place is not followed.
        const output = createWriteStream(part, { flags: "wx", flush: true });
        await pipeline(zip.read(`${archive.folder}${name}.gz`), output, { signal });
        await rename(part, target);
      } catch (error) {
        await discardPart(part);
        signal.throwIfAborted();
        throw asOutputError(error, target);
      }
    }
  });
}

/**
 * Turns each image over its main diagonal, in place: EMNIST's files hold them column by column.
 *
 * @throws ShapeError when images are not square.
 */
export function transposeImages({ features }: ImageDataset): void {
  const { data: images } = features;
  const [height, width] = features.imageShape;
  if (height !== width) {
    throw new ShapeError(
      `Expected square images, which EMNIST has, but received ${height} x ${width} pixels.`,
    );
  }
  for (let start = 0; start < images.length; start += height * width) {
    for (let row = 1; row < height; row++) {
      for (let column = 0; column < row; column++) {
        const a = start + row * width + column;
        const b = start + column * width + row;
        const pixel = images[a] as number; // Both are in the image, whose pixels end before images.length.
        images[a] = images[b] as number;
        images[b] = pixel;
      }
    }
  }
}
