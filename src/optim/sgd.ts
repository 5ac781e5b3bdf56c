import { subtractScaled } from "../tensor/operations.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Optimizer } from "./optimizer.js";

/** Plain stochastic gradient descent, the chapter's: parameter -= learningRate * gradient. */
export class SGD implements Optimizer {
  #steps = 0;
  /** It remembers nothing. */
  readonly slots: ReadonlyMap<string, Tensor> = new Map();

  get steps(): number {
    return this.#steps;
  }

  step(parameters: readonly Parameter[], learningRate: number): void {
    for (const { value, gradient } of parameters) subtractScaled(value, gradient, learningRate);
    this.#steps += 1;
  }
}
