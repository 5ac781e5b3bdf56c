import { shellCommand } from "../../../system/shell.js";
import type { SweepFolder } from "../../sweep-folder.js";
import { BY_ENVIRONMENT, hasCredentials } from "./address.js";
import type { TrialQueue } from "./queue.js";

/** Milliseconds between counts. */
const INTERVAL = 1000;
/** Milliseconds without a worker after which that is said of a sweep that had some: one may be started again. */
const PATIENCE = 10_000;

export interface WorkerWatchOptions {
  readonly queue: Pick<TrialQueue, "getWorkersCount">;
  /** Of Redis, as a worker needs it. */
  readonly address: string;
  readonly sweep: Pick<SweepFolder, "directory">;
  readonly onNotice: ((line: string) => void) | undefined;
  /** The time in milliseconds. */
  readonly now: () => number;
}

/**
 * Says that no worker is connected to the queue: at once at the beginning, later when there has been none for ten seconds, and once until
 * there is one again.
 *
 * @returns What looks, if it is time to, and is to be called again and again while there is something to do.
 */
export function createWorkerWatch(options: WorkerWatchOptions): () => Promise<void> {
  const { queue, address, sweep, onNotice, now } = options;
  let next = Number.NEGATIVE_INFINITY;
  let lastSeen = Number.NEGATIVE_INFINITY;
  let isTold = false;
  return async () => {
    if (onNotice === undefined || now() < next) return;
    next = now() + INTERVAL;
    const count = await countOf(queue);
    if (count === undefined || count > 0) {
      lastSeen = now();
      isTold = false;
    } else if (!isTold && now() - lastSeen >= PATIENCE) {
      isTold = true;
      const url = hasCredentials(address) ? BY_ENVIRONMENT : address;
      const words = ["npx", "mnist-native", "worker", "--queue", url, "--folder", sweep.directory];
      onNotice(`No worker is connected; start one: ${shellCommand(words)}`);
    }
  };
}

/** `undefined` where Redis does not let this user see who is connected. */
async function countOf(queue: WorkerWatchOptions["queue"]): Promise<number | undefined> {
  try {
    return await queue.getWorkersCount();
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("NOPERM")) return undefined;
    throw error;
  }
}
