import { expectBoolean } from "../../system/expected.js";
import { requireKnownOptions } from "../../system/known-options.js";
import { checkNumber } from "../checks.js";
import { kernelLoss } from "./kernel-loss.js";
import type { Loss } from "./loss.js";
import type { SquaredErrorOptions } from "./specification.js";

/**
 * The chapter's loss: the mean over the examples of the squared error summed over the output units, (a - y)². Of classes, y is 1 for
 * the unit of the example's class and 0 for the others; a single output learns 0 or 1. What is reported is the mean over examples and
 * output units.
 */
export function squaredError(options: SquaredErrorOptions = {}): Loss {
  requireKnownOptions("squaredError", options, { averageOutputs: true, factor: true }, "{ factor: 0.5 }");
  const { averageOutputs = false, factor = 1 } = options;
  expectBoolean("averageOutputs", averageOutputs);
  checkNumber("factor", factor, (number) => number > 0, "above 0");
  return kernelLoss({
    specification: { type: "squaredError", ...options },
    name: "squared error",
    outputs: ["sigmoid", "identity"],
    targets: ["classes", "values"],
    factor: (outputs) => (averageOutputs ? factor / outputs : factor),
    reported: (outputs) => factor / outputs,
  });
}
