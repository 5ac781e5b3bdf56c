import { UPDATE_COEFFICIENTS } from "../backend/operations/updates.js";
import { RuleOptimizer } from "./rule-optimizer.js";
import { epsilon, fraction, readSettings, type SettingsOf, TERMS, type TermOptions } from "./settings.js";

export interface RMSpropOptions extends TermOptions {
  /** The share of the old mean in the new one, from 0 to below 1. Default: 0.99. */
  readonly alpha?: number | undefined;
  /** At least 1e-30. Default: 1e-8. */
  readonly epsilon?: number | undefined;
}

const SETTINGS = { alpha: fraction(0.99), epsilon: epsilon(1e-8), ...TERMS } as const;

/**
 * RMSprop (Tieleman and Hinton, Coursera: Neural networks for machine learning, lecture 6.5, 2012), as PyTorch's `RMSprop` with its
 * defaults:
 *
 *     meanSquare = alpha * meanSquare + (1 - alpha) * gradient²
 *     parameter -= learningRate * gradient / (√meanSquare + epsilon)
 *
 * Slots: `meanSquare`. A usual learning rate is 0.01 or less.
 */
export class RMSprop extends RuleOptimizer<SettingsOf<typeof SETTINGS>> {
  /** @throws InvalidArgumentError when there is no such option, or a value is out of range. */
  constructor(options: RMSpropOptions = {}) {
    super("rmsprop", "rmsprop", { second: "meanSquare" }, readSettings("RMSprop", options, SETTINGS));
  }

  protected setCoefficients(coefficients: Float64Array, learningRate: number): void {
    coefficients[UPDATE_COEFFICIENTS.step] = learningRate;
    coefficients[UPDATE_COEFFICIENTS.secondShare] = 1 - this.values.alpha;
    coefficients[UPDATE_COEFFICIENTS.epsilon] = this.values.epsilon;
  }
}
