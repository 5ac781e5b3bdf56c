import { InvalidArgumentError } from "../../errors.js";
import type { TrainingContext } from "../callback.js";
import { isBatchOptimizer } from "../full-batch.js";

/**
 * Checks that there is a learning rate.
 *
 * @throws InvalidArgumentError for an optimizer that finds its step by itself.
 */
export function requireLearningRate(callback: string, { optimizer }: TrainingContext): void {
  if (isBatchOptimizer(optimizer)) {
    throw new InvalidArgumentError(
      `Expected an optimizer with a learning rate for ${callback}, but a full-batch optimizer finds its step by itself; leave ${callback} out.`,
    );
  }
}
