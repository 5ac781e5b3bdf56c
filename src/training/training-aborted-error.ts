import { MnistNativeError } from "../errors.js";
import type { History } from "./history.js";

/** A training that its AbortSignal ended. `cause` is the signal's reason. */
export class TrainingAbortedError extends MnistNativeError {
  readonly code = "ERR_TRAINING_ABORTED";
  /** The epochs that were finished. The network holds what it has learned since, too. */
  readonly history: History;

  constructor(history: History, reason: unknown) {
    const why = reason instanceof Error ? reason.message : String(reason);
    super(`The training was aborted after ${history.epochs.length} epochs: ${why.replace(/[.\s]+$/, "")}.`, {
      cause: reason,
    });
    this.history = history;
  }
}
