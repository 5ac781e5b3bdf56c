import { subtractScaled } from "../tensor/operations.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Optimizer } from "./optimizer.js";

/** Plain stochastic gradient descent, the chapter's: parameter -= learningRate * gradient. */
export class SGD implements Optimizer {
  #steps = 0;
  /** It remembers nothing. */
  readonly slots: ReadonlyMap<string, Tensor> = new Map();

  static readonly #ownStep = SGD.prototype.step;
  readonly #countStep = () => {
    this.#steps += 1;
  };

  /** `undefined` where a subclass, or somebody's own property, has put another `step` in the place of this one. */
  get countStep(): (() => void) | undefined {
    return this.step === SGD.#ownStep ? this.#countStep : undefined;
  }

  get steps(): number {
    return this.#steps;
  }

  step(parameters: readonly Parameter[], learningRate: number): void {
    for (const { value, gradient } of parameters) subtractScaled(value, gradient, learningRate);
    this.#steps += 1;
  }
}
