import type { ExampleCounts, RunSettings } from "../../runs/settings.js";
import type { EpochMetrics } from "../../training/history.js";

/** How fast a run was, by its median epoch. */
export interface Speed {
  /** Of the median epoch: training, and the evaluation of the training and the validation set. */
  readonly secondsPerEpoch: number;
  /** Training images a second of such an epoch. */
  readonly imagesPerSecond: number | null;
  /** 1e9 floating-point operations a second. */
  readonly gflops: number | null;
  /** Of the machine's peak, 0 to 1, where the run recorded it; `null` where it measured the peak on a busy machine, below the run's own speed. */
  readonly shareOfPeak: number | null;
}

/** `null` where no epoch was finished. */
export function speedOf(
  epochs: readonly EpochMetrics[],
  { layers, examples, environment }: Pick<RunSettings, "layers" | "examples" | "environment">,
): Speed | null {
  const secondsPerEpoch = median(epochs.map(({ seconds }) => seconds));
  if (secondsPerEpoch === null || !(secondsPerEpoch > 0)) return null;
  const gflops = examples === null ? null : epochFlop(layers, examples) / secondsPerEpoch / 1e9;
  const peak = environment?.peakGflops ?? null;
  return {
    secondsPerEpoch,
    imagesPerSecond: examples === null ? null : examples.train / secondsPerEpoch,
    gflops,
    shareOfPeak: gflops === null || peak === null || gflops > peak ? null : gflops / peak,
  };
}

/**
 * Floating-point operations of an epoch's matrix products: each training image goes forward and backward once, and each
 * training and validation image forward once more to be evaluated.
 *
 * A multiplication and an addition for each weight make 2 operations forward. Backward, the gradient of the weights takes 2 more, and that of
 * the layer's input another 2, which the first layer does without. Sigmoids and updates are not counted.
 */
export function epochFlop(layers: readonly number[], { train, validation }: ExampleCounts): number {
  const weights = layers.slice(1).map((units, i) => units * (layers[i] ?? 0));
  const forward = weights.reduce((sum, count) => sum + 2 * count, 0);
  const backward = weights.reduce((sum, count, i) => sum + (i === 0 ? 2 : 4) * count, 0);
  return train * (forward + backward) + (train + validation) * forward;
}

export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
