import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { OutputError } from "../../errors.js";
import { holderInWords, takeProcessLock } from "../../system/process-lock.js";

const LOCK_FILE = ".lock";
const POLL_MILLISECONDS = 20;
/** A change takes milliseconds: who holds the lock for so long is stuck. */
const LONGEST_WAIT_MILLISECONDS = 20_000;

/**
 * Does something with a folder that only one process, and only one caller in it, may do at a time. What a killed process has left is no lock.
 *
 * @throws OutputError when the lock cannot be had in time.
 */
export async function withFolderLock<T>(folder: string, use: () => Promise<T>): Promise<T> {
  const path = join(folder, LOCK_FILE);
  const end = performance.now() + LONGEST_WAIT_MILLISECONDS;
  for (;;) {
    const lock = takeProcessLock(path);
    if (!("heldBy" in lock)) {
      try {
        return await use();
      } finally {
        lock.release();
      }
    }
    if (performance.now() > end) {
      throw new OutputError(
        `${folder} is in use: ${holderInWords(lock.heldBy)} has been changing it for too long; end it, and try again.`,
      );
    }
    await wait(POLL_MILLISECONDS);
  }
}
