import type { LossKind, LossOutput } from "../../backend/operations/losses.js";
import type { BatchTargets } from "../../tensor/batch.js";
import { lossOf } from "../../tensor/losses.js";
import { matrix, type Tensor } from "../../tensor/tensor.js";
import type { OutputSlot } from "../layer.js";
import type { Loss, LossTotals } from "./loss.js";
import type { LossSpecification } from "./specification.js";

/** A loss that the backend has a kernel for. */
interface KernelLoss {
  readonly specification: LossSpecification;
  readonly name: string;
  /** Default: the specification's type. */
  readonly kind?: LossKind;
  readonly outputs: Loss["outputs"];
  readonly targets: Loss["targets"];
  readonly readsLogits?: boolean;
  readonly smoothing?: number;
  readonly threshold?: number;
  /** What the sum over an example's outputs is multiplied by. */
  factor(outputs: number): number;
  /** The same for what is reported. Default: the same. */
  reported?(outputs: number): number;
}

export function kernelLoss(loss: KernelLoss): Loss {
  const { specification, name, outputs, targets, readsLogits = false, factor, reported = factor } = loss;
  const { smoothing = 0, threshold = 1 } = loss;
  const kind = loss.kind ?? (specification.type as LossKind);
  const run = (
    output: OutputSlot,
    batch: BatchTargets,
    totals: LossTotals,
    scale: number,
    delta: Tensor | null,
  ) => {
    const { output: a, preactivation, activation } = output;
    lossOf(a, batch, {
      kind,
      output: activation as LossOutput, // The network has checked that they pair.
      z: readsLogits ? (preactivation ?? a) : null,
      smoothing,
      threshold,
      scale,
      totals,
      delta,
    });
  };
  return {
    specification,
    name,
    outputs,
    targets,
    hasAccuracy: (ofTargets) => ofTargets === "classes" || kind === "binaryCrossEntropy",
    readsLogits,
    add: (output, batch, totals) => run(output, batch, totals, 0, null),
    delta(output, batch, totals, out, share = 1) {
      const [examples, width] = matrix(output.output);
      const weight = batch.divisor ?? (batch.weights === undefined ? examples : sum(batch.weights));
      const scale = weight === 0 ? 0 : (share * factor(width)) / weight;
      run(output, batch, totals, scale, out);
      return out;
    },
    objective: ([total = 0, , weight = 0], width) => (total * factor(width)) / weight,
    mean: ([total = 0, , weight = 0], width) => (total * reported(width)) / weight,
  };
}

function sum(weights: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i] as number; // i is below the length.
  return total;
}
