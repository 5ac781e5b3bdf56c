import { findLaunch } from "../communicator/launch.js";

/**
 * Whether somebody looks at a stream on a terminal, where lines can be written over. What mpirun starts is on none: Open MPI's gives its
 * processes a terminal of their own, and writes what they show there to wherever its own output goes, such as a file.
 */
export function isTerminal(
  { isTTY }: { readonly isTTY?: boolean | undefined },
  environment: NodeJS.ProcessEnv = process.env,
): boolean {
  return isTTY === true && findLaunch(environment) === undefined;
}
