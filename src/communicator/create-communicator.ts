import { fstatSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { CommunicatorError } from "../errors.js";
import type { Communicator } from "./communicator.js";
import { FAMILY_NAMES, findLaunch, type Launch, type MpiFamily } from "./launch.js";
import { oneProcess } from "./one-process.js";

/**
 * The processes that train together with this one: those that mpirun, mpiexec or srun has started, which is told by the environment; or
 * this one alone. Outside of MPI nothing is loaded. To be called once in a process.
 *
 * @throws CommunicatorError when MPI started this process, but it cannot take part.
 */
export async function createCommunicator(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Communicator> {
  const launch = findLaunch(environment);
  if (launch === undefined || launch.size === 1) return oneProcess;
  if (!isMainThread) {
    throw new CommunicatorError(
      "Several processes train together from their main threads only, and this is a worker thread; call it from the program itself.",
    );
  }
  requireLauncher(environment);
  const { isMpiAddonBuilt, loadMpiAddon, BUILD_MPI } = await import("./mpi-addon.js");
  const family = launch.families.find(isMpiAddonBuilt) ?? likeliest(launch);
  const loaded = loadMpiAddon(family);
  if (loaded.addon === null) {
    throw new CommunicatorError(
      `${sizeWords(launch)} by ${FAMILY_NAMES[family]}, for which training together takes an addon, but ${loaded.reason}; ${BUILD_MPI}.`,
    );
  }
  const { startMpi } = await import("./mpi-communicator.js");
  return startMpi(loaded.addon, launch.size);
}

function likeliest({ families: [first = "openmpi"] }: Launch): MpiFamily {
  return first;
}

function sizeWords({ size }: Launch): string {
  return size === undefined
    ? "This process was started as one of several"
    : `This process is one of ${size} that were started`;
}

/**
 * MPICH's mpirun speaks to what it starts by a socket, whose number is in PMI_FD. Node.js hands no such thing on to the processes that it
 * starts itself, and npx is one that starts another.
 */
function requireLauncher({ PMI_FD, PMI_PORT }: NodeJS.ProcessEnv): void {
  if (PMI_FD === undefined || PMI_PORT !== undefined || isSocket(Number(PMI_FD))) return;
  throw new CommunicatorError(
    "MPICH's mpirun cannot be reached from here, because npx or another program between has closed its connection; start the command itself: mpirun -n 2 node_modules/.bin/mnist-native train.",
  );
}

function isSocket(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isSocket();
  } catch {
    return false; // It is closed, or no number.
  }
}
