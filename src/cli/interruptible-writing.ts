import { interruptionOf, interruptSignal, printWarning } from "./process.js";

/**
 * Writes what a command has made. An interruption meanwhile takes back what has been written, and sets the exit code; until then, while
 * nothing has been begun that could be left behind, it may end the process at once.
 *
 * @param write Throws the reason of its signal when that is aborted.
 * @returns Whether all is written.
 */
export async function writeInterruptibly(write: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
  const { signal, release } = interruptSignal();
  try {
    await write(signal);
    return true;
  } catch (error) {
    const interruption = interruptionOf(error);
    if (interruption === undefined) throw error;
    process.exitCode = interruption.exitCode;
    printWarning("Interrupted; nothing was written.");
    return false;
  } finally {
    release();
  }
}
