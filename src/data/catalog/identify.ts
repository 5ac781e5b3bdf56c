import { createHash } from "node:crypto";
import { DataFormatError } from "../../errors.js";
import { encodeIdxHeader } from "../../formats/idx.js";
import type { ImageDataset } from "../dataset.js";
import { type CatalogEntry, catalogEntry, DATASET_NAMES, type DatasetName } from "./catalog.js";
import type { DatasetLocation } from "./locate.js";

/**
 * Which data set of the catalogue the images and labels of a training set followed by those of its test set are, by the sum of the
 * training labels; `undefined` where none is known to have it. Which rows are selected does not matter.
 */
export function identifyDataset({ targets: { labels } }: ImageDataset): DatasetName | undefined {
  return DATASET_NAMES.find((name) => {
    const { trainCount, testCount, files } = catalogEntry(name);
    if (files.trainLabels.sha256 === undefined || labels.length !== trainCount + testCount) return false;
    const hash = createHash("sha256").update(encodeIdxHeader("labels", [trainCount]));
    return hash.update(labels.subarray(0, trainCount)).digest("hex") === files.trainLabels.sha256;
  });
}

/**
 * Checks as far as the catalogue knows the sums that the files of a data set are its own. In a folder that somebody named for it
 * they must be.
 *
 * @throws DataFormatError when they are not.
 */
export function requireDataset(
  { name, files, labelKind }: CatalogEntry,
  dataset: ImageDataset,
  { path: place, source }: DatasetLocation,
) {
  const found = identifyDataset(dataset);
  if (found === name) return;
  if (found !== undefined) {
    throw new DataFormatError(`${place} holds ${found}, and not ${name}; name ${found}, or another folder.`);
  }
  if (source === "directory" && labelKind === undefined && files.trainLabels.sha256 !== undefined) {
    throw new DataFormatError(
      `${place} does not hold the labels of ${name}; name another folder, or only the folder, and what is in it is taken as it is.`,
    );
  }
}
