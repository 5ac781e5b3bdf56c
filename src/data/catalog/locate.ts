import { join, resolve } from "node:path";
import { FileAccessError, MnistNativeError } from "../../errors.js";
import { readIdxHeader } from "../../formats/idx.js";
import { withZip } from "../../formats/zip.js";
import type { KnownOptions } from "../../system/known-options.js";
import { findQuartet, mapQuartet, type Quartet } from "../readers/quartet.js";
import { DATA_PLACES, type DataPlaces, type KnownPlaces, knownPlaces, namedHome } from "./cache.js";
import { type CatalogEntry, fileKinds } from "./catalog.js";

/** Who put a data set where it is. */
export type DatasetSource = "directory" | "MNIST_NATIVE_HOME" | "cache" | "system" | "torchvision" | "keras";

/** Where a data set is. */
export interface DatasetLocation {
  readonly source: DatasetSource;
  /** The folder with the four IDX files, or Keras' `.npz` file. */
  readonly path: string;
  readonly files: DatasetFiles;
}

export type DatasetFiles =
  | { readonly format: "idx"; readonly paths: Quartet<string> }
  | { readonly format: "npz"; readonly path: string };

export interface LocateOptions extends DataPlaces {
  /** The folder that holds the files. No other is looked at. */
  readonly directory?: string | undefined;
  /** Called with a sentence for the user about files that were found but cannot be used. */
  readonly onNotice?: ((message: string) => void) | undefined;
}

export const LOCATE_OPTIONS: KnownOptions<LocateOptions> = {
  ...DATA_PLACES,
  directory: true,
  onNotice: true,
};

interface Candidate {
  readonly source: DatasetSource;
  readonly path: string;
  readonly format: "idx" | "npz";
}

/**
 * Looks for a data set on this machine, and leaves everything as it is:
 *
 * 1. in `directory`, if that is given, and nowhere else;
 * 2. in the folder of its name in `MNIST_NATIVE_HOME`, then in the user's cache;
 * 3. where the system's packages put it: Debian's dataset-fashion-mnist in /usr/share/datasets/fashion-mnist;
 * 4. where torchvision puts it: in `MNIST/raw` and the like, below the roots that its documentation and examples use: `data`
 *    in the working folder, in the folder above, and in the user's home;
 * 5. where Keras puts it: `datasets/mnist.npz` or `datasets/fashion-mnist` in `KERAS_HOME`, or else in ~/.keras.
 *
 * Files of other tools are passed over when they are not what they should be or were cut short.
 *
 * @param accept Throws an error for the user where what was found must be passed over, too. Not asked about `directory`.
 * @returns `undefined` when it is in none of these places.
 * @throws FileAccessError when `directory` is given and does not hold it.
 */
export async function locateDataset(
  entry: CatalogEntry,
  options: LocateOptions = {},
  accept: (location: DatasetLocation) => Promise<void> = async () => {},
): Promise<DatasetLocation | undefined> {
  const places = knownPlaces(options);
  if (options.directory !== undefined) {
    return locateIdx(entry, "directory", resolve(places.cwd, options.directory));
  }
  for (const candidate of candidates(entry, places)) {
    const location = await tryCandidate(entry, candidate, accept, options.onNotice);
    if (location !== undefined) {
      return location;
    }
  }
  return undefined;
}

/** The four IDX files of a data set in one folder. */
export async function locateIdx(
  entry: CatalogEntry,
  source: DatasetSource,
  directory: string,
): Promise<DatasetLocation> {
  const names = mapQuartet(entry.files, ({ name }) => name);
  return { source, path: directory, files: { format: "idx", paths: await findQuartet(directory, names) } };
}

/** The places where {@link locateDataset} looks, unless it is told one, in its order. */
export function searchedPlaces(entry: CatalogEntry, places: DataPlaces = {}): readonly string[] {
  return candidates(entry, knownPlaces(places)).map(({ path }) => path);
}

function candidates(entry: CatalogEntry, places: KnownPlaces): Candidate[] {
  const { env, home, cwd, cacheDirectory, systemDirectory } = places;
  const { name, torchvisionFolder } = entry;
  const idx = (source: DatasetSource, path: string): Candidate => ({ source, path, format: "idx" });
  const own = namedHome(places);
  const torchvisionRoots = [join(cwd, "data"), join(cwd, "..", "data"), join(home, "data")];
  const keras = join(env.KERAS_HOME || join(home, ".keras"), "datasets");
  return [
    ...(own === undefined ? [] : [idx("MNIST_NATIVE_HOME", join(own, name))]),
    idx("cache", join(cacheDirectory, name)),
    ...(systemDirectory === null ? [] : [idx("system", join(systemDirectory, name))]),
    ...torchvisionRoots.map((root) => idx("torchvision", join(root, torchvisionFolder))),
    ...(name === "mnist"
      ? [{ source: "keras", path: join(keras, "mnist.npz"), format: "npz" } as const]
      : []),
    ...(name === "fashion-mnist" ? [idx("keras", join(keras, "fashion-mnist"))] : []),
  ];
}

async function tryCandidate(
  entry: CatalogEntry,
  { source, path, format }: Candidate,
  accept: (location: DatasetLocation) => Promise<void>,
  onNotice: LocateOptions["onNotice"],
): Promise<DatasetLocation | undefined> {
  try {
    if (format === "npz") {
      await withZip(path, async () => {});
      return { source, path, files: { format, path } };
    }
    const location = await locateIdx(entry, source, path);
    await checkHeaders(entry, location.files);
    await accept(location);
    return location;
  } catch (error) {
    if (!(error instanceof MnistNativeError)) {
      throw error;
    }
    if (!isAbsence(error)) {
      onNotice?.(`${path} is passed over: ${error.message}`);
    }
    return undefined;
  }
}

/** A raw file that was cut short shows it in its header's promise. */
async function checkHeaders(entry: CatalogEntry, files: DatasetFiles): Promise<void> {
  if (files.format === "idx") {
    const { paths } = files;
    const headers = mapQuartet(fileKinds(entry), (kind, place) => readIdxHeader(paths[place], kind));
    await Promise.all(Object.values(headers));
  }
}

/** Whether nothing is there, which is the rule and worth no word; unlike something that cannot be read. */
function isAbsence(error: MnistNativeError): boolean {
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  return error instanceof FileAccessError && (code === undefined || code === "ENOENT" || code === "ENOTDIR");
}
