import type { Argv } from "yargs";
import {
  clusterOptions,
  folderOptions,
  localOptions,
  type SweepArguments,
  sweepOptions,
} from "../options/sweep.js";

export function builder(yargs: Argv) {
  return localTo(withInspection(yargs), ["config", ...Object.keys(sweepOptions)])
    .positional("config", {
      type: "string",
      describe: "File with the settings that vary and those that do not, JSON or YAML",
    })
    .options(sweepOptions)
    .group(Object.keys(folderOptions), "Sweep:")
    .group(Object.keys(localOptions), "On this machine:")
    .group(Object.keys(clusterOptions), "On others:")
    .example("$0 sweep sweep.yaml --dry-run", "what it would do, and how long it would take")
    .example(
      "$0 sweep sweep.yaml --out sweeps/a",
      "train all trials; Ctrl-C, and it goes on by the next line",
    )
    .example("$0 sweep sweep.yaml --out sweeps/a --queue redis://host:6379", "have workers train them")
    .example(
      "$0 sweep sweep.yaml --out sweeps/a --slurm -- --partition=cpu --time=30:00",
      "submit all trials as job arrays of Slurm; what follows -- is for sbatch",
    )
    .example("$0 sweep --resume sweeps/a", "go on with a sweep that was interrupted or killed");
}

/** Commands that look at a sweep, whatever runs it. */
function withInspection(yargs: Argv): Argv {
  const add = (usage: string, description: string, load: () => Promise<Inspection>) =>
    yargs.command(
      usage,
      description,
      async (of: Argv) => (await load()).builder(of) as Argv,
      async (args) => (await load()).handler(args as never),
    );
  add(
    "status <folder>",
    "How far a sweep is, what runs, the best so far, and what failed",
    () => import("./sweep-status.js"),
  );
  add("report <folder>", "Make a page that tells all of a sweep", () => import("./sweep-report.js"));
  return yargs;
}

/** Keeps options from the commands below. */
function localTo(yargs: Argv, options: readonly string[]): Argv {
  // Its types lack the second argument, which its documentation has.
  return (yargs as Argv & { global(names: readonly string[], isGlobal: boolean): Argv }).global(
    options,
    false,
  );
}

interface Inspection {
  readonly builder: (yargs: Argv) => unknown;
  // Each takes the arguments that its builder declares.
  readonly handler: (args: never) => Promise<void>;
}

export async function handler(args: SweepArguments): Promise<void> {
  const { runSweep } = await import("../sweeps/run-sweep.js");
  await runSweep(args);
}
