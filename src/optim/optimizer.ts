import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";

/** Updates parameters by their gradients. One optimizer serves one network: it knows parameters by their names. */
export interface Optimizer {
  /** Such as `adam`. */
  readonly name: string;
  /** Its options, those left out by their defaults: what makes the same optimizer again. */
  readonly settings: Readonly<Record<string, number | boolean>>;
  /** How many steps it has taken. */
  readonly steps: number;
  /** What it remembers between steps, such as velocities, by a name that begins with the parameter's: `layers.0.weight.momentum`. */
  readonly slots: ReadonlyMap<string, Tensor>;
  /**
   * Updates every parameter in place.
   *
   * @param learningRate A finite number above 0.
   */
  step(parameters: readonly Parameter[], learningRate: number): void;
  /**
   * Puts the optimizer into a state in which another one of the same name and settings was.
   *
   * @param steps How many steps that one had taken.
   * @param slots What it remembered; copied.
   * @throws InvalidArgumentError when the steps are no whole number, or a slot is none of this optimizer's.
   */
  restore(steps: number, slots: ReadonlyMap<string, Tensor>): void;
  /**
   * Only where `step` does nothing but parameter -= learningRate * gradient: then a network may do that itself, where it sums the
   * gradient, and calls this instead of `step`.
   */
  readonly countStep?: (() => void) | undefined;
}
