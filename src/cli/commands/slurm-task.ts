import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { backendOptions, wholeNumber } from "../options/shared.js";
import { interruptionOf, interruptSignal, print, printWarning } from "../process.js";

const options = {
  rung: { requiresArg: true, default: "0", describe: "Which rung of the sweep's halving, from 0" },
  index: { requiresArg: true, demandOption: true, describe: "Which task of the rung, from 0" },
  threads: backendOptions.threads,
} as const;

type SlurmTaskArguments = ArgumentsCamelCase<InferredOptionTypes<typeof options>> & {
  readonly folder: string;
};

/** What the batch script of a sweep starts in a job of Slurm; hidden from `--help`. */
export function builder(yargs: Argv) {
  return yargs
    .positional("folder", { type: "string", demandOption: true, describe: "The sweep's folder" })
    .options(options);
}

export async function handler({ folder, ...args }: SlurmTaskArguments): Promise<void> {
  const rung = wholeNumber("rung", args.rung, 0);
  const index = wholeNumber("index", args.index, 0);
  const threads = args.threads === undefined ? undefined : wholeNumber("threads", args.threads, 1, 1024);
  const { openSweepFolder } = await import("../../sweeps/sweep-folder.js");
  const { runSlurmTask } = await import("../../sweeps/runners/slurm/task.js");
  const { outcomeLine } = await import("../sweeps/sweep-display.js");
  const { signal, release } = interruptSignal();
  try {
    const sweep = await openSweepFolder(folder);
    const outcome = await runSlurmTask(sweep, { rung, index, threads, signal, onNotice: printWarning });
    print(outcome === undefined ? `Fewer trials came to rung ${rung}.` : outcomeLine(sweep, outcome));
  } catch (error) {
    const interruption = interruptionOf(error);
    if (interruption === undefined) throw error;
    process.exitCode = interruption.exitCode;
  } finally {
    release();
  }
}
