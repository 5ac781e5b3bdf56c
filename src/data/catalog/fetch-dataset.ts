import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { FileAccessError } from "../../errors.js";
import type { KnownOptions } from "../../system/known-options.js";
import { asOutputError } from "../../system/system-error.js";
import { DATA_PLACES, type DataPlaces, dataHome, isOffline, knownPlaces, namedHome } from "./cache.js";
import {
  type CatalogEntry,
  type DatasetArchive,
  entriesOfArchive,
  fileKinds,
  largestCopy,
} from "./catalog.js";
import { type DownloadFileOptions, type DownloadOptions, downloadFile } from "./download.js";
import { unpackArchive } from "./emnist.js";
import { type DatasetLocation, type DatasetSource, locateIdx } from "./locate.js";
import { withLock } from "./lock.js";
import { createDispatcher } from "./proxy.js";
import { checkDownload, checkSum } from "./verify.js";

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
};

/** Where a data set goes. */
interface Destination {
  readonly source: DatasetSource;
  readonly directory: string;
  /** The folder for what belongs to several data sets; `directory` itself where the user named it. */
  readonly root: string;
}

/** What the user chose, with what all requests of one download share. */
type Session = FetchDatasetOptions & Pick<DownloadFileOptions, "dispatcher" | "signal">;

/**
 * Downloads what is missing of a data set. Each file is verified before it takes its name. Where another process is
 * fetching the same, this one waits and then finds it done.
 *
 * A data set in an archive brings along the others in it, so that the archive is fetched once; then the archive is deleted.
 *
 * @throws FileAccessError when downloads are forbidden and something is missing.
 * @throws DownloadError when no mirror gives a file that is needed.
 * @throws OutputError when the files cannot be written.
 * @throws InvalidArgumentError when a proxy variable holds no address.
 */
export async function fetchDataset(
  entry: CatalogEntry,
  options: FetchDatasetOptions = {},
): Promise<DatasetLocation> {
  const destination = destinationOf(entry, options);
  const { source, directory, root } = destination;
  if (!isComplete(entry, directory)) {
    if (options.offline ?? isOffline(options)) {
      throw new FileAccessError(
        `${directory} does not hold ${entry.name}, and downloads are forbidden; allow them, or put the files there.`,
      );
    }
    const onWait = () => options.onNotice?.(`Another process is fetching ${entry.name}; waiting for it.`);
    const lock = join(root, entry.archive?.name ?? entry.name);
    await withLock(lock, { signal: options.signal, onWait }, async (signal) => {
      // Looked at again, because whoever held the lock before may have fetched it all.
      if (!isComplete(entry, directory)) {
        await fetchMissing(entry, destination, { ...options, signal });
      }
    });
  }
  return locateIdx(entry, source, directory);
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

function isComplete(entry: CatalogEntry, directory: string): boolean {
  return Object.values(entry.files).every(({ name }) => isPresent(directory, name));
}

function isPresent(directory: string, name: string): boolean {
  return existsSync(join(directory, `${name}.gz`)) || existsSync(join(directory, name));
}

async function fetchMissing(
  entry: CatalogEntry,
  destination: Destination,
  options: FetchDatasetOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const { dispatcher, close } = await createDispatcher(knownPlaces(options).env);
  const session = { ...options, dispatcher };
  try {
    await (entry.archive === undefined
      ? fetchFiles(entry, destination, session)
      : fetchArchive(entry, entry.archive, destination, session));
  } finally {
    await close();
  }
}

async function fetchFiles(entry: CatalogEntry, { directory }: Destination, session: Session): Promise<void> {
  await mkdir(directory, { recursive: true }).catch((error: unknown) => {
    throw asOutputError(error, directory);
  });
  const kinds = fileKinds(entry);
  for (const place of Object.keys(kinds) as (keyof typeof kinds)[]) {
    const file = entry.files[place];
    if (!isPresent(directory, file.name)) {
      await downloadFile({
        ...session,
        urls: urlsOf(entry, `${file.name}.gz`, session),
        path: join(directory, `${file.name}.gz`),
        largest: largestCopy(entry, place),
        verify: (part) => checkDownload(part, kinds[place], file),
      });
    }
  }
}

async function fetchArchive(
  entry: CatalogEntry,
  archive: DatasetArchive,
  { source, directory, root }: Destination,
  session: Session,
): Promise<void> {
  const path = join(root, archive.name);
  if (!existsSync(path)) {
    await downloadFile({
      ...session,
      urls: urlsOf(entry, archive.name, session),
      path,
      largest: archive.byteLength,
      verify: (part) => checkSum(part, archive.published),
    });
  }
  if (source === "directory") {
    await unpackArchive(path, archive, entry, directory, session.signal);
  } else {
    for (const other of entriesOfArchive(entry)) {
      await unpackArchive(path, archive, other, join(root, other.name), session.signal);
    }
  }
  await rm(path);
}

function urlsOf(entry: CatalogEntry, file: string, { mirrors = entry.mirrors }: Session): string[] {
  return mirrors.map((mirror) => (mirror.endsWith("/") ? mirror : `${mirror}/`) + file);
}
