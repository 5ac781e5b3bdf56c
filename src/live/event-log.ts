import type { LiveEvent } from "./protocol.js";

/** What has happened, in order: whoever knows an event's number can ask for all that came after it. */
export interface EventLog {
  /** Of the last event; where there is none yet, the number before the first one's, which differs from log to log. */
  readonly lastId: number;
  /** How many wait for an event now: where nobody does, nothing need be watched for them. A log that does not know has it not. */
  readonly readers?: number;
  /** @returns The event's number, which is one more than the last one's. */
  append(event: LiveEvent): number;
  /**
   * The events after number `id`, the oldest first; `null` where some of them are not kept any more, or `id` is of another log.
   *
   * @param most How many at most. Default: all of them.
   */
  after(id: number, most?: number): readonly LoggedEvent[] | null;
  /** Settled when {@link after} has something to say of `id`, `null` included, or when the signal is aborted. */
  whenAfter(id: number, signal: AbortSignal): Promise<void>;
}

export interface LoggedEvent {
  readonly id: number;
  readonly event: LiveEvent;
}
