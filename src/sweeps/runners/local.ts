import { SweepError } from "../../errors.js";
import { requireKnownOptions } from "../../system/known-options.js";
import { cpuLimits } from "../../system/machine.js";
import type { Plan } from "../plan.js";
import { runTask } from "../run-task.js";
import type { Runner } from "../runner.js";
import { schedule } from "../schedule.js";
import { holdSweep } from "../sweep-folder.js";
import type { Task } from "../trial.js";

export interface LocalRunnerOptions {
  /** How many trials are trained at the same time, at least 1. Default: as many as there are processors for this process. */
  readonly jobs?: number | undefined;
  /** Threads of each, at least 1. Default: the processors that are left for it. No number changes what comes out. */
  readonly threads?: number | undefined;
}

/**
 * Trains the trials on this machine, each in a process of its own.
 *
 * @throws SweepError when a number is out of range, or InvalidArgumentError for an option that there is not.
 */
export function localRunner(options: LocalRunnerOptions = {}): Runner {
  requireKnownOptions("localRunner", options, { jobs: true, threads: true }, "{ jobs: 2 }");
  const { jobs, threads } = options;
  requirePositive("jobs", jobs);
  requirePositive("threads", threads);
  return {
    name: "this machine",
    async run(sweep, listener) {
      const release = await holdSweep(sweep);
      try {
        const processors = usableProcessors();
        const capacity = jobs ?? Math.max(1, Math.floor(processors / (threads ?? 1)));
        await schedule(sweep, {
          ...listener,
          capacity,
          start: (task, signal) =>
            runTask(sweep, task, {
              threads: threads ?? threadsOf(task, sweep.plan, { processors, capacity }),
              signal,
              onNotice: listener.onNotice,
              onProgress: (progress) => listener.onProgress?.(task, progress),
            }),
        });
      } finally {
        release();
      }
    },
  };
}

/** Whole processors that this process may use, by affinity and by the quota of its control groups. */
export function usableProcessors(): number {
  const { affinity, quota } = cpuLimits();
  return Math.max(1, Math.floor(Math.min(affinity, quota ?? affinity)));
}

/**
 * A thread for each trial, as long as there are trials for all processors: they need not wait for each other, as threads of one training
 * do several times in each minibatch: of MNIST's images, two threads take 6 % more processor time for the same training than one with 50
 * hidden units, 14 % with 500 and 30 % with 1,500. Where a rung has fewer trials, they share the processors.
 */
export function threadsOf(
  { rung }: Pick<Task, "rung">,
  { rungs }: Pick<Plan, "rungs">,
  { processors, capacity }: { readonly processors: number; readonly capacity: number },
): number {
  const together = Math.min(capacity, rungs[rung]?.trials ?? capacity);
  return Math.max(1, Math.floor(processors / together));
}

function requirePositive(name: string, value: number | undefined): void {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1)) {
    throw new SweepError(
      `Expected a whole number of at least 1 for ${name} of a sweep but received ${value}.`,
    );
  }
}
