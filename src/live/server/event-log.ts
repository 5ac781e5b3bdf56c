import { randomInt } from "node:crypto";
import { expectWholeNumber } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { EventLog, LoggedEvent } from "../event-log.js";
import type { LiveEvent } from "../protocol.js";

export interface EventLogOptions {
  /** So many events are kept: whoever has missed more begins anew. Default: 4096. */
  readonly most?: number | undefined;
}

const KNOWN: KnownOptions<EventLogOptions> = { most: true };
const MOST = 4096;

/** Numbers that one log has for itself: more events than a server ever sees. */
const NUMBERS = 2 ** 21;

/**
 * A log of the last events, in a ring. Its numbers begin at a random multiple of 2^21, so that a page that was connected to a server which has
 * been restarted since is not taken for one that knows this log: two logs share numbers once in 2^31 restarts.
 */
export function createEventLog(options: EventLogOptions = {}): EventLog {
  requireKnownOptions("createEventLog", options, KNOWN, "{ most: 1000 }");
  const { most = MOST } = options;
  expectWholeNumber("most", most);

  const before = randomInt(1, 2 ** 31) * NUMBERS;
  /** The event of number `before + 1 + i` is at `i % most`. */
  const ring: LoggedEvent[] = [];
  const waiting = new Set<() => void>();
  let lastId = before;

  return {
    get lastId() {
      return lastId;
    },
    get readers() {
      return waiting.size;
    },

    append(event: LiveEvent): number {
      lastId++;
      ring[(lastId - before - 1) % most] = { id: lastId, event };
      const woken = [...waiting];
      waiting.clear();
      for (const wake of woken) wake();
      return lastId;
    },

    after(id, atMost = most) {
      const first = Math.max(before, lastId - most);
      if (!Number.isInteger(id) || id < first || id > lastId) return null;
      return Array.from({ length: Math.min(lastId - id, atMost) }, (_, i) => {
        const logged = ring[(id - before + i) % most];
        if (logged === undefined) throw new Error(`Event ${id + 1 + i} is not in its place of the log.`);
        return logged;
      });
    },

    whenAfter(id, signal) {
      if (id !== lastId || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener("abort", wake);
      });
    },
  };
}
