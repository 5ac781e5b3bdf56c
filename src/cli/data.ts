import { existsSync } from "node:fs";
import { loadMnist, type MnistParts, type MnistSplit } from "../data/mnist.js";
import { FileAccessError } from "../errors.js";

export const DATASETS = ["mnist", "fashion-mnist"] as const;
export type DatasetName = (typeof DATASETS)[number];

/** Where Debian's package dataset-fashion-mnist puts it. */
const FASHION_MNIST_DIRECTORY = "/usr/share/datasets/fashion-mnist";

export interface DataChoice {
  readonly dataDir?: string | undefined;
  readonly dataset?: DatasetName | undefined;
  readonly split: MnistSplit;
  readonly seed?: number | undefined;
}

/** The data set that the options name. */
export async function loadData({
  dataDir,
  dataset = "mnist",
  split,
  seed = 123,
}: DataChoice): Promise<MnistParts> {
  const directory = dataDir ?? (dataset === "fashion-mnist" ? FASHION_MNIST_DIRECTORY : undefined);
  if (directory === undefined || (dataDir === undefined && !existsSync(directory))) {
    throw new FileAccessError(
      `The data set ${dataset} was not found on this machine; name the folder with its four IDX files by --data-dir.`,
    );
  }
  return loadMnist({ directory, split, seed });
}
