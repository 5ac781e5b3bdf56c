import { Interruption } from "../process.js";

const SIGINT = 2;
const SIGTERM = 15;

/** Why a trial's training ends at a rung: as an interruption, which keeps a checkpoint, but the command has done what it was to do. */
export class RungEnd extends Interruption {
  override readonly exitCode = 0;

  constructor() {
    super(0);
  }
}

/**
 * What ends the training of a trial: a signal of the operating system, or the end of the process that has started this one; and its rung.
 * Whoever ends a trial may well do it in more than one way, so that a second signal is none to end at once by.
 */
export function trialSignal(): {
  readonly signal: AbortSignal;
  endRung(): void;
  release(): void;
} {
  const controller = new AbortController();
  const abort = (reason: Interruption) => {
    if (!controller.signal.aborted) controller.abort(reason);
  };
  const onInterrupt = () => abort(new Interruption(SIGINT));
  const onTerminate = () => abort(new Interruption(SIGTERM));
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onTerminate);
  process.on("disconnect", onTerminate);
  if (process.send !== undefined && !process.connected) onTerminate(); // It was gone before anybody listened.
  return {
    signal: controller.signal,
    endRung: () => abort(new RungEnd()),
    release() {
      process.off("disconnect", onTerminate);
      process.off("SIGINT", onInterrupt);
      process.off("SIGTERM", onTerminate);
      if (process.connected) process.disconnect(); // It would keep this process alive.
    },
  };
}
