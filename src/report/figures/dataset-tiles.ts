import type { ImageDataset } from "../../data/dataset.js";
import { ShapeError } from "../../errors.js";
import { type EmbeddedImage, inkOnPaper } from "./image.js";

/** What to call a class in a figure: its name, or its number where classes have no names. */
export function classLabel(classNames: readonly string[] | undefined, label: number): string {
  return classNames?.[label] ?? String(label);
}

/**
 * Checks that there is a name for every class.
 *
 * @throws ShapeError when there are more or fewer.
 */
export function checkClassNames(classNames: readonly string[] | undefined, classes: number): void {
  if (classNames !== undefined && classNames.length !== classes) {
    throw new ShapeError(`Expected ${classes} class names but received ${classNames.length}.`);
  }
}

/** The picture of a row of the dataset's images. */
export function datasetImage(
  { features: { data: images, imageShape } }: ImageDataset,
  row: number,
): EmbeddedImage {
  const [height, width] = imageShape;
  const size = height * width;
  return inkOnPaper(images.subarray(row * size, (row + 1) * size), imageShape);
}
