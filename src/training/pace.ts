import { setImmediate } from "node:timers/promises";

const LONGEST_TURN_MILLISECONDS = 8;

/** Gives way to the event loop every few milliseconds, so that timers, sockets and signals are served during a long loop. */
export interface Pace {
  /** Whether it is time for {@link rest}. */
  due(): boolean;
  rest(): Promise<void>;
}

/** @param signal Ends the loop: `rest` and `due` throw its reason once it is aborted. */
export function createPace(signal?: AbortSignal): Pace {
  let turnStart = performance.now();
  return {
    due() {
      signal?.throwIfAborted();
      return performance.now() - turnStart >= LONGEST_TURN_MILLISECONDS;
    },
    async rest() {
      await setImmediate();
      signal?.throwIfAborted();
      turnStart = performance.now();
    },
  };
}
