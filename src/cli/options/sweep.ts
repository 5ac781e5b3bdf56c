import type { ArgumentsCamelCase, InferredOptionTypes } from "yargs";
import { queueOption } from "./queue.js";
import { jsonOption } from "./shared.js";

/** Which sweep, and what becomes of it. */
export const folderOptions = {
  out: {
    type: "string",
    requiresArg: true,
    describe: "Folder for the sweep: its plan, a run for each trial, results.csv",
  },
  resume: {
    type: "string",
    requiresArg: true,
    describe:
      "Folder of a sweep that was interrupted or killed: go on with it; no trial that has ended is run again",
  },
  "dry-run": {
    type: "boolean",
    default: false,
    describe: "Print the plan and how long it would take; train and write nothing",
  },
  json: jsonOption,
} as const;

/** Of the runner on this machine. */
export const localOptions = {
  jobs: {
    requiresArg: true,
    defaultDescription: "the CPUs that the process may use",
    describe: "Trials that are trained at the same time, each in a process of its own",
  },
  threads: {
    requiresArg: true,
    defaultDescription: "one, or the CPUs that few trials leave free",
    describe: "Threads of each trial",
  },
} as const;

const queueOptions = {
  queue: {
    ...queueOption,
    describe: `Have the trials trained by workers (mnist-native worker). ${queueOption.describe}`,
  },
} as const;

const slurmOptions = {
  slurm: {
    type: "boolean",
    default: false,
    describe:
      "Train the trials as job arrays of Slurm, --jobs at a time; what follows -- is for sbatch, such as -- --partition=cpu --time=30:00",
  },
  "no-wait": {
    type: "boolean",
    default: false,
    describe: "Submit the jobs and end; they go on by themselves",
  },
} as const;

/** Of the runners on others. */
export const clusterOptions = { ...queueOptions, ...slurmOptions } as const;

export const sweepOptions = { ...folderOptions, ...localOptions, ...clusterOptions } as const;

export type SweepArguments = ArgumentsCamelCase<InferredOptionTypes<typeof sweepOptions>> & {
  readonly config?: string;
  /** What comes after `--`. */
  readonly "--"?: readonly string[];
};
