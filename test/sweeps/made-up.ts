import type { Plan } from "../../src/sweeps/plan.js";
import type { Outcome, Settings, Trial } from "../../src/sweeps/trial.js";

/** Settings of a trial, and its seed where seeds vary. */
export type MadeUpTrial = Settings & { readonly seed?: number };

export interface MadeUpPlan {
  readonly trials: readonly MadeUpTrial[];
  /** Epochs at the end of each rung. Default: one rung of 9. */
  readonly rungs?: readonly number[];
  readonly metric?: string;
  readonly mode?: "min" | "max";
}

/** A plan with these trials, whose training is of synthetic digits. */
export function madeUpPlan({
  trials,
  rungs = [9],
  metric = "validation.loss",
  mode = "min",
}: MadeUpPlan): Plan {
  const factor = 3;
  return {
    trials: trials.map(({ seed = 1, ...settings }, number): Trial => {
      // What a configuration file may say, too little to be a whole one: nobody trains it.
      const config = { dataset: "synthetic", ...settings, seed, epochs: rungs.at(-1) } as Trial["config"];
      return { number, settings, seed, config };
    }),
    rungs: rungs.map((epochs, rung) => ({
      epochs,
      trials: Math.max(1, Math.floor(trials.length / factor ** rung)),
    })),
    isAsynchronous: false,
    factor,
    varied: [
      ...Object.keys(trials[0] ?? {}).filter((name) => name !== "seed"),
      ...(trials.some(({ seed }) => seed !== undefined) ? ["seed"] : []),
    ],
    metric,
    mode,
  };
}

/** What has come of a trial, by its number. */
export function trained(trial: number, value: number | null, more: Partial<Outcome> = {}): Outcome {
  return {
    trial,
    rung: 0,
    state: "trained",
    epochs: 9,
    value,
    figures: {
      "validation.loss": value,
      "validation.accuracy": 0.9,
      "test.loss": value,
      "test.accuracy": 0.8,
    },
    seconds: 2,
    ...more,
  };
}

export function failed(trial: number, reason: string, more: Partial<Outcome> = {}): Outcome {
  return {
    trial,
    rung: 0,
    state: "failed",
    epochs: 0,
    value: null,
    figures: {},
    reason,
    seconds: 0.5,
    ...more,
  };
}
