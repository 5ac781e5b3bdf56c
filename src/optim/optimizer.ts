import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";

/** Updates parameters by their gradients. */
export interface Optimizer {
  /** How many steps it has taken. */
  readonly steps: number;
  /** What it remembers between steps, such as velocities, by a name that begins with the parameter's. */
  readonly slots: ReadonlyMap<string, Tensor>;
  /**
   * Updates every parameter in place.
   *
   * @param learningRate A finite number above 0.
   */
  step(parameters: readonly Parameter[], learningRate: number): void;
  /**
   * Only where `step` does nothing but parameter -= learningRate * gradient: then a network may do that itself, where it sums the
   * gradient, and calls this instead of `step`.
   */
  readonly countStep?: (() => void) | undefined;
}
