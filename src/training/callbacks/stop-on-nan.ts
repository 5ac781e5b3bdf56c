import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { Callback } from "../callback.js";
import { createMonitor, type MonitorOptions } from "../monitor.js";

export type StopOnNaNOptions = Pick<MonitorOptions, "monitor">;

const OPTIONS: KnownOptions<StopOnNaNOptions> = { monitor: true };

/**
 * Ends a training after the epoch in which a figure is no finite number: on data that it does not learn from, or a figure other than the
 * loss. Where the loss of a minibatch is none, `fit` throws a `TrainingDivergedError` by itself.
 *
 * @param options Default of `monitor`: `train.loss`.
 * @throws InvalidArgumentError when there is no such option or figure.
 */
export function stopOnNaN(options: StopOnNaNOptions = {}): Callback {
  requireKnownOptions("stopOnNaN", options, OPTIONS, '{ monitor: "validation.loss" }');
  const { monitor = "train.loss" } = options;
  const { read, figure } = createMonitor({ monitor, mode: "min" }); // Neither direction matters.
  return {
    onEpochEnd({ history, control }) {
      const value = read(history);
      if (!Number.isFinite(value)) control.stop(`${figure} is ${value}`);
    },
  };
}
