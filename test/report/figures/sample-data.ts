import { createDataset, type ImageDataset } from "../../../src/data/dataset.js";
import type { EpochMetrics } from "../../../src/training/history.js";
import { type LearningRateRange, LossCurve } from "../../../src/training/learning-rate-range.js";

/** A dataset whose images are all different; image i has the label labels[i]. */
export function sampleDataset(
  labels: readonly number[],
  {
    classes = 10,
    imageShape = [28, 28],
    classNames,
  }: {
    readonly classes?: number;
    readonly imageShape?: readonly [number, number];
    readonly classNames?: readonly string[];
  } = {},
): ImageDataset {
  const size = imageShape[0] * imageShape[1];
  const images = Uint8Array.from(
    { length: labels.length * size },
    (_, i) => (i * 7 + Math.floor(i / size) * 101) % 256,
  );
  const parts = { images, labels: Uint8Array.from(labels), imageShape, classes };
  return createDataset(classNames === undefined ? parts : { ...parts, classNames });
}

/** The pixels of a row as the paper shows them. */
export function inkOf(dataset: ImageDataset, row: number): number[] {
  const size = dataset.features.imageShape[0] * dataset.features.imageShape[1];
  return [...dataset.features.data.subarray(row * size, (row + 1) * size)].map((value) => 255 - value);
}

/** A run that gets better. */
export function sampleEpochs(count: number): EpochMetrics[] {
  return Array.from({ length: count }, (_, i) => ({
    epoch: i + 1,
    trainLoss: 0.05 / (i + 1) ** 0.4,
    trainAccuracy: 0.97 - 0.2 / (i + 1),
    validLoss: 0.052 / (i + 1) ** 0.39,
    validAccuracy: 0.95 - 0.19 / (i + 1),
    seconds: 0.75 + 0.01 * i,
  }));
}

/** A range test from 1e-4 to 10 in 101 steps: the loss stays, falls from 0.01 to 0.1, and grows without end from 1 on. */
export function sampleRange(): LearningRateRange {
  const curve = new LossCurve(0.5);
  for (let i = 0; i <= 100; i++) {
    const power = -4 + i / 20;
    const loss =
      power < -2 ? 2 : power < -1 ? 2 - 1.5 * (power + 2) : power < 0 ? 0.5 : 0.5 * 10_000 ** power;
    if (!curve.add(10 ** power, loss)) break;
  }
  return curve.result(101);
}
