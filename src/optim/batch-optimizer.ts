import type { SavedState } from "../formats/saved-state.js";
import type { Parameter } from "../tensor/parameter.js";

/** Where a {@link BatchOptimizer} is. */
export interface BatchProgress {
  /** The loss at the parameters' present values. */
  readonly loss: number;
  /** How many iterations it has taken. */
  readonly iterations: number;
  /** How often it has asked for the loss and the gradients. */
  readonly evaluations: number;
  /** Why it has ended; `undefined` while it may go on. */
  readonly reason: EndReason | undefined;
  /** Whether it has ended because there is no more to gain: for `gradient` or `loss`. */
  readonly converged: boolean;
}

/**
 * `gradient`: no component of the gradient is larger than the tolerance. `loss`: the last iteration gained too little. `iterations` and
 * `evaluations`: there were as many as were allowed. `line search`: no lower loss was found down the gradient. `not finite`: the
 * loss, or the gradient, at the start is infinite or NaN.
 */
export type EndReason = "gradient" | "loss" | "iterations" | "evaluations" | "line search" | "not finite";

/** Makes the loss of all examples together small, by iterations that ask for it, and for its gradients, as often as they need. */
export interface BatchOptimizer {
  /** Such as `lbfgs`. */
  readonly name: string;
  /** Its options, those left out by their defaults: what makes the same optimizer again. */
  readonly settings: Readonly<Record<string, number | boolean>>;
  /**
   * Iterates until there is a reason to end.
   *
   * @param evaluate Fills the gradients of the parameters at their present values, penalties included, and returns the loss that they
   * are the gradients of: of the chapter's squared error the mean over the examples, but the sum over the outputs. The same values must
   * always give the same loss.
   */
  minimize(evaluate: () => number, parameters: readonly Parameter[]): BatchProgress;
  /** One iteration: for whoever looks at the network in between. Does nothing once there is a reason to have ended. */
  iterate(evaluate: () => number, parameters: readonly Parameter[]): BatchProgress;
  /**
   * One iteration that yields where it needs the loss and the gradients at the parameters' present values, and takes the loss by
   * `next`: for whoever computes them by parts, and awaits something in between. Ended early, by `return` or `throw`, it puts
   * the parameters back to where it began.
   */
  iteration(parameters: readonly Parameter[]): Generator<void, BatchProgress, number>;
  /** What {@link restore} needs to go on after the last iteration. */
  save(): SavedState;
  /**
   * Puts the optimizer into a state in which another one of the same name and settings was.
   *
   * @param saved What that one's `save` returned.
   * @param parameters Those of the next iteration, with the values that they had.
   * @throws InvalidArgumentError when this is no such state, or when it is of other parameters.
   */
  restore(saved: SavedState, parameters: readonly Parameter[]): void;
}
