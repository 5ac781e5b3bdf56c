import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type HeldRunFolder, takeRunFolder } from "../../runs/record-run.js";
import { LOCK_FILE, prepareRunFolder } from "../../runs/run-folder.js";
import { removeUnfinished } from "../../system/files.js";
import { holderOfProcessLock } from "../../system/process-lock.js";

/**
 * Milliseconds that a process has to let go of its trial after those who started it have gone: for its minibatch and its checkpoint; more
 * than the minute for which the lock of another machine holds after that has died.
 */
const LONGEST_WAIT = 90_000;
const BETWEEN_LOOKS = 50;

/**
 * Takes a trial's folder for this process. One that has it already may be the process of a coordinator that was killed, and ends by itself:
 * it is waited for. So it is where it runs on another machine, as when a worker has lost its trial to one here: by the lock in a folder that
 * both share, never two train at once. Machines whose folders are not shared have a run each, of which the first to end counts; both come to
 * the same bits.
 *
 * @throws OutputError when the other one stays, or when the folder cannot be written to; the signal's reason when it is aborted.
 */
export async function takeTrialFolder(directory: string, signal: AbortSignal): Promise<HeldRunFolder> {
  await prepareRunFolder(directory);
  const until = performance.now() + LONGEST_WAIT;
  for (;;) {
    signal.throwIfAborted();
    const isHeld = () => holderOfProcessLock(join(directory, LOCK_FILE)) !== undefined;
    if (!isHeld() || performance.now() > until) {
      try {
        const folder = takeRunFolder(directory);
        await removeUnfinished(directory, isOfSweep);
        return folder;
      } catch (error) {
        if (performance.now() > until || !isHeld()) throw error; // Else another one was quicker.
      }
    }
    await wait(BETWEEN_LOOKS);
  }
}

/** Outcomes and tries: whoever records a run looks after its own files. */
function isOfSweep(name: string): boolean {
  return /^(?:outcome|tries)-\d+\.json$/.test(name);
}
