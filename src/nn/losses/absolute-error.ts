import { requireKnownOptions } from "../../system/known-options.js";
import { checkNumber } from "../checks.js";
import { kernelLoss } from "./kernel-loss.js";
import type { Loss } from "./loss.js";
import type { HuberOptions } from "./specification.js";

/** The mean of |a - y| over examples and output units (PyTorch's L1Loss). Its derivative where a = y is 0. */
export function absoluteError(): Loss {
  return kernelLoss({
    specification: { type: "absoluteError" },
    name: "mean absolute error",
    outputs: ["identity"],
    targets: ["values"],
    factor: (outputs) => 1 / outputs,
  });
}

/**
 * The mean over examples and output units of (a - y)² / 2 where |a - y| is at most `threshold`, and threshold (|a - y| - threshold / 2)
 * beyond (Huber, "Robust estimation of a location parameter", 1964; PyTorch's HuberLoss).
 */
export function huber(options: HuberOptions = {}): Loss {
  requireKnownOptions("huber", options, { threshold: true }, "{ threshold: 1 }");
  const { threshold = 1 } = options;
  checkNumber("threshold", threshold, (number) => number > 0, "above 0");
  return kernelLoss({
    specification: { type: "huber", ...options },
    name: "Huber's loss",
    outputs: ["identity"],
    targets: ["values"],
    threshold,
    factor: (outputs) => 1 / outputs,
  });
}
