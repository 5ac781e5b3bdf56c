import { UPDATE_COEFFICIENTS } from "../backend/operations/updates.js";
import { RuleOptimizer } from "./rule-optimizer.js";
import { epsilon, readSettings, type SettingsOf, TERMS, type TermOptions } from "./settings.js";

export interface AdagradOptions extends TermOptions {
  /** At least 1e-30. Default: 1e-10. */
  readonly epsilon?: number | undefined;
}

const SETTINGS = { epsilon: epsilon(1e-10), ...TERMS } as const;

/**
 * Adagrad (Duchi, Hazan and Singer, Adaptive subgradient methods for online learning and stochastic optimization, 2011), as PyTorch's
 * `Adagrad` with its defaults:
 *
 *     squareSum += gradient²
 *     parameter -= learningRate * gradient / (√squareSum + epsilon)
 *
 * Slots: `squareSum`. A usual learning rate is 0.01.
 */
export class Adagrad extends RuleOptimizer<SettingsOf<typeof SETTINGS>> {
  /** @throws InvalidArgumentError when there is no such option, or a value is out of range. */
  constructor(options: AdagradOptions = {}) {
    super("adagrad", "adagrad", { second: "squareSum" }, readSettings("Adagrad", options, SETTINGS));
  }

  protected setCoefficients(coefficients: Float64Array, learningRate: number): void {
    coefficients[UPDATE_COEFFICIENTS.step] = learningRate;
    coefficients[UPDATE_COEFFICIENTS.epsilon] = this.values.epsilon;
  }
}
