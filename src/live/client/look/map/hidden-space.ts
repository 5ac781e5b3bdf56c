import type { HiddenSpace } from "../../../protocol.js";

/** @returns The activations, [n_images, width]. */
export function decodeActivations({
  activations,
}: Pick<HiddenSpace, "activations">): Float32Array<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(activations), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  // Little-endian, whatever this machine is.
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

/** What a map shows of a class, in words. */
export interface ClassSummary {
  readonly classIndex: number;
  readonly images: number;
  readonly mistakes: number;
  /** The class whose mean activations are nearest to its own; `null` where there is no other. */
  readonly nearest: number | null;
}

/** @param activations [n_images, width] */
export function summarizeClasses(
  { images, classNames, width }: Pick<HiddenSpace, "images" | "classNames" | "width">,
  activations: Float32Array,
): readonly ClassSummary[] {
  const counts = classNames.map(() => 0);
  const mistakes = classNames.map(() => 0);
  const means = classNames.map(() => new Float64Array(width));
  images.forEach(({ trueClass, predicted }, i) => {
    counts[trueClass] = (counts[trueClass] ?? 0) + 1;
    if (trueClass !== predicted) mistakes[trueClass] = (mistakes[trueClass] ?? 0) + 1;
    const mean = means[trueClass];
    if (mean === undefined) return;
    for (let unit = 0; unit < width; unit++)
      mean[unit] = (mean[unit] ?? 0) + (activations[i * width + unit] ?? 0);
  });
  means.forEach((mean, k) => {
    const n = counts[k] ?? 0;
    for (let unit = 0; unit < width; unit++) mean[unit] = (mean[unit] ?? 0) / n;
  });
  return classNames.map((_, classIndex) => ({
    classIndex,
    images: counts[classIndex] ?? 0,
    mistakes: mistakes[classIndex] ?? 0,
    nearest: nearestMean(means, counts, classIndex),
  }));
}

function nearestMean(
  means: readonly Float64Array[],
  counts: readonly number[],
  classIndex: number,
): number | null {
  const own = means[classIndex];
  if (own === undefined || counts[classIndex] === 0) return null;
  let nearest: number | null = null;
  let least = Infinity;
  means.forEach((other, k) => {
    if (k === classIndex || counts[k] === 0) return;
    const distance = own.reduce((sum, value, unit) => sum + (value - (other[unit] ?? 0)) ** 2, 0);
    if (distance < least) {
      least = distance;
      nearest = k;
    }
  });
  return nearest;
}
