import { expectThat } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { checkLearningRate, type Schedule } from "./schedule.js";

export interface CosineOptions {
  /** How many steps the rate takes to rise to its peak: a whole number, or below 1 a share of all steps. Default: 0. */
  readonly warmUp?: number;
  /** The learning rate that it falls to, from 0 to the peak. Default: 0, which is reached after the last step. */
  readonly final?: number;
}

const OPTIONS: KnownOptions<CosineOptions> = { warmUp: true, final: true };

/**
 * Rises in a line to a peak, and falls from there by half a wave of the cosine until training ends. With w steps of warm-up among T:
 *
 *     peak (step + 1) / (w + 1)                                               while step < w
 *     final + (peak - final) (1 + cos(pi (step - w) / (T - w))) / 2           from then on
 *
 * I. Loshchilov and F. Hutter, "SGDR: Stochastic gradient descent with warm restarts", ICLR 2017, equation 5, without restarts; the
 * warm-up is that of P. Goyal et al., "Accurate, large minibatch SGD", 2017.
 *
 * @param peak The highest learning rate, a finite number above 0.
 * @throws InvalidArgumentError when there is no such option, or when an argument is out of range.
 */
export function cosine(peak: number, options: CosineOptions = {}): Schedule {
  checkLearningRate(peak);
  requireKnownOptions("cosine", options, OPTIONS, "{ warmUp: 0.1 }");
  const { warmUp = 0, final = 0 } = options;
  const isWarmUp = typeof warmUp === "number" && warmUp >= 0 && (warmUp < 1 || Number.isSafeInteger(warmUp));
  expectThat(isWarmUp, "a whole number of steps, or a share from 0 to below 1,", "warmUp", warmUp);
  const isFinal = typeof final === "number" && final >= 0 && final <= peak;
  expectThat(isFinal, `a learning rate from 0 to the peak, ${peak},`, "final", final);
  return ({ step, stepsPerEpoch, epochs }) => {
    const steps = stepsPerEpoch * epochs;
    const rising = warmUp < 1 ? Math.floor(warmUp * steps) : warmUp;
    if (step < rising) return (peak * (step + 1)) / (rising + 1);
    const done = (step - rising) / (steps - rising);
    return final + (peak - final) * Math.cos((Math.PI / 2) * done) ** 2; // (1 + cos x) / 2, and above 0 after however many steps
  };
}
