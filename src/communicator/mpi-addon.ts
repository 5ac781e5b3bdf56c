import { existsSync } from "node:fs";
import { join } from "node:path";
import { packageRoot, requireFile } from "../system/package-root.js";
import type { Numbers } from "./communicator.js";
import type { MpiFamily } from "./launch.js";

/** What native/mpi/addon.cc exports. One operation of all ranks is under way at a time. */
export interface MpiAddon {
  readonly abi: number;
  /** What the library says of itself, in its own words. */
  readonly library: string;
  start(): { readonly rank: number; readonly size: number; readonly localSize: number };
  startSum(data: Numbers): void;
  startBroadcast(data: Numbers | Uint8Array | Int32Array): void;
  /** Gathers `counts[i]` bytes from each rank i into `all`, in this order. */
  startGather(own: Uint8Array, all: Uint8Array, counts: Int32Array): void;
  /** Works at the operation until it is done, but for no longer than so many microseconds; whether it is done. */
  wait(microseconds: number): boolean;
  finish(): void;
  abort(exitCode: number): never;
}

/** The loaded addon, or why it is of no use: a clause that names the file. */
export type MpiLoadResult =
  | { readonly addon: MpiAddon; readonly path: string }
  | { readonly addon: null; readonly reason: string };

/** `kAbi` of native/mpi/addon.cc. */
const ABI = 1;

/** The folder of what `build --mpi` makes, beside `build/`, which each build of the other addon empties. */
export const MPI_BUILDS = "build-mpi";
export const MPI_ADDON_FILE = "mnist_native_mpi.node";

/** What to do where the addon is missing: the end of a sentence. */
export const BUILD_MPI =
  "run npx mnist-native build --mpi, with --mpicxx PATH where this machine has several MPIs";

/** Where the addon for a family of MPI is, or would be; `undefined` in a bundle without the package's folder. */
export function mpiAddonPath(family: MpiFamily): string | undefined {
  const root = packageRoot();
  return root === null ? undefined : join(root, MPI_BUILDS, family, MPI_ADDON_FILE);
}

export function isMpiAddonBuilt(family: MpiFamily): boolean {
  const path = mpiAddonPath(family);
  return path !== undefined && existsSync(path);
}

export function loadMpiAddon(family: MpiFamily): MpiLoadResult {
  const path = mpiAddonPath(family);
  if (path === undefined || !existsSync(path)) {
    return { addon: null, reason: `it has not been built (there is no ${path ?? MPI_ADDON_FILE})` };
  }
  keepHandsOffMemory();
  let addon: MpiAddon;
  try {
    addon = requireFile(path) as MpiAddon;
  } catch (error) {
    const [firstLine = ""] = (error as Error).message.split("\n");
    return { addon: null, reason: `${path} cannot be loaded: ${firstLine.replace(/[.\s]+$/, "")}` };
  }
  if (addon?.abi !== ABI) {
    return {
      addon: null,
      reason: `${path} was built for another version of this package (its interface is ${addon?.abi}, not ${ABI})`,
    };
  }
  return { addon, path };
}

/**
 * Has UCX, by which many an MPI speaks to its network, leave the C library as it is. To hear of memory that is given back, it would rewrite
 * functions of it, and try them: it moves the end of the heap up and down again, as if this were the only thread. What another thread of
 * Node.js got from the heap meanwhile is cut off, and the process dies of it (`ucm_fire_mmap_events` in UCX's src/ucm/mmap/install.c).
 * UCX reads this when it is loaded, and then registers the memory of a message each time. Whoever has set it is obeyed.
 */
function keepHandsOffMemory(): void {
  process.env.UCX_MEM_MMAP_HOOK_MODE ??= "none";
}

/** "Open MPI 4.1.4" or "MPICH 4.0.2" of what a library says of itself, which may be a page. */
export function libraryName(library: string): string {
  const openMpi = /Open MPI v?([\w.]+)/.exec(library);
  if (openMpi !== null) return `Open MPI ${openMpi[1]}`;
  const mpich = /^(MPICH\w*|MVAPICH\w*) Version\s*:\s*([\w.]+)/m.exec(library);
  if (mpich !== null) return `${mpich[1]} ${mpich[2]}`;
  return (library.split("\n")[0] ?? library).trim();
}
