import type { Plan } from "./plan.js";
import type { SweepFolder } from "./sweep-folder.js";
import type { Outcome, Task } from "./trial.js";

/** How a trial goes. */
export interface TrialProgress {
  /** How many epochs it has had. */
  readonly epoch: number;
  /** The figure that trials are compared by; `null` where it is no finite number. */
  readonly value: number | null;
}

/** What a sweep tells of itself while it runs. */
export interface SweepListener {
  onStart?(task: Task): void;
  /** After each epoch of a trial, where the runner hears of it. */
  onProgress?(task: Task, progress: TrialProgress): void;
  /** When the outcome has been recorded. */
  onOutcome?(outcome: Outcome): void;
  /** A line for a person: a process that died and is tried again, a queue that does not answer. */
  onNotice?(line: string): void;
}

export interface RunOptions extends SweepListener {
  /** Ends all that runs, which keeps its checkpoints: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Where the trials of a sweep run. All runners have the same plan, the same folders and the same results. */
export interface Runner {
  /** As a person calls it: "this machine". */
  readonly name: string;
  /**
   * Checks that it can run a sweep at all, before anything is made of it.
   *
   * @throws SweepError when it cannot.
   */
  check?(plan: Plan): void;
  /**
   * Brings all tasks of a sweep to their outcomes: those that have one already are not run again. It may be called again after any end of
   * the process that ran it.
   *
   * @throws SweepError when the sweep cannot go on. A trial that fails is an outcome.
   */
  run(sweep: SweepFolder, options: RunOptions): Promise<void>;
}
