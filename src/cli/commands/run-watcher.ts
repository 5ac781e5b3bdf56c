import type { OpenData } from "../../data/open-data.js";
import type { RunData } from "../../runs/environment.js";
import type { Callback } from "../../training/callback.js";

/** What is known of a run before it trains. */
export interface RunToWatch {
  readonly data: OpenData;
  /** As its config.json has them. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly facts: RunData;
  /** The folder to keep the run in. */
  readonly out: string | undefined;
}

/** How a run has ended. */
export interface RunEnd {
  readonly state: "finished" | "stopped" | "failed";
  /** Why it ended before its last epoch, or what went wrong. */
  readonly reason?: string | undefined;
  /** NaN where values are learned. */
  readonly testAccuracy?: number | undefined;
}

/** Who watches a run from outside: a page, or the process that has started this one. */
export interface RunWatcher {
  /** Before anything is kept of the run. @returns What `fit` calls, behind all others. */
  begin(run: RunToWatch): Promise<Callback>;
  ended(end: RunEnd): void;
}

/** A watcher, and what comes of it when the run is over. */
export interface Watch extends RunWatcher {
  /** Returns when a run that was not interrupted need not be watched any longer, and when the signal is aborted. */
  stay(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** What a run's summary says of its end. @param epochs As many as were asked for. */
export function endOfRun(
  summary: {
    readonly epochs: number;
    readonly interrupted: boolean;
    readonly stopReason?: string;
    readonly testAccuracy: number;
  },
  epochs: number,
): RunEnd {
  const { interrupted, stopReason, testAccuracy } = summary;
  if (!interrupted) return { state: "finished", reason: stopReason, testAccuracy };
  const reason = `It was interrupted after ${summary.epochs} of ${epochs} epochs.`;
  return { state: "stopped", reason, testAccuracy };
}
