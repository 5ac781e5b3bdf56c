import type { TrainingCommand, TrainingMessage } from "./protocol.js";

/** Between a training and the server of its page, which may be in another thread or process. */
export interface TrainingChannel {
  /** Costs no more than it takes to copy the message. A model's bytes are not the sender's any more. */
  send(message: TrainingMessage): void;
  /** @param listener Called with what is asked of the training; one at a time is heard. */
  listen(listener: (command: TrainingCommand) => void): void;
  /** Nothing is sent or heard any more, and the channel keeps no process alive. */
  close(): void;
}
