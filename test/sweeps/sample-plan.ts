import type { Plan } from "../../src/sweeps/plan.js";
import { type HalvingOptions, rungsOfHalving } from "../../src/sweeps/rungs.js";
import type { Outcome } from "../../src/sweeps/trial.js";

/** A plan whose trials differ in their learning rate, and of which the one with the lowest loss is the best. */
export function samplePlan({
  isAsynchronous = false,
  ...halving
}: HalvingOptions & { readonly isAsynchronous?: boolean }): Plan {
  return {
    trials: Array.from({ length: halving.trials }, (_, number) => {
      const settings = { learningRate: 1 / (number + 1) };
      return { number, settings, seed: 1, config: { ...settings, seed: 1, epochs: halving.epochs } };
    }),
    rungs: rungsOfHalving(halving),
    isAsynchronous,
    factor: halving.factor,
    varied: ["learningRate"],
    metric: "validation.loss",
    mode: "min",
  };
}

/** An outcome of a trial that was trained. */
export function outcome(about: Pick<Outcome, "trial" | "value"> & Partial<Outcome>): Outcome {
  return {
    rung: 0,
    state: "trained",
    epochs: 1,
    figures: { "validation.loss": about.value },
    seconds: 1,
    ...about,
  };
}
