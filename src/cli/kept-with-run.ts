import { performance } from "node:perf_hooks";
import type { FloatArray } from "../backend/backend.js";
import { ResumeError } from "../errors.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { assign, type Tensor, toArray } from "../tensor/tensor.js";
import type { Callback } from "../training/callback.js";
import { learnedTensors } from "../training/model-file.js";

// What the command keeps of a run between its interruptions, in the checkpoints.

/** The network as it was after the last whole epoch, running means and the like included: what an interrupted run has as its model. */
export function keepLastEpoch(network: MultilayerPerceptron): {
  readonly callback: Callback;
  restoreNetwork(): void;
} {
  const tensors = learnedTensors(network).map(({ value }) => value);
  let kept: readonly FloatArray[] = tensors.map(toArray);
  /** Whether the network still is what it was then. */
  let isCurrent = true;
  const take = () => {
    kept = tensors.map(toArray);
    isCurrent = true;
  };
  return {
    callback: {
      name: "last epoch",
      onTrainBegin: take,
      // Not by the step: a full-batch optimizer has none.
      onEpochBegin() {
        isCurrent = false;
      },
      onEpochEnd: take,
      save: () => (isCurrent ? null : kept),
      restore(saved) {
        if (saved === null) return;
        const isKept =
          Array.isArray(saved) &&
          saved.length === tensors.length &&
          tensors.every(({ data }, i) => saved[i]?.constructor === data.constructor);
        if (!isKept) throw damaged();
        kept = saved as readonly FloatArray[];
        isCurrent = false;
      },
    },
    restoreNetwork() {
      for (const [i, numbers] of kept.entries()) assign(tensors[i] as Tensor, numbers); // One for each.
    },
  };
}

/**
 * How long a run has taken, with what it took before it was interrupted.
 *
 * @param start By `performance.now()`.
 */
export function keepTime(start: number): { readonly callback: Callback; readonly seconds: number } {
  let before = 0;
  const seconds = () => before + (performance.now() - start) / 1000;
  return {
    callback: {
      name: "time",
      save: seconds,
      restore(saved) {
        if (typeof saved !== "number") throw damaged();
        before = saved;
      },
    },
    get seconds() {
      return seconds();
    },
  };
}

function damaged(): ResumeError {
  return new ResumeError("The checkpoint is damaged: what it says of the run so far cannot be read.");
}
