import { InvalidArgumentError } from "../errors.js";
import { subtractScaled, type Tensor } from "../tensor/tensor.js";

/** Plain stochastic gradient descent: parameter -= learningRate * gradient. */
export class SGD {
  readonly learningRate: number;

  /** @throws InvalidArgumentError when `learningRate` is not a finite number above 0. */
  constructor({ learningRate = 0.1 }: { readonly learningRate?: number } = {}) {
    if (!Number.isFinite(learningRate) || learningRate <= 0) {
      throw new InvalidArgumentError(
        `Expected a finite number above 0 for learningRate but received ${learningRate}.`,
      );
    }
    this.learningRate = learningRate;
  }

  /** Updates a parameter in place; the gradient has its shape. */
  step(parameter: Tensor, gradient: Tensor): void {
    subtractScaled(parameter, gradient, this.learningRate);
  }
}
