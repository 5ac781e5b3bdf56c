import { existsSync } from "node:fs";
import { loadMnist, type MnistParts, type MnistSplit } from "../data/mnist.js";
import { FileAccessError } from "../errors.js";
import { SPLITS } from "./options.js";

export const DATASETS = ["mnist", "fashion-mnist"] as const;
export type DatasetName = (typeof DATASETS)[number];

/** Where Debian's package dataset-fashion-mnist puts it. */
const FASHION_MNIST_DIRECTORY = "/usr/share/datasets/fashion-mnist";

/** Both data sets have ten. */
const CLASSES = 10;

/** The chapter's; no command lets it be chosen, so that every run has the same test set. */
export const SPLIT_SEED = 123;

export interface DataChoice {
  readonly dataDir?: string | undefined;
  readonly dataset?: DatasetName | undefined;
  readonly split?: MnistSplit | undefined;
  readonly seed?: number | undefined;
}

/** The data set that the options name. */
export async function loadData({
  dataDir,
  dataset = "mnist",
  split = "chapter",
  seed = SPLIT_SEED,
}: DataChoice): Promise<MnistParts> {
  const directory = dataDir ?? (dataset === "fashion-mnist" ? FASHION_MNIST_DIRECTORY : undefined);
  if (directory === undefined || (dataDir === undefined && !existsSync(directory))) {
    throw new FileAccessError(
      `The data set ${dataset} was not found on this machine; name the folder with its four IDX files by --data-dir.`,
    );
  }
  return loadMnist({ directory, split, seed, classes: CLASSES });
}

/**
 * Data set and split of the run that made a model, by its metadata: with another split, the model would be tested on images
 * that it was trained on.
 */
export function dataOfModel(
  metadata: Readonly<Record<string, string>>,
): Pick<DataChoice, "dataset" | "split"> {
  return {
    dataset: DATASETS.find((name) => name === metadata.dataset),
    split: SPLITS.find((name) => name === metadata.split),
  };
}
