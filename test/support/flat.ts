import type { ImageDataset } from "../../src/data/dataset.js";

/** A dataset of images as {@link createDataset} takes it, with its rows: for comparisons. */
export function flat({ features, targets, rows }: ImageDataset) {
  const { classes, classNames, labels } = targets;
  const { data: images, imageShape } = features;
  return { images, labels, imageShape, classes, rows, ...(classNames && { classNames }) };
}
