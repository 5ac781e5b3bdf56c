import { homedir } from "node:os";
import { resolve } from "node:path";
import envPaths from "env-paths";
import type { KnownOptions } from "../../system/known-options.js";

/** Where to look for things; what is left out comes from the process and the user. */
export interface DataPlaces {
  /** Environment variables. Default: those of the process. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** The user's home folder. */
  readonly home?: string | undefined;
  /** The folder that relative paths start from. Default: the process's. */
  readonly cwd?: string | undefined;
  /** The folder for what can be had again. Default: the platform's convention, such as ~/.cache/mnist-native on Linux. */
  readonly cacheDirectory?: string | undefined;
  /** Where the system's packages put data sets, if anywhere. Default: /usr/share/datasets, as on Debian, but not on Windows. */
  readonly systemDirectory?: string | null | undefined;
}

export const DATA_PLACES: KnownOptions<DataPlaces> = {
  env: true,
  home: true,
  cwd: true,
  cacheDirectory: true,
  systemDirectory: true,
};

/** {@link DataPlaces} with nothing left out. */
export type KnownPlaces = { readonly [Place in keyof DataPlaces]-?: Exclude<DataPlaces[Place], undefined> };

export function knownPlaces(places: DataPlaces = {}): KnownPlaces {
  return {
    env: places.env ?? process.env,
    home: places.home ?? homedir(),
    cwd: places.cwd ?? process.cwd(),
    cacheDirectory: places.cacheDirectory ?? envPaths("mnist-native", { suffix: "" }).cache,
    systemDirectory: places.systemDirectory ?? (process.platform === "win32" ? null : "/usr/share/datasets"),
  };
}

/** The folder that `MNIST_NATIVE_HOME` names, if it names one. */
export function namedHome({ env, cwd }: KnownPlaces): string | undefined {
  return env.MNIST_NATIVE_HOME ? resolve(cwd, env.MNIST_NATIVE_HOME) : undefined;
}

/** The folder that downloads go to, each data set into a folder of its name: `MNIST_NATIVE_HOME`, or the user's cache. */
export function dataHome(places: DataPlaces = {}): string {
  const known = knownPlaces(places);
  return namedHome(known) ?? known.cacheDirectory;
}

/** Whether `MNIST_NATIVE_OFFLINE` forbids downloads: it is set, and neither to nothing nor to 0. */
export function isOffline(places: DataPlaces = {}): boolean {
  return !["", "0"].includes(knownPlaces(places).env.MNIST_NATIVE_OFFLINE ?? "");
}
