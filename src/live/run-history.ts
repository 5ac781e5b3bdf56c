import type { EpochPoint, Sample } from "./protocol.js";

/** So many samples, and so many epochs, are kept of a run: half of them go when there are more, so that curves keep their shape and memory its bounds. */
export const MOST_POINTS = 2000;

/** The curves of a run, as the server keeps them and a page goes on with them: both add to them by the same rules. */
export interface RunHistory {
  readonly samples: readonly Sample[];
  readonly epochs: readonly EpochPoint[];
}

export const EMPTY_HISTORY: RunHistory = { samples: [], epochs: [] };

/** @returns The history with one more sample; one that is not after the last is known already, and left out. */
export function withSample(history: RunHistory, sample: Sample): RunHistory {
  const last = history.samples.at(-1);
  if (last !== undefined && sample.step <= last.step) return history;
  return { ...history, samples: thinned([...history.samples, sample]) };
}

/** @returns The history with more epochs; those that it has already are left out. */
export function withEpochs(history: RunHistory, epochs: readonly EpochPoint[]): RunHistory {
  const last = history.epochs.at(-1)?.epoch ?? 0;
  const added = epochs.filter(({ epoch }) => epoch > last);
  return added.length === 0 ? history : { ...history, epochs: thinned([...history.epochs, ...added]) };
}

/** Half of them, and half of these again, until they are not too many; the last stays. */
function thinned<T>(points: readonly T[]): readonly T[] {
  let kept = points;
  while (kept.length > MOST_POINTS) {
    const { length } = kept;
    kept = kept.filter((_, i) => (length - 1 - i) % 2 === 0);
  }
  return kept;
}
