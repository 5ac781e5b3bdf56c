// Programs that are measured in turn, each trial in a process of its own.
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** By these a rival computes otherwise than it does on this machine by itself; to choose our kernels, MNIST_NATIVE_CPU is enough. */
const CHANGE_RIVALS = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "BLIS_ARCH_TYPE", "NPY_DISABLE_CPU_FEATURES"];

/** Runs a program to its end. */
export function run(command, args) {
  // BLIS runs on one thread unless it is told otherwise.
  const env = { BLIS_NUM_THREADS: String(availableParallelism()), ...process.env };
  for (const name of CHANGE_RIVALS) delete env[name];
  return spawnSync(command, args, { encoding: "utf8", maxBuffer: 1e8, env });
}

/** A trial: runs a program and parses the last line that it prints, which is JSON. */
export function trial(command, args) {
  return () => {
    const { status, stdout, stderr, error } = run(command, args);
    if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? stderr.trim()}`);
    return JSON.parse(stdout.trim().split("\n").at(-1));
  };
}

/**
 * Runs every trial once a round, so that a change of the machine's mood meets all of them.
 *
 * @template Result
 * @param {Record<string, (round: number) => Result>} trials
 * @returns {Record<string, Result[]>}
 */
export function interleave(trials, rounds) {
  const results = Object.fromEntries(Object.keys(trials).map((name) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const [name, run] of Object.entries(trials)) results[name].push(run(round));
  }
  return results;
}
