import { setAdamCoefficients } from "./adam.js";
import { MOMENT_SETTINGS, MOMENT_SLOTS, type MomentOptions } from "./moments.js";
import { RuleOptimizer } from "./rule-optimizer.js";
import { atLeastZero, readSettings, type SettingsOf } from "./settings.js";

/** `weightDecay` is 0.01 by default. */
export interface AdamWOptions extends MomentOptions {}

const SETTINGS = { ...MOMENT_SETTINGS, weightDecay: atLeastZero(0.01) } as const;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, Decoupled weight decay regularization, 2019), as PyTorch's `AdamW` with its
 * defaults: `Adam` after every weight was multiplied by 1 - learningRate * weightDecay. Biases do not decay.
 *
 * Slots: `firstMoment`, `secondMoment`. A usual learning rate is 0.001.
 */
export class AdamW extends RuleOptimizer<SettingsOf<typeof SETTINGS>> {
  /** @throws InvalidArgumentError when there is no such option, or a value is out of range. */
  constructor(options: AdamWOptions = {}) {
    super("adamw", "adam", MOMENT_SLOTS, readSettings("AdamW", options, SETTINGS));
  }

  protected setCoefficients(coefficients: Float64Array, learningRate: number, step: number): void {
    setAdamCoefficients(coefficients, this.values, learningRate, step);
  }
}
