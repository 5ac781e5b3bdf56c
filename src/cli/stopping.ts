import type { Callback } from "../training/callback.js";
import {
  type EarlyStopping,
  type EarlyStoppingOptions,
  earlyStopping,
} from "../training/callbacks/early-stopping.js";
import { type ReduceOnPlateauOptions, reduceOnPlateau } from "../training/callbacks/reduce-on-plateau.js";
import { timeLimit } from "../training/callbacks/time-limit.js";
import { createMonitor } from "../training/monitor.js";

/** What may end a training before its last epoch, or change its course; as config.json keeps it. */
export interface StoppingSettings {
  /** The figure that the next two go by. */
  readonly monitor?: string;
  readonly earlyStopping?: Omit<EarlyStoppingOptions, "monitor" | "mode">;
  readonly reduceOnPlateau?: Omit<ReduceOnPlateauOptions, "monitor" | "mode">;
  /** Seconds. */
  readonly timeLimit?: number;
}

export interface Stopping {
  readonly callbacks: readonly Callback[];
  /** Knows the best epoch. */
  readonly early: EarlyStopping | undefined;
}

/**
 * The callbacks that were asked for.
 *
 * @throws InvalidArgumentError when a setting is out of range.
 */
export function createStopping(settings: StoppingSettings): Stopping {
  const { monitor } = settings;
  const by = monitor === undefined ? {} : { monitor };
  createMonitor(by); // It may be there for the best checkpoint alone.
  const early = settings.earlyStopping && earlyStopping({ ...by, ...settings.earlyStopping });
  const all = [
    settings.reduceOnPlateau && reduceOnPlateau({ ...by, ...settings.reduceOnPlateau }),
    early,
    settings.timeLimit === undefined ? undefined : timeLimit(settings.timeLimit),
  ];
  return { callbacks: all.filter((callback) => callback !== undefined), early };
}
