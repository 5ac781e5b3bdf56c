import { expectWholeNumber } from "../../system/expected.js";
import { requireKnownOptions } from "../../system/known-options.js";
import { callObjective, type Objective } from "../objective.js";
import type { RunOptions } from "../runner.js";
import { type ScheduledSweep, schedule } from "../schedule.js";

/** Where calls of an objective run. */
export interface ObjectiveRunner {
  /** As a person calls it: "this process". */
  readonly name: string;
  /**
   * Brings all tasks of a sweep to their outcomes: those that have one already are not run again.
   *
   * @throws InvalidArgumentError when the objective returns something else than it may.
   */
  runObjective(sweep: ScheduledSweep, objective: Objective, options: RunOptions): Promise<void>;
}

export interface InProcessOptions {
  /**
   * How many calls may be under way at the same time, which pays where the objective waits for something else than this thread.
   * Default: 1.
   */
  readonly concurrency?: number | undefined;
}

/**
 * Calls the objective in this process.
 *
 * @throws InvalidArgumentError when `concurrency` is no whole number of at least 1.
 */
export function inProcessRunner(options: InProcessOptions = {}): ObjectiveRunner {
  requireKnownOptions("inProcessRunner", options, { concurrency: true }, "{ concurrency: 2 }");
  const { concurrency = 1 } = options;
  expectWholeNumber("concurrency", concurrency);
  return {
    name: "this process",
    async runObjective(sweep, objective, listener) {
      const { plan } = sweep;
      await schedule(sweep, {
        ...listener,
        capacity: concurrency,
        start: (task, signal) => {
          const trial = plan.trials[task.trial];
          if (trial === undefined) throw new RangeError(`There is no trial ${task.trial}.`); // Tasks are the plan's.
          return callObjective(objective, { trial, task, hasHalving: plan.rungs.length > 1, signal });
        },
      });
    },
  };
}
