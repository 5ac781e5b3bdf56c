import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { onTestFinished } from "vitest";
import { FAMILY_NAMES, MPI_FAMILIES, type MpiFamily } from "../../src/communicator/launch.js";
import { isMpiAddonBuilt } from "../../src/communicator/mpi-addon.js";
import { type Environment, type Finished, type Running, startProgram } from "../cli/harness.js";

/** An MPI of this machine, with an addon for it. */
export interface Mpi {
  readonly family: MpiFamily;
  readonly name: string;
  readonly mpirun: string;
}

/** What MPI needs to know here: it may be root, has fewer processors than ranks, and speaks to itself by shared memory. */
const ENVIRONMENT: Environment = {
  OMPI_ALLOW_RUN_AS_ROOT: "1",
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
  OMPI_MCA_rmaps_base_oversubscribe: "1",
  OMPI_MCA_hwloc_base_binding_policy: "none",
  OMPI_MCA_btl: "self,vader",
  OMPI_MCA_oob_tcp_if_include: "lo",
  UCX_TLS: "self,sm",
  HYDRA_IFACE: "lo",
};

/**
 * A network of its own, in which there is nothing but this machine: MPICH's mpirun listens on all that there is. Where that may not be had,
 * it has to be the machine's.
 */
const ALONE = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];
const prefix = spawnSync(ALONE[0] as string, [...ALONE.slice(1), "true"]).status === 0 ? ALONE : [];

/** One for each family of MPI that is installed; none is said aloud. */
export const mpis: readonly Mpi[] = MPI_FAMILIES.flatMap((family) => {
  const name = FAMILY_NAMES[family];
  const mpirun = [`mpirun.${family}`, "mpirun"].find((command) => familyOf(command) === family);
  if (mpirun !== undefined && isMpiAddonBuilt(family)) return [{ family, name, mpirun }];
  console.warn(
    `Tests with ${name} are skipped: it is not installed, or has nothing to compile the addon with.`,
  );
  return [];
});

function familyOf(mpirun: string): MpiFamily | undefined {
  const { status, stdout } = spawnSync(mpirun, ["--version"], { encoding: "utf8" });
  if (status !== 0) return undefined;
  if (/OpenRTE|Open MPI/.test(stdout)) return "openmpi";
  return /HYDRA/.test(stdout) ? "mpich" : undefined;
}

/** Tells the processes of one start from all others: mpirun hands its environment on to its ranks. */
const MARK = "MNIST_NATIVE_TEST_RANKS";

/**
 * Ends mpirun and its ranks where a test leaves them, as one does that has taken too long. Ranks are in groups of their own, and outlive an
 * mpirun that is killed; so each is looked for.
 */
function endAll(mark: string): void {
  const mine = `${MARK}=${mark}`;
  for (const name of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const environment = readFileSync(`/proc/${name}/environ`, "utf8").split("\0");
      if (environment.includes(mine)) process.kill(Number(name), "SIGKILL");
    } catch {
      // It has ended, or is another user's.
    }
  }
}

/** Within a test, at whose end all are ended: starts a program, or with `arguments_` of mpirun before it, in several processes that are ranks of one MPI. */
export function startRanks(
  { mpirun }: Mpi,
  ranks: number,
  program: readonly string[],
  options: { readonly environment?: Environment; readonly mpirunArguments?: readonly string[] } = {},
): Running {
  const { environment = {}, mpirunArguments = [] } = options;
  const [command = mpirun, ...rest] = [
    ...prefix,
    mpirun,
    ...mpirunArguments,
    "-n",
    String(ranks),
    ...program,
  ];
  const mark = randomUUID();
  const running = startProgram(command, rest, { ...ENVIRONMENT, ...environment, [MARK]: mark });
  onTestFinished(() => {
    running.child.kill("SIGKILL");
    if (process.platform === "linux") endAll(mark);
  });
  return running;
}

export function runRanks(...args: Parameters<typeof startRanks>): Promise<Finished> {
  return startRanks(...args).finished;
}
