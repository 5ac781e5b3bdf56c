import { UPDATE_COEFFICIENTS } from "../backend/operations/updates.js";
import { MOMENT_SETTINGS, MOMENT_SLOTS, type MomentOptions, setMomentCoefficients } from "./moments.js";
import { RuleOptimizer } from "./rule-optimizer.js";
import { flag, readSettings, type SettingsOf } from "./settings.js";

export interface AdamOptions extends MomentOptions {
  /**
   * Whether epsilon is divided by √(1 - beta2^t), so that it stands beside √v before v's bias is corrected: the paper's second form, with
   * its epsilon hat, which scikit-learn and Keras compute. Default: `false`, as in PyTorch.
   */
  readonly scaleEpsilon?: boolean | undefined;
}

const SETTINGS = { ...MOMENT_SETTINGS, scaleEpsilon: flag(false) } as const;

/**
 * Adam (Kingma and Ba, Adam: a method for stochastic optimization, 2015), as PyTorch's `Adam` with its defaults; t is the number of the
 * step, from 1:
 *
 *     m = beta1 * m + (1 - beta1) * gradient
 *     v = beta2 * v + (1 - beta2) * gradient²
 *     parameter -= learningRate * (m / (1 - beta1^t)) / (√(v / (1 - beta2^t)) + epsilon)
 *
 * Slots: `firstMoment` for m, `secondMoment` for v. A usual learning rate is 0.001.
 */
export class Adam extends RuleOptimizer<SettingsOf<typeof SETTINGS>> {
  /** @throws InvalidArgumentError when there is no such option, or a value is out of range. */
  constructor(options: AdamOptions = {}) {
    super("adam", "adam", MOMENT_SLOTS, readSettings("Adam", options, SETTINGS));
  }

  protected setCoefficients(coefficients: Float64Array, learningRate: number, step: number): void {
    setAdamCoefficients(coefficients, this.values, learningRate, step);
    if (this.values.scaleEpsilon) {
      coefficients[UPDATE_COEFFICIENTS.epsilon] =
        this.values.epsilon / Math.sqrt(1 - this.values.beta2 ** step);
    }
  }
}

/** For {@link Adam} and AdamW, which differ in a default alone. */
export function setAdamCoefficients(
  coefficients: Float64Array,
  values: SettingsOf<typeof MOMENT_SETTINGS>,
  learningRate: number,
  step: number,
): void {
  setMomentCoefficients(coefficients, values, step);
  coefficients[UPDATE_COEFFICIENTS.step] = learningRate / (1 - values.beta1 ** step);
}
