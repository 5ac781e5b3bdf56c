import { setTimeout } from "node:timers/promises";
import { findLaunch } from "../communicator/launch.js";
import { CommunicatorError } from "../errors.js";

/** Whether MPI has started this process as one of several. */
export function isOneOfSeveral(): boolean {
  const launch = findLaunch();
  return launch !== undefined && launch.size !== 1;
}

/** Which of them this is, as its launcher says, before MPI is loaded; 0 where it does not. */
export function rankOfEnvironment(environment: NodeJS.ProcessEnv = process.env): number {
  const { OMPI_COMM_WORLD_RANK, PMI_RANK, PMI_ID, PMIX_RANK, SLURM_PROCID } = environment;
  const rank = Number(OMPI_COMM_WORLD_RANK ?? PMI_RANK ?? PMI_ID ?? PMIX_RANK ?? SLURM_PROCID ?? 0);
  return Number.isInteger(rank) ? rank : 0;
}

/** For rank 0 to tell of what several have met, such as a file that is broken, and for mpirun to end the others then. */
const PRECEDENCE_MILLISECONDS = 2000;

/** Waits in all processes but the first, because mpirun ends all as soon as one has ended by an error: it could be before the first has told of it. */
export async function giveFirstPrecedence(rank: number = rankOfEnvironment()): Promise<void> {
  if (rank !== 0) await setTimeout(PRECEDENCE_MILLISECONDS);
}

/** Commands that several processes may be started with, of which the first then does all. */
const FOR_THE_FIRST = ["info", "doctor"];

/**
 * Decides what a command does in one of several processes: `train` is for all of them.
 *
 * @returns Whether there is nothing to do here.
 * @throws CommunicatorError, in the first of them, for a command that cannot be started so.
 */
export function hasNothingToDo(command: string | undefined): boolean {
  if (command === undefined || command === "train" || !isOneOfSeveral()) return false;
  if (rankOfEnvironment() !== 0) return true;
  if (FOR_THE_FIRST.includes(command) || command.startsWith("-")) return false;
  throw new CommunicatorError(
    `Expected ${command} to be started once, but MPI started it as one of several processes, and only train runs in several; leave out mpirun or srun.`,
  );
}
