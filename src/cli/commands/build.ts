import { fileURLToPath } from "node:url";
import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { BUILD_TOOLS, loadAddon } from "../../backend/addon.js";
import { BackendUnavailableError } from "../../errors.js";
import { compileMpiAddon } from "../installation/mpi.js";
import { compileAddon } from "../installation/node-gyp.js";
import { print, UsageError } from "../process.js";

const PACKAGE_ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const options = {
  mpi: {
    type: "boolean",
    default: false,
    describe: "Compile the addon for training by several processes under MPI instead",
  },
  mpicxx: {
    type: "string",
    requiresArg: true,
    defaultDescription: "mpicxx",
    describe: "The compiler that brings MPI's flags along, by its name or path",
  },
} as const;

export function builder(yargs: Argv) {
  return yargs
    .options(options)
    .epilogue(
      `It takes ${BUILD_TOOLS}; mnist-native doctor tells what is missing. For --mpi, it takes Open MPI or MPICH, too, with what compiles programs for them.`,
    );
}

/** Compiles the addon from the sources in the package, for this machine's compiler and libraries. */
export function handler({ mpi, mpicxx }: ArgumentsCamelCase<InferredOptionTypes<typeof options>>): void {
  if (mpicxx !== undefined && !mpi) throw new UsageError("Expected --mpi with --mpicxx.");
  if (mpi) {
    buildForMpi(mpicxx ?? "mpicxx");
    return;
  }
  print("Compiling the native addon, which takes about a minute …");
  compileAddon(PACKAGE_ROOT);
  const result = loadAddon();
  if (result.addon === null) {
    throw new BackendUnavailableError(`The native addon was compiled, but ${result.reason}.`);
  }
  const { path, kernelSet, threading } = result.info;
  const threads = threading === "none" ? "on one thread, without OpenMP" : `threads by ${threading}`;
  print(`Built ${path} (kernel set ${kernelSet}, ${threads}).`);
}

function buildForMpi(mpicxx: string): void {
  print(`Compiling the addon for MPI by ${mpicxx}, which takes some seconds …`);
  const { path, library, family } = compileMpiAddon(PACKAGE_ROOT, mpicxx);
  print(`Built ${path} (${library}).`);
  const command = family === "mpich" ? "node_modules/.bin/mnist-native" : "npx mnist-native"; // createCommunicator says why.
  print(`Now mpirun -n 2 ${command} train trains with two processes.`);
}
