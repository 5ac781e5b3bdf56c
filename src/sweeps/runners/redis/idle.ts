import { isJobOf } from "./job.js";
import { type TrialQueue, unfinishedJobs } from "./queue.js";

/** Milliseconds between looks. */
const INTERVAL = 500;
/** So often in a row nothing must be found: a coordinator takes a moment from one rung to the next. */
const LOOKS = 10;
/** So often where there has been nothing at all yet: a minute, in which a sweep may be begun. */
const FIRST_LOOKS = 120;

export interface IdleOptions {
  readonly queue: TrialQueue;
  /** What this worker has in hand. */
  readonly inHand: ReadonlyMap<string, unknown>;
  /** The ids of sweeps that are none of this worker's. */
  readonly left: ReadonlyMap<string, unknown>;
  /** Whether this worker has had a job. */
  hasHadJob(): boolean;
  end(): void;
}

/**
 * Calls `end` when there is nothing to do for a while: no job here, and none in the queue that this worker could run, also none that another
 * one has in hand, which would be this one's if the other died. For a first job in the queue it waits longer.
 */
export function endWhenIdle({ queue, inHand, left, hasHadJob, end }: IdleOptions): { stop(): void } {
  let looks = 0;
  let timer = setTimeout(look, INTERVAL);
  let isStopped = false;
  let hasSeenJob = false;
  async function look(): Promise<void> {
    const isIdle = inHand.size === 0 && (await hasNothing());
    looks = isIdle ? looks + 1 : 0;
    if (isStopped) return;
    if (looks >= (hasSeenJob || hasHadJob() ? LOOKS : FIRST_LOOKS)) end();
    else timer = setTimeout(look, INTERVAL);
  }
  async function hasNothing(): Promise<boolean> {
    try {
      const jobs = await unfinishedJobs(queue);
      hasSeenJob ||= jobs.length > 0;
      return jobs.every((job) => [...left.keys()].some((id) => isJobOf(id, job)));
    } catch {
      return false; // The connection was closed; elsewhere it waits for Redis.
    }
  }
  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
