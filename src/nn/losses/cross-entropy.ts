import { requireKnownOptions } from "../../system/known-options.js";
import { checkNumber } from "../checks.js";
import { kernelLoss } from "./kernel-loss.js";
import type { Loss } from "./loss.js";
import type { CrossEntropyOptions } from "./specification.js";

/**
 * Categorical cross-entropy: the mean over the examples of -Σ y log a, where a is the softmax of z. It is computed from z, and is finite
 * however large z is (PyTorch's CrossEntropyLoss). Smoothed, y is (1 - s) onehot + s / outputs.
 */
export function crossEntropy(options: CrossEntropyOptions = {}): Loss {
  const labelSmoothing = smoothingOf("crossEntropy", options);
  return kernelLoss({
    specification: { type: "crossEntropy", ...options },
    name: "cross-entropy",
    outputs: ["softmax"],
    targets: ["classes"],
    readsLogits: true,
    smoothing: labelSmoothing,
    factor: () => 1,
  });
}

/**
 * Binary cross-entropy: the mean over examples and output units of -y log a - (1 - y) log(1 - a), where a is the sigmoid of z. It is
 * computed from z, and is finite however large z is (PyTorch's BCEWithLogitsLoss). One output unit tells two classes apart; several
 * are labels of their own, each 0 to 1, of which an example may have any number. Smoothed, y is (1 - s) y + s / 2.
 */
export function binaryCrossEntropy(options: CrossEntropyOptions = {}): Loss {
  const labelSmoothing = smoothingOf("binaryCrossEntropy", options);
  return kernelLoss({
    specification: { type: "binaryCrossEntropy", ...options },
    name: "binary cross-entropy",
    outputs: ["sigmoid"],
    targets: ["classes", "values"],
    readsLogits: true,
    smoothing: labelSmoothing,
    factor: (outputs) => 1 / outputs,
  });
}

function smoothingOf(call: string, options: CrossEntropyOptions): number {
  requireKnownOptions(call, options, { labelSmoothing: true }, "{ labelSmoothing: 0.1 }");
  const { labelSmoothing = 0 } = options;
  checkNumber("labelSmoothing", labelSmoothing, (share) => share >= 0 && share < 1, "from 0 to less than 1");
  return labelSmoothing;
}
