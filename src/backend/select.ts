import { BackendUnavailableError, InvalidArgumentError } from "../errors.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { packageRoot } from "../system/package-root.js";
import {
  type AddonInfo,
  BUILD_TOOLS,
  checkThreads,
  isAddonNamed,
  type LoadResult,
  loadAddon,
} from "./addon.js";
import type { Backend, BackendName } from "./backend.js";
import { createJavaScriptBackend } from "./javascript/backend.js";
import { createNativeBackend } from "./native.js";

export interface BackendOptions {
  /** `native` fails where the addon cannot be had. Default: `MNIST_NATIVE_BACKEND`, else native with `js` to fall back on. */
  readonly backend?: BackendName | undefined;
  /** Threads of an operation on the native backend, 1 to 1024; the other has one. Default: the CPUs that this process may use. */
  readonly threads?: number | undefined;
}

const OPTIONS: KnownOptions<BackendOptions> = { backend: true, threads: true };

/** Which backend would be chosen, and why. */
export interface BackendChoice {
  readonly name: BackendName;
  /** A phrase for a person: the end of "…, because". */
  readonly why: string;
  /** Whether `js` stands in for a native backend that could not be had. */
  readonly isFallback: boolean;
  readonly addon: AddonInfo | null;
}

/** What to do about a missing addon: a sentence with the space before it. Of a bundle the reason says it. */
function remedy(): string {
  if (load().forbidden) return " Start it with --allow-addons, or without --no-addons.";
  if (isAddonNamed()) return " Unset MNIST_NATIVE_ADDON, or name a file that this package built.";
  return packageRoot() === null
    ? ""
    : ` To build it, install ${BUILD_TOOLS}, and run npx mnist-native build.`;
}

let loaded: LoadResult | undefined;
let fallbackAnnounced = false;

/**
 * Decides which backend to use: the one that is asked for by `name`, else by `MNIST_NATIVE_BACKEND`, else the native one if
 * it can be had.
 *
 * @throws BackendUnavailableError when the native backend is asked for and cannot be had.
 * @throws InvalidArgumentError when `name`, `MNIST_NATIVE_BACKEND` or `MNIST_NATIVE_CPU` has an impossible value.
 */
export function chooseBackend(name?: BackendName): BackendChoice {
  const requested = backendName(name ?? process.env.MNIST_NATIVE_BACKEND, name === undefined);
  const source = name === undefined ? "by MNIST_NATIVE_BACKEND" : "by name";
  if (requested === "js") {
    return { name: "js", why: `it was asked for ${source}`, isFallback: false, addon: null };
  }
  const result = load();
  if (result.addon !== null) {
    const why =
      requested === "native" ? `it was asked for ${source}` : "the addon loads and computes correctly";
    return { name: "native", why, isFallback: false, addon: result.info };
  }
  if (requested === "native") {
    throw new BackendUnavailableError(
      `The native backend was asked for ${source}, but ${result.reason}.${remedy()}`,
    );
  }
  return { name: "js", why: result.reason, isFallback: true, addon: null };
}

/**
 * Makes the backend that {@link chooseBackend} decides on. Where TypeScript stands in for the addon, this is said once on
 * standard error, with the reason and the remedy.
 *
 * @throws as {@link chooseBackend}, and InvalidArgumentError when there is no such option, or when `threads` is out of range.
 */
export function selectBackend(options: BackendOptions = {}): Backend {
  requireKnownOptions("selectBackend", options, OPTIONS, "{ threads: 2 }");
  if (options.threads !== undefined) checkThreads(options.threads);
  const choice = chooseBackend(options.backend);
  if (choice.name === "native") {
    const result = load();
    if (result.addon !== null) return createNativeBackend(result.addon, options.threads);
  }
  if (choice.isFallback && !fallbackAnnounced) {
    fallbackAnnounced = true;
    process.stderr.write(
      `mnist-native runs on its slower TypeScript backend, because ${choice.why}.${remedy()} MNIST_NATIVE_BACKEND=js silences this.\n`,
    );
  }
  return createJavaScriptBackend();
}

function load(): LoadResult {
  loaded ??= loadAddon();
  return loaded;
}

function backendName(value: string | undefined, isFromEnvironment: boolean): BackendName | undefined {
  if (value === undefined || (isFromEnvironment && value === "")) return undefined;
  if (value !== "native" && value !== "js") {
    const place = isFromEnvironment ? "MNIST_NATIVE_BACKEND" : "backend";
    throw new InvalidArgumentError(
      `Expected native or js for ${place} but received ${JSON.stringify(value)}.`,
    );
  }
  return value;
}
