import type { EventLog } from "../../../src/live/event-log.js";
import type { LiveEvent } from "../../../src/live/protocol.js";

/** A log that keeps all events, and lets a test wait for one. */
export interface RecordingLog extends EventLog {
  readonly events: readonly LiveEvent[];
  /** The first event of which `isIt` is true, from now on or before. */
  until(isIt: (event: LiveEvent) => boolean): Promise<LiveEvent>;
}

/** @param readers How many are said to wait for events. */
export function recordingLog(readers = 1): RecordingLog {
  const events: LiveEvent[] = [];
  const waiting = new Set<() => void>();
  return {
    events,
    readers,
    get lastId() {
      return events.length;
    },
    append(event) {
      events.push(event);
      for (const wake of [...waiting]) wake();
      return events.length;
    },
    after: (id) => events.slice(id).map((event, i) => ({ id: id + 1 + i, event })),
    whenAfter: async () => {},
    until(isIt) {
      return new Promise((resolve) => {
        const look = () => {
          const event = events.find(isIt);
          if (event === undefined) return;
          waiting.delete(look);
          resolve(event);
        };
        waiting.add(look);
        look();
      });
    },
  };
}
