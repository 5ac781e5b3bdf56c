import type { Queue } from "bullmq";
import { connectToQueue, loadQueueModules, type QueueConnection } from "./connection.js";
import type { TrialJob } from "./job.js";

/** All sweeps have one queue; whose job one is, its id tells. */
export const QUEUE_NAME = "trials";
/** Of all keys in Redis. */
export const QUEUE_PREFIX = "mnist-native";

/** Where a job may be that no worker has begun. */
const WAITING = ["wait", "prioritized", "delayed"] as const;
const FINISHED = ["completed", "failed"] as const;

/** How often a job may be left by a worker that died, or that Redis has lost, before it is given up. */
export const MOST_STALLS = 10;

export type TrialQueue = Queue<TrialJob>;

export interface OpenQueue {
  readonly queue: TrialQueue;
  readonly connection: QueueConnection;
  /** Ends the connection at once, whether Redis is there or not. */
  close(): Promise<void>;
}

/**
 * Connects to the queue.
 *
 * @throws SweepError when Redis cannot be reached now.
 */
export async function openQueue(address: string, onNotice?: (line: string) => void): Promise<OpenQueue> {
  const connection = await connectToQueue(address, onNotice);
  const { bullmq } = await loadQueueModules();
  const queue: TrialQueue = new bullmq.Queue(QUEUE_NAME, {
    connection: connection.redis,
    prefix: QUEUE_PREFIX,
    // Nobody listens to events: whoever wants to know asks what there is, and so misses nothing.
    streams: { events: { maxLen: 100 } },
  });
  queue.on("error", () => {}); // The connection tells of the same, once.
  return {
    queue,
    connection,
    async close() {
      connection.close();
      await queue.close();
    },
  };
}

/** The ids of all jobs that Redis knows, wherever they are. It is one look, in which no job can change its place. */
export function allJobs(queue: TrialQueue): Promise<string[]> {
  return queue.getRanges([...WAITING, "active", ...FINISHED], 0, -1);
}

/** The ids of the jobs that have come to an end, good or bad, and are not removed yet. */
export function finishedJobs(queue: TrialQueue): Promise<string[]> {
  return queue.getRanges([...FINISHED], 0, -1);
}

/** The ids of the jobs that are to be done, or are being done. */
export function unfinishedJobs(queue: TrialQueue): Promise<string[]> {
  return queue.getRanges([...WAITING, "active"], 0, -1);
}

/** The ids of the jobs that no worker has in hand. */
export function waitingJobs(queue: TrialQueue): Promise<string[]> {
  return queue.getRanges([...WAITING], 0, -1);
}

/** The ids of the jobs that a worker has in hand, or had when it died. */
export function activeJobs(queue: TrialQueue): Promise<string[]> {
  return queue.getRanges(["active"], 0, -1);
}
