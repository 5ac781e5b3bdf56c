import { UPDATE_COEFFICIENTS } from "../backend/operations/updates.js";
import { RuleOptimizer } from "./rule-optimizer.js";
import { fraction, readSettings, type SettingsOf, TERMS, type TermOptions } from "./settings.js";

export interface LionOptions extends TermOptions {
  /** The share of the momentum in a step, from 0 to below 1. Default: 0.9. */
  readonly beta1?: number | undefined;
  /** The share of the old momentum in the new one, from 0 to below 1. Default: 0.99. */
  readonly beta2?: number | undefined;
}

const SETTINGS = { beta1: fraction(0.9), beta2: fraction(0.99), ...TERMS } as const;

/**
 * Lion, evolved sign momentum (Chen et al., Symbolic discovery of optimization algorithms, 2023, algorithm 2) with the paper's defaults:
 *
 *     parameter -= learningRate * sign(beta1 * momentum + (1 - beta1) * gradient)
 *     momentum = beta2 * momentum + (1 - beta2) * gradient
 *
 * Slots: `momentum`. Every step of a parameter is as long as the learning rate, so that a usual one is a third to a tenth of Adam's.
 */
export class Lion extends RuleOptimizer<SettingsOf<typeof SETTINGS>> {
  /** @throws InvalidArgumentError when there is no such option, or a value is out of range. */
  constructor(options: LionOptions = {}) {
    super("lion", "lion", { first: "momentum" }, readSettings("Lion", options, SETTINGS));
  }

  protected setCoefficients(coefficients: Float64Array, learningRate: number): void {
    coefficients[UPDATE_COEFFICIENTS.step] = learningRate;
    coefficients[UPDATE_COEFFICIENTS.firstShare] = 1 - this.values.beta1;
    coefficients[UPDATE_COEFFICIENTS.secondShare] = 1 - this.values.beta2;
  }
}
