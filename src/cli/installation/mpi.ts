import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FAMILY_NAMES, findLaunch, MPI_FAMILIES, type MpiFamily } from "../../communicator/launch.js";
import {
  isMpiAddonBuilt,
  libraryName,
  loadMpiAddon,
  MPI_ADDON_FILE,
  MPI_BUILDS,
  mpiAddonPath,
} from "../../communicator/mpi-addon.js";
import { CommunicatorError, MissingDependencyError } from "../../errors.js";
import { asOutputError } from "../../system/system-error.js";
import { runNodeGyp } from "./node-gyp.js";

/** Names of the compiler that brings MPI's flags along. Debian has the latter two beside the first, which is one of them. */
const COMPILERS = ["mpicxx", "mpicxx.openmpi", "mpicxx.mpich"] as const;

/** The file in the package's folder that keeps the compiler's messages of a failed build. */
const LOG = "build-mpi.log";

/** A compiler for programs with MPI. */
export interface MpiCompiler {
  readonly command: string;
  readonly family: MpiFamily;
}

/** One compiler for each family of MPI that this machine has, the one called mpicxx first. */
export function findMpiCompilers(): readonly MpiCompiler[] {
  const found = COMPILERS.flatMap((command) => {
    const family = familyOf(command);
    return family === undefined || family === null ? [] : [{ command, family }];
  });
  return found.filter(
    ({ family }, index) => found.findIndex((compiler) => compiler.family === family) === index,
  );
}

/**
 * What the macros of a compiler's mpi.h tell of the MPI behind it.
 *
 * @returns `undefined` where the compiler cannot be run or has no mpi.h, `null` for an MPI of another kind.
 */
function familyOf(command: string): MpiFamily | null | undefined {
  const { status, stdout } = spawnSync(command, ["-E", "-dM", "-x", "c++", "-"], {
    input: "#include <mpi.h>\n",
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) return undefined;
  if (/^#define (OMPI_MAJOR_VERSION|OPEN_MPI)\b/m.test(stdout)) return "openmpi";
  return /^#define (MPICH_VERSION|MPICH_NUMVERSION|I_MPI_VERSION|MVAPICH2?_VERSION)\b/m.test(stdout)
    ? "mpich"
    : null;
}

/**
 * Compiles the addon for MPI of the package in `directory`.
 *
 * @param command The compiler that brings MPI's flags along, such as mpicxx.
 * @returns Where the addon is, and the library that it has found, such as Open MPI 4.1.4.
 * @throws MissingDependencyError where there is no such compiler, or no node-gyp.
 * @throws CommunicatorError when it cannot be compiled or loaded; the compiler's messages are then in build-mpi.log.
 */
export function compileMpiAddon(
  directory: string,
  command: string,
): { readonly path: string; readonly library: string; readonly family: MpiFamily } {
  const family = familyOf(command);
  if (family === undefined) {
    throw new MissingDependencyError(
      `The addon for MPI is compiled by mpicxx, but ${command} cannot compile a program with MPI here; install one (on Debian: apt install libopenmpi-dev, or libmpich-dev), or name it by --mpicxx PATH.`,
    );
  }
  if (family === null) {
    throw new CommunicatorError(
      `The addon for MPI is for Open MPI, or for MPICH and its relatives, but ${command} is of neither; name another by --mpicxx PATH.`,
    );
  }
  const sources = join(directory, "native", "mpi");
  const log = join(directory, LOG);
  const fault = runNodeGyp({ directory: sources, log, environment: { CXX: command } });
  if (fault !== undefined) {
    throw new CommunicatorError(
      `The addon for MPI could not be built by ${command} (${fault}); the whole log is in ${log}.`,
    );
  }
  const folder = join(directory, MPI_BUILDS, family);
  keep(join(sources, "build"), folder);
  const loaded = loadMpiAddon(family);
  if (loaded.addon === null) {
    throw new CommunicatorError(`The addon for MPI was compiled, but ${loaded.reason}.`);
  }
  return { path: loaded.path, library: libraryName(loaded.addon.library), family };
}

/** Keeps the addon of what node-gyp has made. By a new name first: another training may be using the old one. */
function keep(build: string, folder: string): void {
  const file = join(folder, MPI_ADDON_FILE);
  try {
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(build, "Release", MPI_ADDON_FILE), `${file}.new`);
    renameSync(`${file}.new`, file);
    rmSync(build, { recursive: true, force: true });
  } catch (error) {
    throw asOutputError(error, file);
  }
}

/** Where the addons for MPI are that have been built, by the name of the MPI. */
export function builtMpiAddons(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    MPI_FAMILIES.flatMap((family) => {
      const path = isMpiAddonBuilt(family) ? mpiAddonPath(family) : undefined;
      return path === undefined ? [] : [[FAMILY_NAMES[family], path]];
    }),
  );
}

/** How this process was started, as far as MPI is concerned. */
export function launchWords(launch = findLaunch()): string {
  if (launch === undefined) return "this process was started alone";
  const names = launch.families.map((family) => FAMILY_NAMES[family]).join(" or ");
  return `this process was started by ${names}${launch.size === undefined ? "" : `, as one of ${launch.size}`}`;
}
