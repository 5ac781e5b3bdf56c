import type { Plan } from "../../sweeps/plan.js";
import type { SweepConfig } from "../../sweeps/sweep-config.js";
import type { Outcome } from "../../sweeps/trial.js";
import type { NamedRun } from "../figures/convergence.js";

/** All that a page tells of a sweep, begun or finished. */
export interface ReportedSweep {
  readonly name: string;
  readonly config: Pick<SweepConfig, "search" | "halving">;
  readonly plan: Plan;
  /** In the order in which they came. */
  readonly outcomes: readonly Outcome[];
  /** Whether all of it has come to its end. */
  readonly isFinished: boolean;
  /** The run's folder of a trial, as a command can have it. */
  trialFolder(trial: number): string;
  /** Of the best trials, best first. */
  readonly curves: readonly SweepCurve[];
  /** Whole sentences about what could not be had. */
  readonly notices: readonly string[];
}

/** How the training of a trial went. */
export interface SweepCurve extends NamedRun {
  readonly lossName: string;
  readonly hasAccuracy: boolean;
}
