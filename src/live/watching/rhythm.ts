/** When something may be done again that costs time, so that it neither comes too often nor takes more than a share of the time. */
export interface Rhythm {
  /** @param time In milliseconds, by a clock that should not go back; where it does, the wait begins anew. */
  isDue(time: number): boolean;
  /** It was done from one time to another, in milliseconds. */
  done(start: number, end: number): void;
}

export interface RhythmOptions {
  /** From the end of one to the beginning of the next, at least. */
  readonly shortestMilliseconds: number;
  /** Of the time, at most, should the next take as long as the quickest of the last ones. */
  readonly share: number;
}

/** What it costs is the least of so many last times: one that another process has held up says little. */
const REMEMBERED = 5;

export function createRhythm({ shortestMilliseconds, share }: RhythmOptions): Rhythm {
  let last = Number.NEGATIVE_INFINITY;
  let wait = 0;
  let costs: readonly number[] = [];
  return {
    isDue(time) {
      if (time < last) last = time;
      return time - last >= wait;
    },
    done(start, end) {
      last = end;
      costs = [end - start, ...costs.slice(0, REMEMBERED - 1)];
      wait = Math.max(shortestMilliseconds, Math.min(...costs) / share);
    },
  };
}
