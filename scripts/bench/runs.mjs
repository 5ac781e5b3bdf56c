// Runs of the command line, each in a process of its own.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Runs a command. `watch` is a module beside this one that is loaded before it and reports a number on file descriptor 3. */
function runCommand(args, watch) {
  const start = process.hrtime.bigint();
  const { status, stdout, stderr, output } = spawnSync(
    process.execPath,
    ["--import", new URL(watch, import.meta.url).href, CLI, ...args],
    { encoding: "utf8", maxBuffer: 1e8, stdio: ["ignore", "pipe", "pipe", "pipe"] },
  );
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  return { start, seconds, status, stdout, stderr, report: output?.[3] };
}

function train(dataDir, args, watch) {
  const result = runCommand(["train", "--data-dir", dataDir, "--json", ...args], watch);
  if (result.status !== 0) throw new Error(`The training run failed: ${result.stderr.trim()}`);
  return result;
}

/**
 * Seconds from the start of the process to its end, what `train` reported, and the most memory that the process had at a time, in
 * bytes.
 */
export function wholeRun(dataDir, args) {
  const { seconds, stdout, report } = train(dataDir, args, "watch-memory.mjs");
  const { summary, epochs } = JSON.parse(stdout);
  return { seconds, summary, epochs, peakMemory: Number(report) };
}

/** Seconds from the start of `train`'s process to the end of its first step. */
export function secondsToFirstStep(dataDir) {
  const { start, report } = train(dataDir, [], "watch-first-step.mjs");
  return Number(BigInt(report) - start) / 1e9;
}

/** How many comparisons `reproduce` made, how many of them agree, and the largest relative difference of a mean squared error. */
export function reproduceRun(dataDir, args) {
  const { stdout, stderr } = runCommand(
    ["reproduce", "--data-dir", dataDir, "--json", ...args],
    "watch-memory.mjs",
  );
  // It fails where one differs, too, and then says which all the same.
  if (stdout === "") throw new Error(`The run was not replayed: ${stderr.trim()}`);
  const { comparisons } = JSON.parse(stdout);
  return {
    made: comparisons.length,
    agree: comparisons.filter(({ agrees }) => agrees).length,
    difference: Math.max(...comparisons.map(({ difference = 0 }) => difference)),
  };
}
