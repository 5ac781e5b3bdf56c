/** How long a training has gone on, its pauses left out. */
export interface Stopwatch {
  /** @param time In milliseconds, as all of them here. */
  seconds(time: number): number;
  pause(time: number): void;
  resume(time: number): void;
}

/** @param start When it begins to run. */
export function createStopwatch(start: number): Stopwatch {
  let from = start;
  let pausedAt: number | undefined;
  return {
    seconds: (time) => ((pausedAt ?? time) - from) / 1000,
    pause(time) {
      pausedAt ??= time;
    },
    resume(time) {
      if (pausedAt !== undefined) from += time - pausedAt;
      pausedAt = undefined;
    },
  };
}
