import { lstat, mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { DownloadError } from "../../errors.js";
import { asOutputError } from "../../system/system-error.js";

export interface LockOptions {
  /** Gives up waiting. */
  readonly signal?: AbortSignal | undefined;
  /** Called once when another process holds the lock. */
  readonly onWait?: (() => void) | undefined;
}

/** A holder shows that it lives three times as often as this, so that what a killed process left behind is soon broken. */
const STALE_MS = 15_000;
const POLL_MS = 100;

/**
 * Does something that only one process, and only one caller in it, may do at a time.
 *
 * @param path The lock is the folder `path` + `.lock`. The folder above it is made where it is missing.
 * @param use Its signal aborts when `options.signal` does, and when the lock is lost: others take a process for dead that is
 *   stopped for long.
 * @throws OutputError when the lock cannot be made there.
 */
export async function withLock<T>(
  path: string,
  options: LockOptions,
  use: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  const release = await acquire(path, options, () =>
    lost.abort(new DownloadError(`Another process has taken over the work on ${path}; try again.`)),
  );
  try {
    return await use(options.signal ? AbortSignal.any([options.signal, lost.signal]) : lost.signal);
  } finally {
    if (!lost.signal.aborted) {
      await release();
    }
  }
}

async function acquire(path: string, { signal, onWait }: LockOptions, onLost: () => void) {
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw asOutputError(error, dirname(path));
  });
  const { lock } = await import("proper-lockfile");
  for (let waiting = false; ; waiting = true) {
    signal?.throwIfAborted();
    await removeImpostor(`${path}.lock`);
    try {
      return await lock(path, {
        realpath: false,
        stale: STALE_MS,
        update: STALE_MS / 3,
        onCompromised: onLost,
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") {
        throw asOutputError(error, `${path}.lock`);
      }
    }
    if (!waiting) {
      onWait?.();
    }
    await wait(POLL_MS);
  }
}

/** Removes what stands in the place of a lock and is no folder, such as a link: it would never be released. */
async function removeImpostor(lock: string): Promise<void> {
  try {
    const found = await lstat(lock);
    if (!found.isDirectory()) {
      await rm(lock, { force: true });
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
      throw asOutputError(error, lock);
    }
  }
}
