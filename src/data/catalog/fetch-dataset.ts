import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DataFormatError, FileAccessError } from "../../errors.js";
import type { KnownOptions } from "../../system/known-options.js";
import { asOutputError } from "../../system/system-error.js";
import { DATA_PLACES, type DataPlaces, dataHome, isOffline, knownPlaces, namedHome } from "./cache.js";
import { checkCached, checkCachedFile, isCache, recordFile } from "./cached-file.js";
import {
  type CatalogEntry,
  type DatasetArchive,
  entriesOfArchive,
  fileKinds,
  largestCopy,
  type PublishedSum,
} from "./catalog.js";
import { type DownloadFileOptions, type DownloadOptions, downloadFile } from "./download.js";
import { unpackArchive } from "./emnist.js";
import { type DatasetLocation, type DatasetSource, locateIdx } from "./locate.js";
import { withLock } from "./lock.js";
import { createDispatcher } from "./proxy.js";
import { checkDownload, checkSum, sumOf } from "./verify.js";

export interface FetchDatasetOptions extends DataPlaces, DownloadOptions {
  /**
   * The folder for the files. Default: the folder of the data set's name in `MNIST_NATIVE_HOME`, or else in the user's
   * cache.
   */
  readonly directory?: string | undefined;
  /** Addresses of folders with the files, in place of the catalogue's. */
  readonly mirrors?: readonly string[] | undefined;
  /** Forbids downloads. Default: what `MNIST_NATIVE_OFFLINE` says. */
  readonly offline?: boolean | undefined;
}

export const FETCH_OPTIONS: KnownOptions<FetchDatasetOptions> = {
  ...DATA_PLACES,
  directory: true,
  mirrors: true,
  offline: true,
  signal: true,
  onProgress: true,
  onNotice: true,
  attempts: true,
  retryDelay: true,
  connectTimeout: true,
  stallTimeout: true,
  leastBytesPerSecond: true,
};

/** Where a data set goes. */
interface Destination {
  readonly source: DatasetSource;
  readonly directory: string;
  /** The folder for what belongs to several data sets; `directory` itself where the user named it. */
  readonly root: string;
}

type Place = keyof CatalogEntry["files"];

/** What has to be fetched. */
interface Gaps {
  readonly places: readonly Place[];
  /** Sentences about the files that are there, and wrong. */
  readonly faults: readonly string[];
}

/** What the user chose, with what all requests of one download share. */
type FetchSettings = FetchDatasetOptions & Pick<DownloadFileOptions, "dispatcher" | "signal">;

/**
 * Downloads what is missing of a data set, or has been changed since it was downloaded. Each file is verified before it takes
 * its name. Where another process is fetching the same, this one waits and then finds it done. In a folder that the user named,
 * what is there is left alone.
 *
 * A data set in an archive brings along the others in it, so that the archive is fetched once; then the archive is deleted.
 *
 * @throws FileAccessError when downloads are forbidden and something is missing.
 * @throws DownloadError when no mirror gives a file that is needed.
 * @throws DataFormatError when a wrong file is there that this program did not make.
 * @throws OutputError when the files cannot be written.
 * @throws InvalidArgumentError when a proxy variable holds no address.
 */
export async function fetchDataset(
  entry: CatalogEntry,
  options: FetchDatasetOptions = {},
): Promise<DatasetLocation> {
  const destination = destinationOf(entry, options);
  const { source, directory, root } = destination;
  const { places, faults } = await findGaps(entry, destination);
  if (places.length > 0) {
    if (options.offline ?? isOffline(options)) {
      throw new FileAccessError(
        faults.length > 0
          ? `${faults.join(" ")} But downloads are forbidden; allow them, or put the right files there.`
          : `${directory} does not hold ${entry.name}, and downloads are forbidden; allow them, or put the files there.`,
      );
    }
    const onWait = () => options.onNotice?.(`Another process is fetching ${entry.name}; waiting for it.`);
    const lock = join(root, entry.archive?.name ?? entry.name);
    await withLock(lock, { signal: options.signal, onWait }, async (signal) => {
      // Looked at again, because whoever held the lock before may have fetched it all.
      const gaps = await findGaps(entry, destination);
      for (const fault of gaps.faults) {
        options.onNotice?.(`${fault} This is done now.`);
      }
      if (gaps.places.length > 0) {
        await fetchMissing(entry, gaps.places, destination, { ...options, signal });
      }
    });
  }
  const location = await locateIdx(entry, source, directory);
  await checkForeign(entry, location);
  return location;
}

/** A file under a name that no download has, such as a decompressed one, goes before those that were downloaded. */
async function checkForeign(entry: CatalogEntry, location: DatasetLocation): Promise<void> {
  try {
    await checkCached(entry, location);
  } catch (error) {
    throw error instanceof DataFormatError
      ? new DataFormatError(
          `${error.message} It is not from a download and is left alone; delete it first.`,
          {
            cause: error,
          },
        )
      : error;
  }
}

function destinationOf(entry: CatalogEntry, options: FetchDatasetOptions): Destination {
  const places = knownPlaces(options);
  if (options.directory !== undefined) {
    const directory = resolve(places.cwd, options.directory);
    return { source: "directory", directory, root: directory };
  }
  const root = dataHome(places);
  const source = namedHome(places) === undefined ? "cache" : "MNIST_NATIVE_HOME";
  return { source, directory: join(root, entry.name), root };
}

async function findGaps(entry: CatalogEntry, { source, directory }: Destination): Promise<Gaps> {
  const kinds = fileKinds(entry);
  const places: Place[] = [];
  const faults: string[] = [];
  for (const place of Object.keys(kinds) as Place[]) {
    const file = entry.files[place];
    const path = join(directory, `${file.name}.gz`);
    const isDownloaded = existsSync(path);
    if (!isDownloaded && !existsSync(join(directory, file.name))) {
      places.push(place);
    } else if (isDownloaded && isCache(source)) {
      try {
        await checkCachedFile(path, kinds[place], file);
      } catch (error) {
        if (!(error instanceof DataFormatError)) {
          throw error;
        }
        places.push(place);
        faults.push(error.message);
      }
    }
  }
  return { places, faults };
}

async function fetchMissing(
  entry: CatalogEntry,
  places: readonly Place[],
  destination: Destination,
  options: FetchDatasetOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const { dispatcher, close } = await createDispatcher(knownPlaces(options).env);
  const settings = { ...options, dispatcher };
  try {
    await (entry.archive === undefined
      ? fetchFiles(entry, places, destination, settings)
      : fetchArchive(entry, entry.archive, destination, settings));
  } finally {
    await close();
  }
}

async function fetchFiles(
  entry: CatalogEntry,
  places: readonly Place[],
  { source, directory }: Destination,
  settings: FetchSettings,
): Promise<void> {
  await mkdir(directory, { recursive: true }).catch((error: unknown) => {
    throw asOutputError(error, directory);
  });
  const kinds = fileKinds(entry);
  for (const place of places) {
    const file = entry.files[place];
    const path = join(directory, `${file.name}.gz`);
    const largest = largestCopy(entry, place);
    await downloadFile({
      ...settings,
      urls: urlsOf(entry, `${file.name}.gz`, settings),
      path,
      largest,
      verify: (part) => checkDownload(part, kinds[place], file, largest),
    });
    if (isCache(source)) {
      await recordFile(path, file);
    }
  }
}

async function fetchArchive(
  entry: CatalogEntry,
  archive: DatasetArchive,
  { source, directory, root }: Destination,
  settings: FetchSettings,
): Promise<void> {
  const path = join(root, archive.name);
  const wasThere = existsSync(path);
  if (wasThere && !isCache(source)) {
    await checkSum(path, archive.published);
  } else if (!wasThere || !(await hasSum(path, archive.published))) {
    await downloadFile({
      ...settings,
      urls: urlsOf(entry, archive.name, settings),
      path,
      largest: archive.byteLength,
      verify: (part) => checkSum(part, archive.published),
    });
  }
  if (isCache(source)) {
    for (const other of entriesOfArchive(entry)) {
      const otherDirectory = join(root, other.name);
      await unpackArchive(path, archive, other, otherDirectory, settings.signal);
      for (const file of Object.values(other.files)) {
        await recordFile(join(otherDirectory, `${file.name}.gz`), file);
      }
    }
  } else {
    await unpackArchive(path, archive, entry, directory, settings.signal);
  }
  if (!wasThere || isCache(source)) {
    await rm(path);
  }
}

/** What a process that was killed left behind may have been changed since. */
async function hasSum(path: string, published: PublishedSum): Promise<boolean> {
  return (await sumOf(path, published.algorithm)) === published.digest;
}

function urlsOf(entry: CatalogEntry, file: string, { mirrors = entry.mirrors }: FetchSettings): string[] {
  return mirrors.map((mirror) => (mirror.endsWith("/") ? mirror : `${mirror}/`) + file);
}
