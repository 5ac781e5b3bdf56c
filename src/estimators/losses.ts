import { binaryCrossEntropy, crossEntropy } from "../nn/losses/cross-entropy.js";
import { createLossTotals, type Loss, type LossTotals } from "../nn/losses/loss.js";
import { squaredError } from "../nn/losses/squared-error.js";
import type { BatchTargets } from "../tensor/batch.js";
import { matrix, type Tensor } from "../tensor/tensor.js";

// The losses of scikit-learn's networks. Their gradients are those of the library's losses; what is reported differs.

/** Σ w loss / Σ w; 0 where no example counts. */
function meanOf([total = 0, , weight = 0]: LossTotals): number {
  return weight === 0 ? 0 : total / weight;
}

/**
 * The mean over examples of -log(p), where p is the probability of what is true, no smaller than the distance from 1 to the next number:
 * scikit-learn's `log_loss` and `binary_log_loss`. Of several labels it is the sum over them, and so is its gradient.
 */
export function logLoss(outActivation: "softmax" | "sigmoid"): Loss {
  const base = outActivation === "softmax" ? crossEntropy() : binaryCrossEntropy();
  const unclipped = createLossTotals();
  const addClipped = (a: Tensor, targets: BatchTargets, totals: LossTotals) => {
    const [, correct = 0, weight = 0] = unclipped;
    totals[0] = (totals[0] as number) + sumOfLogs(a, targets);
    totals[1] = (totals[1] as number) + correct;
    totals[2] = (totals[2] as number) + weight;
  };
  return {
    ...base,
    add(output, targets, totals) {
      base.add(output, targets, unclipped.fill(0));
      addClipped(output.output, targets, totals);
    },
    delta(output, targets, totals, out, share = 1) {
      const [, outputs] = matrix(output.output);
      const summed = outActivation === "softmax" ? share : share * outputs; // The library's is a mean over the outputs.
      base.delta(output, targets, unclipped.fill(0), out, summed);
      addClipped(output.output, targets, totals);
      return out;
    },
    objective: meanOf,
    mean: meanOf,
  };
}

function sumOfLogs({ data: a, shape, dtype }: Tensor, { values, weights }: BatchTargets): number {
  const [rows = 0, outputs = 0] = shape;
  const least = dtype === "float32" ? 2 ** -23 : Number.EPSILON;
  const logOf = (p: number) => -Math.log(Math.min(Math.max(p, least), 1 - least));
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    let ofRow = 0;
    if ("shape" in values) {
      for (let j = i * outputs; j < (i + 1) * outputs; j++) {
        const p = a[j] as number; // j is below the length.
        ofRow += logOf((values.data[j] as number) > 0.5 ? p : 1 - p);
      }
    } else {
      const label = values[i] as number; // There is one for each row.
      const p = a[outputs === 1 ? i : i * outputs + label] as number;
      ofRow = logOf(outputs === 1 && label === 0 ? 1 - p : p);
    }
    sum += ofRow * (weights?.[i] ?? 1);
  }
  return sum;
}

/**
 * Half the squared error. scikit-learn reports its mean over examples and outputs, and takes the gradient of its mean over the examples
 * alone, which for several outputs is another; so does this.
 */
export function halfSquaredError(): Loss {
  const base = squaredError({ factor: 0.5 });
  const mean = (totals: LossTotals, outputs: number) => meanOf(totals) / (2 * outputs);
  return { ...base, objective: mean, mean };
}
