import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { backendOptions, wholeNumber } from "../options/shared.js";

const options = {
  rung: { requiresArg: true, default: "0", describe: "Which rung of the sweep's halving, from 0" },
  threads: backendOptions.threads,
} as const;

type TrialArguments = ArgumentsCamelCase<InferredOptionTypes<typeof options>> & {
  readonly folder: string;
  readonly number: string;
  readonly verbose: boolean;
};

/** What every runner of sweeps starts to run a task; hidden from `--help`. */
export function builder(yargs: Argv) {
  return yargs
    .positional("folder", { type: "string", demandOption: true, describe: "The sweep's folder" })
    .positional("number", { type: "string", demandOption: true, describe: "The trial's number, from 0" })
    .options(options);
}

export async function handler(args: TrialArguments): Promise<void> {
  const { folder, threads } = args;
  const trial = wholeNumber("number", args.number, 0);
  const rung = wholeNumber("rung", args.rung, 0);
  if (threads !== undefined) wholeNumber("threads", threads, 1, 1024);
  const { runTrial } = await import("../trials/run-trial.js");
  await runTrial({ folder, trial, rung, threads: threads as string | undefined, verbose: args.verbose });
}
