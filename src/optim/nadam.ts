import { UPDATE_COEFFICIENTS } from "../backend/operations/updates.js";
import { MOMENT_SETTINGS, MOMENT_SLOTS, type MomentOptions, setMomentCoefficients } from "./moments.js";
import { RuleOptimizer } from "./rule-optimizer.js";
import { atLeastZero, readSettings, type SettingsOf } from "./settings.js";

export interface NAdamOptions extends MomentOptions {
  /** How quickly the schedule of the momentum ends, at least 0. Default: 0.004. */
  readonly momentumDecay?: number | undefined;
}

const SETTINGS = { ...MOMENT_SETTINGS, momentumDecay: atLeastZero(4e-3) } as const;

/**
 * Adam with Nesterov's look ahead (Dozat, Incorporating Nesterov momentum into Adam, 2016), as PyTorch 2's `NAdam` with its defaults; t is
 * the number of the step, from 1:
 *
 *     mu(t) = beta1 * (1 - 0.96^(t * momentumDecay) / 2)
 *     M(t) = mu(1) * mu(2) * … * mu(t)
 *     m = beta1 * m + (1 - beta1) * gradient
 *     v = beta2 * v + (1 - beta2) * gradient²
 *     direction = mu(t + 1) * m / (1 - M(t + 1)) + (1 - mu(t)) * gradient / (1 - M(t))
 *     parameter -= learningRate * direction / (√(v / (1 - beta2^t)) + epsilon)
 *
 * Slots: `firstMoment` for m, `secondMoment` for v. A usual learning rate is 0.002.
 */
export class NAdam extends RuleOptimizer<SettingsOf<typeof SETTINGS>> {
  /** M of the step that is its number. */
  #product = 1;
  #productStep = 0;

  /** @throws InvalidArgumentError when there is no such option, or a value is out of range. */
  constructor(options: NAdamOptions = {}) {
    super("nadam", "nadam", MOMENT_SLOTS, readSettings("NAdam", options, SETTINGS));
  }

  protected setCoefficients(coefficients: Float64Array, learningRate: number, step: number): void {
    setMomentCoefficients(coefficients, this.values, step);
    const [mu, nextMu] = [this.#muOf(step), this.#muOf(step + 1)];
    const product = this.#productOf(step);
    const gradientStep = (learningRate * (1 - mu)) / (1 - product);
    const momentStep = (learningRate * nextMu) / (1 - product * nextMu);
    coefficients[UPDATE_COEFFICIENTS.step] = gradientStep;
    coefficients[UPDATE_COEFFICIENTS.firstWeight] = momentStep / gradientStep;
  }

  #muOf(step: number): number {
    const { beta1, momentumDecay } = this.values;
    return beta1 * (1 - 0.5 * 0.96 ** (step * momentumDecay));
  }

  /** From that of the last step; from the first step on after a jump, as `restore` makes one. */
  #productOf(step: number): number {
    if (step < this.#productStep) {
      this.#product = 1;
      this.#productStep = 0;
    }
    while (this.#productStep < step) {
      this.#productStep += 1;
      this.#product *= this.#muOf(this.#productStep);
    }
    return this.#product;
  }
}
