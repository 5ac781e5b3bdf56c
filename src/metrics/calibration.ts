import { InvalidArgumentError, ShapeError } from "../errors.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { type WeightsOption, weightOf } from "./weights.js";

/** The examples whose confidence lies in (lower, upper]; the first bin also holds a confidence of exactly 0. */
export interface ReliabilityBin {
  readonly lower: number;
  readonly upper: number;
  /** How many examples the bin holds, or the sum of their weights. */
  readonly count: number;
  /** The mean confidence of its examples, or `null` where it holds none. */
  readonly confidence: number | null;
  /** The share of its examples that was predicted correctly, or `null` where it holds none. */
  readonly accuracy: number | null;
}

export interface ReliabilityOptions extends WeightsOption {
  /** How many bins of equal width divide [0, 1], an integer of at least 1. Default: 15, as in Guo et al. (2017). */
  readonly bins?: number;
}

const OPTIONS: KnownOptions<ReliabilityOptions> = {
  bins: true,
  weights: true,
};

/**
 * How sure the network is of each prediction: the largest activation of its output layer.
 *
 * The outputs are independent sigmoids, one for each class. They do not sum to 1 and are not a distribution over the classes, so
 * they are not normalised: a confidence is the activation itself, what the network says of the class that it picks.
 *
 * @param activations Of the output layer, [n_examples, classes], each 0 to 1.
 * @param classes How many classes there are, an integer of at least 1.
 * @returns [n_examples]; NaN where an activation is NaN.
 * @throws ShapeError when the activations do not fill rows of `classes`.
 * @throws InvalidArgumentError when `classes` is not such an integer.
 */
export function predictionConfidences(activations: ArrayLike<number>, classes: number): Float64Array {
  if (!Number.isInteger(classes) || classes < 1) {
    throw new InvalidArgumentError(`Expected at least one class, a whole number, but received ${classes}.`);
  }
  if (activations.length % classes !== 0) {
    throw new ShapeError(
      `Expected ${classes} activations for each example but received ${activations.length} in all.`,
    );
  }
  return Float64Array.from({ length: activations.length / classes }, (_, row) => {
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) {
      largest = Math.max(largest, activations[row * classes + c] ?? Number.NaN);
    }
    return largest;
  });
}

/** As {@link predictionConfidences}; of a single output, which tells two classes apart, that of the class that it picks. */
export function outputConfidences(activations: ArrayLike<number>, outputs: number): Float64Array {
  if (outputs > 1) return predictionConfidences(activations, outputs);
  return Float64Array.from(activations, (a) => Math.max(a, 1 - a));
}

/**
 * Groups predictions by confidence, to hold how sure the network is against how often it is right. The bins, those that are
 * not empty, are those of scikit-learn's `calibration_curve(correct, confidences, n_bins=bins)`.
 *
 * @param confidences Of each prediction, [n_examples], each 0 to 1.
 * @param correct Whether each prediction is correct, [n_examples].
 * @returns [bins], from the least to the most confident.
 * @throws ShapeError when there are not as many confidences, and weights, as entries in `correct`.
 * @throws InvalidArgumentError when a confidence is not from 0 to 1, `bins` is not an integer of at least 1, or for weights that are no weights.
 */
export function reliabilityBins(
  confidences: ArrayLike<number>,
  correct: ArrayLike<boolean>,
  options: ReliabilityOptions = {},
): ReliabilityBin[] {
  requireKnownOptions("reliabilityBins", options, OPTIONS, "{ bins: 10 }");
  const { bins = 15 } = options;
  if (!Number.isInteger(bins) || bins < 1) {
    throw new InvalidArgumentError(`Expected at least one bin, a whole number, but received ${bins}.`);
  }
  if (confidences.length !== correct.length) {
    throw new ShapeError(
      `Expected one confidence for each prediction but received ${confidences.length} for ${correct.length}.`,
    );
  }
  // Edges as NumPy's linspace computes them: they decide where a confidence on an edge falls.
  const weight = weightOf(options.weights, confidences.length);
  const step = 1 / bins;
  const upperEdges = Array.from({ length: bins }, (_, i) => (i === bins - 1 ? 1 : (i + 1) * step));
  const sums = upperEdges.map(() => ({ count: 0, confidence: 0, correct: 0 }));
  for (let i = 0; i < confidences.length; i++) {
    const confidence = confidences[i] ?? Number.NaN;
    const bin = confidence >= 0 ? sums[upperEdges.findIndex((upper) => confidence <= upper)] : undefined;
    if (bin === undefined) {
      throw new InvalidArgumentError(
        `Expected confidences from 0 to 1 but received ${confidence} at position ${i}.`,
      );
    }
    bin.count += weight(i);
    bin.confidence += weight(i) * confidence;
    bin.correct += correct[i] ? weight(i) : 0;
  }
  return sums.map(({ count, confidence, correct: correctCount }, i) => ({
    lower: upperEdges[i - 1] ?? 0,
    upper: upperEdges[i] ?? 1,
    count,
    confidence: count === 0 ? null : confidence / count,
    accuracy: count === 0 ? null : correctCount / count,
  }));
}

/**
 * Expected calibration error: the mean over all examples of how far the accuracy of an example's bin is from its mean confidence,
 * sum over bins of (n_bin / n) |accuracy - confidence|. From 0 to 1; 0 where there is no example.
 *
 * Formula: Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, equation 3.
 */
export function expectedCalibrationError(bins: readonly ReliabilityBin[]): number {
  let total = 0;
  let error = 0;
  for (const { count, accuracy, confidence } of bins) {
    total += count;
    error += accuracy === null || confidence === null ? 0 : count * Math.abs(accuracy - confidence);
  }
  return total === 0 ? 0 : error / total;
}
