import { UPDATE_COEFFICIENTS } from "../backend/operations/updates.js";
import { InvalidArgumentError } from "../errors.js";
import { subtractScaled } from "../tensor/operations.js";
import type { Parameter } from "../tensor/parameter.js";
import { RuleOptimizer } from "./rule-optimizer.js";
import { flag, fraction, readSettings, type SettingsOf, TERMS, type TermOptions } from "./settings.js";

export interface SGDOptions extends TermOptions {
  /** The share of the last step in the next, from 0 to below 1. Default: 0, plain gradient descent. */
  readonly momentum?: number | undefined;
  /** Whether to look ahead; needs momentum. Default: `false`. */
  readonly nesterov?: boolean | undefined;
}

const SETTINGS = { momentum: fraction(0), nesterov: flag(false), ...TERMS } as const;

/**
 * Stochastic gradient descent. By default the chapter's, parameter -= learningRate * gradient. With momentum (Polyak 1964)
 *
 *     velocity = momentum * velocity + gradient
 *     parameter -= learningRate * velocity
 *
 * and with Nesterov's look ahead (Sutskever et al., On the importance of initialization and momentum in deep learning, 2013)
 *
 *     parameter -= learningRate * (gradient + momentum * velocity)
 *
 * As PyTorch's `SGD` without dampening; velocities begin with 0. They are the slots named `momentum`.
 */
export class SGD extends RuleOptimizer<SettingsOf<typeof SETTINGS>> {
  readonly #isPlain: boolean;

  /** @throws InvalidArgumentError when there is no such option, a value is out of range, or `nesterov` has no momentum. */
  constructor(options: SGDOptions = {}) {
    const values = readSettings("SGD", options, SETTINGS);
    const { momentum, nesterov } = values;
    if (nesterov && momentum === 0) {
      throw new InvalidArgumentError("Expected a momentum above 0 for nesterov but received 0.");
    }
    const rule = nesterov ? "nesterov" : momentum > 0 ? "momentum" : "descent";
    super("sgd", rule, rule === "descent" ? {} : { first: "momentum" }, values);
    const { weightDecay, clipNorm, clipValue, maxNorm } = values;
    const isWithoutTerms =
      weightDecay === 0 && [clipNorm, clipValue, maxNorm].every((term) => term === undefined);
    this.#isPlain = rule === "descent" && isWithoutTerms;
  }

  static readonly #ownStep = SGD.prototype.step;
  readonly #countStep = () => this.countSteps(1);

  /** `undefined` where there is more to do than the plain step, or a subclass, or somebody's own property, has put another `step` here. */
  get countStep(): (() => void) | undefined {
    return this.#isPlain && this.step === SGD.#ownStep ? this.#countStep : undefined;
  }

  override step(parameters: readonly Parameter[], learningRate: number): void {
    if (!this.#isPlain) {
      super.step(parameters, learningRate);
      return;
    }
    for (const { value, gradient } of parameters) subtractScaled(value, gradient, learningRate);
    this.countSteps(1);
  }

  protected setCoefficients(coefficients: Float64Array, learningRate: number): void {
    coefficients[UPDATE_COEFFICIENTS.step] = learningRate;
    coefficients[UPDATE_COEFFICIENTS.firstShare] = this.values.momentum;
  }
}
