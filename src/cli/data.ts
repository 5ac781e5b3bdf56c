import { DATASET_NAMES, type DatasetName } from "../data/catalog.js";
import type { DownloadProgress } from "../data/download.js";
import { loadMnist } from "../data/mnist.js";
import type { DatasetParts, DatasetSplit } from "../data/parts.js";
import { loadSynthetic } from "../data/synthetic.js";
import { DownloadError, FileAccessError } from "../errors.js";
import { SPLITS } from "./options.js";

/** Digits that the program draws, and the data sets of the catalogue. */
export const DATASETS = [...DATASET_NAMES, "synthetic"] as const;
export type DatasetChoice = DatasetName | "synthetic";

/** MNIST's: a label above 9 is a fault of the file, not another class. */
const CLASSES = 10;

/** The chapter's; no command lets it be chosen, so that every run has the same test set. */
export const SPLIT_SEED = 123;

export interface DataChoice {
  readonly dataDir?: string | undefined;
  readonly dataset?: DatasetChoice | undefined;
  readonly split?: DatasetSplit | undefined;
  readonly seed?: number | undefined;
  readonly offline?: boolean | undefined;
}

export interface LoadedData {
  readonly dataset: DatasetChoice;
  readonly parts: DatasetParts;
}

/** The data set that the options name; MNIST if they name none. */
export async function loadData(choice: DataChoice): Promise<DatasetParts> {
  const { dataDir, dataset = "mnist", split = "chapter", seed = SPLIT_SEED, offline } = choice;
  if (dataset === "synthetic") return loadSynthetic();
  // Any four IDX files serve as mnist; the other names stand for peculiarities of their files.
  if (dataDir !== undefined && dataset === "mnist") {
    return loadMnist({ directory: dataDir, split, seed, classes: CLASSES });
  }
  const { loadDataset } = await import("../data/datasets.js"); // It brings the HTTP client, which most commands do without.
  return loadDataset(dataset, {
    directory: dataDir,
    split,
    seed,
    ...(offline && { offline }),
    onNotice: report,
    onProgress: downloadReporter(),
  });
}

/** As {@link loadData}; but where no data set is named and MNIST cannot be had, this is said, and the program draws digits. */
export async function loadDataOrDraw(choice: DataChoice): Promise<LoadedData> {
  const { dataDir, dataset } = choice;
  if (dataDir !== undefined || dataset !== undefined) {
    return { dataset: dataset ?? "mnist", parts: await loadData(choice) };
  }
  try {
    return { dataset: "mnist", parts: await loadData(choice) };
  } catch (error) {
    if (!(error instanceof FileAccessError || error instanceof DownloadError)) throw error;
    report(
      `MNIST cannot be had, so this run uses digits drawn by the program; name a folder by --data-dir. (${error.message})`,
    );
    return { dataset: "synthetic", parts: await loadSynthetic() };
  }
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

/** Writes one line about the data to standard error. */
export function report(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Tells on a terminal how a download gets on, in a line that is written over; elsewhere only that it begins. */
export function downloadReporter(): (progress: DownloadProgress) => void {
  let current = "";
  return ({ file, received, total, secondsLeft }) => {
    if (!process.stderr.isTTY) {
      if (file !== current) report(`Downloading ${file}.`);
    } else {
      const size = total === undefined ? "" : ` of ${megabytes(total)}`;
      const left = secondsLeft === undefined ? "" : `, ${Math.ceil(secondsLeft)} s left`;
      process.stderr.write(`\r\x1b[K${file}: ${megabytes(received)}${size}${left}`);
      if (received === total) process.stderr.write("\n");
    }
    current = file;
  };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
