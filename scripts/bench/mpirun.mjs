// Starts programs as ranks of the MPI that this machine has, and that the addon has been built for.
import { spawnSync } from "node:child_process";
import { MPI_FAMILIES } from "../../dist/communicator/launch.js";
import { isMpiAddonBuilt } from "../../dist/communicator/mpi-addon.js";

/** More ranks than processors, each on any of them. */
const ARGUMENTS = { openmpi: ["--oversubscribe", "--bind-to", "none"], mpich: [] };

/** @returns {{ family: string, mpirun: string } | undefined} The first MPI that an addon has been built for. */
export function findMpi() {
  for (const family of MPI_FAMILIES.filter(isMpiAddonBuilt)) {
    const mpirun = [`mpirun.${family}`, "mpirun"].find((command) => isOf(family, command));
    if (mpirun !== undefined) return { family, mpirun };
  }
  return undefined;
}

function isOf(family, command) {
  const { status, stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
  return status === 0 && (/OpenRTE|Open MPI/.test(stdout) ? "openmpi" : "mpich") === family;
}

/** Runs a program of Node.js as so many ranks, or alone; what rank 0 prints last is JSON. */
export function runRanks({ family, mpirun }, ranks, program, settings) {
  const own = [process.execPath, program, JSON.stringify(settings)];
  const [command, ...args] = ranks === 1 ? own : [mpirun, ...ARGUMENTS[family], "-n", String(ranks), ...own];
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1e8 });
  if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
  return JSON.parse(stdout.trim().split("\n").at(-1));
}
