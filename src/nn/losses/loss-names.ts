import { createLoss } from "./create-loss.js";
import type { Loss } from "./loss.js";
import type { LossSpecification } from "./specification.js";

/** What a loss is called where its value is shown. */
export interface LossNames {
  /** For a line of numbers: `MSE`. */
  readonly short: string;
  /** For an axis or a table: `mean squared error`. */
  readonly long: string;
}

/** The chapter's. */
export const MEAN_SQUARED_ERROR: LossNames = { short: "MSE", long: "mean squared error" };

/**
 * The names of a loss, so that nobody takes one for another: half a squared error and a cross-entropy with smoothed labels have names of
 * their own.
 *
 * @throws InvalidArgumentError when there is no such loss.
 */
export function lossNames(loss: LossSpecification | Pick<Loss, "specification" | "name">): LossNames {
  const specification = "specification" in loss ? loss.specification : loss;
  switch (specification.type) {
    case "squaredError": {
      const { factor = 1 } = specification;
      if (factor === 1) return MEAN_SQUARED_ERROR;
      const { short, long } = MEAN_SQUARED_ERROR;
      return { short: `${factor} x ${short}`, long: `${factor} x ${long}` };
    }
    case "absoluteError":
      return { short: "MAE", long: "mean absolute error" };
    case "huber": {
      const { threshold = 1 } = specification;
      return {
        short: "Huber loss",
        long: threshold === 1 ? "Huber loss" : `Huber loss, threshold ${threshold}`,
      };
    }
    default: {
      const { name } = "name" in loss ? loss : createLoss(specification);
      const { labelSmoothing = 0 } = specification;
      return {
        short: name,
        long: labelSmoothing === 0 ? name : `${name}, labels smoothed by ${labelSmoothing}`,
      };
    }
  }
}
