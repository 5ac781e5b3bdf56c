import { FileAccessError } from "../../errors.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { ImageDataset } from "../dataset.js";
import { loadNpz } from "../readers/npz.js";
import { loadQuartet } from "../readers/quartet.js";
import { type DatasetParts, type DatasetSplit, type PooledDataset, splitDataset } from "../split-dataset.js";
import { isOffline } from "./cache.js";
import { checkCached } from "./cached-file.js";
import { type CatalogEntry, catalogEntry, DATASET_NAMES, type DatasetName } from "./catalog.js";
import { transposeImages } from "./emnist.js";
import { FETCH_OPTIONS, type FetchDatasetOptions, fetchDataset } from "./fetch-dataset.js";
import { requireDataset } from "./identify.js";
import {
  type DatasetLocation,
  LOCATE_OPTIONS,
  type LocateOptions,
  locateDataset,
  searchedPlaces,
} from "./locate.js";
import { type VerifiedFile, verifyFiles } from "./verify.js";

export interface LoadDatasetOptions extends FetchDatasetOptions {
  /** The folder that holds the files. No other is looked at, and nothing is downloaded. */
  readonly directory?: string | undefined;
  /** Default: `chapter`. */
  readonly split?: DatasetSplit | undefined;
  /** Seed of the random numbers that choose the rows, an integer from 0 to 2^32 - 1. Default: 123, the chapter's. */
  readonly seed?: number | undefined;
}

const LOAD_OPTIONS: KnownOptions<LoadDatasetOptions> = { ...FETCH_OPTIONS, split: true, seed: true };

/** A data set of the catalogue, and where it is, if it is on this machine. */
export interface ListedDataset {
  readonly entry: CatalogEntry;
  readonly location: DatasetLocation | undefined;
}

/**
 * Loads a data set by its name and splits it as {@link splitDataset} does. It is looked for as by {@link findDataset},
 * and downloaded into `MNIST_NATIVE_HOME` or the user's cache when it is nowhere, unless that is forbidden.
 *
 * What is in either of these two is checked first: quickly where nothing has changed since it was last verified. What is wrong
 * there is passed over, and fetched again if need be.
 *
 * Images come out upright and classes are counted from 0, whatever the files hold.
 *
 * @throws FileAccessError when the data set is not there and must not be downloaded, or cannot be read.
 * @throws DownloadError when no mirror gives a file that is needed.
 * @throws DataFormatError when a file is damaged, or when the files are those of another data set.
 * @throws InvalidArgumentError when the name or another option is out of range.
 */
export async function loadDataset(
  name: DatasetName,
  options: LoadDatasetOptions = {},
): Promise<DatasetParts<ImageDataset>> {
  requireKnownOptions("loadDataset", options, LOAD_OPTIONS, '{ directory: "mnist" }');
  const { split = "chapter", seed = 123, offline = isOffline(options) } = options;
  const entry = catalogEntry(name);
  const { found, passedOver } = await search(entry, options, (location) => checkCached(entry, location));
  if (found === undefined && offline) {
    const remedy = "downloads are forbidden; allow them, or name the folder that holds it";
    throw notFound(entry, options, remedy, passedOver);
  }
  tell(passedOver, options);
  const { dataset, trainCount } = await readLocated(entry, found ?? (await fetchDataset(entry, options)));
  return splitDataset(dataset, { split, seed, trainCount });
}

/**
 * Where a data set is on this machine.
 *
 * @throws FileAccessError when it is not there; its message names the places that were looked at.
 * @throws InvalidArgumentError when the catalogue has none of this name.
 */
export async function findDataset(name: DatasetName, options: LocateOptions = {}): Promise<DatasetLocation> {
  requireKnownOptions("findDataset", options, LOCATE_OPTIONS, '{ directory: "mnist" }');
  const entry = catalogEntry(name);
  const { found, passedOver } = await search(entry, options);
  if (found === undefined) {
    throw notFound(entry, options, "it has to be downloaded first", passedOver);
  }
  tell(passedOver, options);
  return found;
}

/**
 * Downloads a data set into `MNIST_NATIVE_HOME` or the user's cache, even where another tool has it. What is complete is left alone.
 *
 * @throws FileAccessError when downloads are forbidden and something is missing.
 * @throws DownloadError when no mirror gives a file that is needed.
 * @throws DataFormatError when a wrong file is there that this program did not make.
 * @throws OutputError when the files cannot be written.
 */
export async function downloadDataset(
  name: DatasetName,
  options: FetchDatasetOptions = {},
): Promise<DatasetLocation> {
  requireKnownOptions("downloadDataset", options, FETCH_OPTIONS, '{ directory: "mnist" }');
  return fetchDataset(catalogEntry(name), options);
}

/**
 * Checks the files of a data set that is on this machine: their SHA-256 by the catalogue, or by what was downloaded.
 *
 * @throws FileAccessError when the data set is not there, or a file cannot be read.
 * @throws DataFormatError when a file is not the one of the catalogue.
 */
export async function verifyDataset(
  name: DatasetName,
  options: LocateOptions = {},
): Promise<readonly VerifiedFile[]> {
  requireKnownOptions("verifyDataset", options, LOCATE_OPTIONS, '{ directory: "mnist" }');
  return verifyFiles(catalogEntry(name), await findDataset(name, options));
}

/** All data sets of the catalogue. */
export async function listDatasets(options: LocateOptions = {}): Promise<readonly ListedDataset[]> {
  requireKnownOptions("listDatasets", options, LOCATE_OPTIONS, '{ cacheDirectory: "cache" }');
  return Promise.all(
    DATASET_NAMES.map(async (name) => {
      const entry = catalogEntry(name);
      return { entry, location: await locateDataset(entry, options) };
    }),
  );
}

async function readLocated(entry: CatalogEntry, location: DatasetLocation): Promise<PooledDataset> {
  const pooled = await readFiles(entry, location);
  requireDataset(entry, pooled.dataset, location);
  return pooled;
}

async function readFiles(entry: CatalogEntry, { files }: DatasetLocation): Promise<PooledDataset> {
  const { classNames, firstLabel, labelKind, transposed } = entry;
  if (files.format === "npz") {
    const { dataset, trainCount = entry.trainCount } = await loadNpz({ file: files.path, classNames });
    return { dataset, trainCount };
  }
  const pooled = await loadQuartet(files.paths, { classNames, firstLabel, labelKind });
  if (transposed) {
    transposeImages(pooled.dataset);
  }
  return pooled;
}

/** As {@link locateDataset}. What was passed over is told to nobody yet: where nothing is found, it belongs into the error. */
async function search(
  entry: CatalogEntry,
  options: LocateOptions,
  accept?: (location: DatasetLocation) => Promise<void>,
) {
  const passedOver: string[] = [];
  const onNotice = (sentence: string) => void passedOver.push(sentence);
  const found = await locateDataset(entry, { ...options, onNotice }, accept);
  return { found, passedOver };
}

function tell(sentences: readonly string[], { onNotice }: LocateOptions): void {
  for (const sentence of sentences) {
    onNotice?.(sentence);
  }
}

function notFound(
  entry: CatalogEntry,
  options: LocateOptions,
  reason: string,
  passedOver: readonly string[],
): FileAccessError {
  const places = searchedPlaces(entry, options).join(", ");
  const state =
    passedOver.length === 0 ? "not on this machine" : "on this machine only in a form that cannot be used";
  return new FileAccessError(
    [
      `${entry.name} is ${state}, and ${reason}.`,
      `These places were looked at: ${places}.`,
      ...passedOver,
    ].join(" "),
  );
}
