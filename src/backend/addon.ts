import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { InvalidArgumentError } from "../errors.js";
import { BUNDLE_ADVICE, packageRoot, requireFile } from "../system/package-root.js";
import { ACTIVATIONS } from "./activation.js";
import { type DType, ELEMENTWISE, type ElementwiseName, type FloatArray } from "./backend.js";

/** The operations that `native/addon.cc` exports, the element-wise ones apart. */
const OPERATIONS = [
  "gemm",
  "loss",
  "dropout",
  "normalizeBatch",
  "normalizeBatchBackward",
  "scaleColumns",
  "gatherImages",
  "gatherRows",
  "imageLinear",
  "imageGradient",
  "linearDescent",
  "imageDescent",
  "columnSums",
  "argmaxRows",
  "softmax",
  "sgdUpdate",
  "update",
  "addPenalty",
  "sumOfSquares",
  "limitNorms",
] as const;

/** Arguments are passed by position, and the addon checks each of them. */
type AddonOperations = {
  [Name in ElementwiseName | (typeof OPERATIONS)[number]]: (...args: readonly unknown[]) => void;
};

/** What `native/addon.cc` exports. */
export interface Addon extends AddonOperations {
  readonly abi: number;
  /** Makes this thread compute with a kernel set, by its name; the best for an empty one. */
  useKernelSet(name: string): void;
  readonly kernelSet: string;
  readonly kernelSetDescription: string;
  readonly runnableKernelSets: readonly string[];
  readonly threading: string;
  readonly defaultThreads: number;
  /** An object that holds the lists, or null where there is too much ink. */
  listImages(images: Uint8Array, width: number, threads: number): object | null;
  /** Where an array begins in memory, as a remainder. */
  addressModulo(array: FloatArray, bytes: number): number;
  measurePeak(isFloat32: boolean, iterations: number, threads: number): number;
}

/** Facts about a loaded addon, for people. */
export interface AddonInfo {
  readonly path: string;
  readonly kernelSet: string;
  readonly kernelSetDescription: string;
  readonly runnableKernelSets: readonly string[];
  /** `OpenMP`, or `none` where the addon was built without it. */
  readonly threading: string;
  readonly defaultThreads: number;
  /** Files that are there and were tried before this one, in order. */
  readonly passedOver: readonly AddonFault[];
}

/** Why a file is of no use. */
export interface AddonFault {
  readonly path: string;
  /** A clause for a person that names the file. */
  readonly reason: string;
}

/** The loaded addon, or why there is none; `forbidden` where Node.js itself does not allow addons. */
export type LoadResult =
  | { readonly addon: Addon; readonly info: AddonInfo; readonly forbidden?: never }
  | { readonly addon: null; readonly reason: string; readonly forbidden?: boolean };

/** What every addon of this package can do. */
const FUNCTIONS: readonly (keyof Addon)[] = [
  ...(Object.keys(ELEMENTWISE) as ElementwiseName[]),
  ...OPERATIONS,
  "useKernelSet",
  "listImages",
  "addressModulo",
  "measurePeak",
];

/** `kAbi` of native/addon.cc. */
const ABI = 8;
const LARGEST_THREADS = 1024;
const ADDON_FILE = "mnist_native.node";

/**
 * Where the addon is looked for, in this order: what was built here, then the binary for this platform that came with the
 * package. `MNIST_NATIVE_ADDON` names another file instead. A bundle without the package's folder has none.
 */
export function addonPaths(environment: NodeJS.ProcessEnv = process.env): readonly string[] {
  if (environment.MNIST_NATIVE_ADDON) return [resolve(environment.MNIST_NATIVE_ADDON)];
  const root = packageRoot();
  if (root === null) return [];
  return [join(root, "build", "Release", ADDON_FILE), join(root, "prebuilds", prebuildName(), ADDON_FILE)];
}

/**
 * The folder in `prebuilds` of this platform, such as `linux-x64` or `linux-x64-musl`. Its twin for builds, which run before
 * this file is compiled, is in native/configure.cjs.
 */
export function prebuildName(): string {
  const name = `${process.platform}-${process.arch}`;
  return process.platform === "linux" && glibcVersion() === undefined ? `${name}-musl` : name;
}

/** The version of the GNU C library that this process runs on; `undefined` on another, such as musl. */
export function glibcVersion(): string | undefined {
  const report = process.report.getReport() as {
    readonly header?: { readonly glibcVersionRuntime?: string };
  };
  return report.header?.glibcVersionRuntime;
}

/** What it takes to compile the addon on this platform, as words in a sentence. */
export const BUILD_TOOLS: string =
  {
    win32: "Visual Studio with its C++ tools and Clang, and Python 3",
    darwin: "the command line tools of Xcode",
  }[process.platform as string] ?? "a C++ compiler, make and python3";

/** Whether `MNIST_NATIVE_ADDON` says which file to load, so that building another one is no remedy. */
export function isAddonNamed(environment: NodeJS.ProcessEnv = process.env): boolean {
  return Boolean(environment.MNIST_NATIVE_ADDON);
}

/**
 * Loads the first addon that is of use: it fits this version of the package, and computes a small layer correctly. A file that
 * is there but of no use is reported as such, never as missing, and the next one is tried.
 *
 * @throws InvalidArgumentError when `MNIST_NATIVE_CPU` names a kernel set that this machine cannot run.
 */
export function loadAddon(paths: readonly string[] = addonPaths()): LoadResult {
  const faults: AddonFault[] = [];
  for (const path of paths.filter((candidate) => existsSync(candidate))) {
    const { addon, reason, forbidden } = tryAddon(path);
    if (addon !== null) return { addon, info: describe(addon, path, faults) };
    if (forbidden) return { addon, reason, forbidden };
    faults.push({ path, reason });
  }
  if (faults.length > 0) return { addon: null, reason: faults.map(({ reason }) => reason).join("; and ") };
  if (paths.length === 0) {
    const reason = `this program was bundled without the folder of mnist-native that has the native addon; ${BUNDLE_ADVICE}, or name the addon's file by MNIST_NATIVE_ADDON`;
    return { addon: null, reason };
  }
  const reason =
    isAddonNamed() && paths.length === 1
      ? `there is no file ${paths[0]}, which MNIST_NATIVE_ADDON names`
      : `the native addon has not been built (there is no ${paths.join(", nor ")})`;
  return { addon: null, reason };
}

type Attempt =
  | { readonly addon: Addon; readonly reason?: never; readonly forbidden?: never }
  | { readonly addon: null; readonly reason: string; readonly forbidden?: boolean };

function tryAddon(path: string): Attempt {
  let addon: Addon;
  try {
    addon = requireFile(path) as Addon;
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    if (code === "ERR_DLOPEN_DISABLED") {
      return { addon: null, reason: "Node.js forbids native addons", forbidden: true };
    }
    const [firstLine = ""] = message.split("\n");
    return {
      addon: null,
      reason: `the native addon ${path} cannot be loaded: ${firstLine.replace(/[.\s]+$/, "")}`,
    };
  }
  if (addon?.abi !== ABI) {
    return {
      addon: null,
      reason: `the native addon ${path} was built for another version of this package (its interface is ${addon?.abi}, not ${ABI})`,
    };
  }
  const missing = FUNCTIONS.find((name) => typeof addon[name] !== "function");
  if (missing !== undefined) {
    return { addon: null, reason: `the native addon ${path} is incomplete (it has no ${missing})` };
  }
  try {
    addon.useKernelSet(process.env.MNIST_NATIVE_CPU ?? "");
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message, { cause: error });
  }
  if (!computesSmallProduct(addon)) {
    return { addon: null, reason: `the native addon ${path} computes a small layer wrongly` };
  }
  return { addon };
}

function describe(addon: Addon, path: string, passedOver: readonly AddonFault[]): AddonInfo {
  const { kernelSet, kernelSetDescription, runnableKernelSets, threading, defaultThreads } = addon;
  return {
    path,
    kernelSet,
    kernelSetDescription,
    runnableKernelSets,
    threading,
    defaultThreads,
    passedOver,
  };
}

/** A layer, sigmoid(A Bᵀ + bias), of odd sizes, so that whole vectors, rests and the epilogue all have their part in it. */
function computesSmallProduct(addon: Addon): boolean {
  const [m, n, k] = [7, 19, 11] as const;
  const a = Float32Array.from({ length: m * k }, (_, i) => ((i * 7) % 5) / 4 - 0.5);
  const b = Float32Array.from({ length: n * k }, (_, i) => ((i * 3) % 7) / 6 - 0.5);
  const bias = Float32Array.from({ length: n }, (_, j) => j / n);
  const c = new Float32Array(m * n).fill(Number.NaN);
  addon.gemm(a, b, c, bias, false, true, m, n, k, k, k, n, 1, 0, ACTIVATIONS.indexOf("sigmoid"), 1);
  return c.every((value, index) => {
    const i = Math.floor(index / n);
    const j = index % n;
    let z = bias[j] ?? Number.NaN;
    for (let p = 0; p < k; p++) z += (a[i * k + p] ?? Number.NaN) * (b[j * k + p] ?? Number.NaN);
    return Math.abs(value - 1 / (1 + Math.exp(-z))) < 1e-5;
  });
}

/** Throws InvalidArgumentError unless `threads` is a whole number from 1 to 1024. */
export function checkThreads(threads: number): void {
  if (!Number.isInteger(threads) || threads < 1 || threads > LARGEST_THREADS) {
    throw new InvalidArgumentError(
      `Expected a whole number from 1 to ${LARGEST_THREADS} for threads but received ${threads}.`,
    );
  }
}

/**
 * The most floating-point operations a second that the addon's kernel set can do on this machine, measured for about 50 ms
 * in registers only: what a benchmark holds its figures against.
 */
export function measurePeak(addon: Addon, dtype: DType, threads: number): number {
  const rates: number[] = [];
  for (let trial = 0; trial < 5; trial++) {
    const start = performance.now();
    const operations = addon.measurePeak(dtype === "float32", 2_000_000, threads);
    rates.push(operations / ((performance.now() - start) / 1000));
  }
  return Math.max(...rates);
}
