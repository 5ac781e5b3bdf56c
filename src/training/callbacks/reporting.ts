import type { Callback } from "../callback.js";
import type { EpochMetrics } from "../history.js";
import type { Pace } from "../pace.js";

/** How far the training is. */
export interface Progress {
  /** Counted from 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Examples of this epoch that the network was trained on. */
  readonly examples: number;
  /** Examples in an epoch. */
  readonly examplesPerEpoch: number;
}

/** Tells how far the training is, each time the event loop is about to get its turn. */
export function progressCallback(report: (progress: Progress) => void, pace: Pace): Callback {
  return {
    onStepEnd({ epoch, epochs, examples, examplesPerEpoch }) {
      if (pace.due()) report({ epoch, epochs, examples, examplesPerEpoch });
    },
  };
}

/** Tells the figures of each epoch. */
export function epochEndCallback(report: (metrics: EpochMetrics) => void | Promise<void>): Callback {
  return {
    onEpochEnd({ history }) {
      const metrics = history.at(-1);
      return metrics && report(metrics);
    },
  };
}
