import { expectThat } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { Callback } from "../callback.js";
import { createMonitor, type MonitorOptions } from "../monitor.js";

export interface StopAtThresholdOptions extends MonitorOptions {
  /** The figure that is good enough: reached from above with the mode `min`, from below with `max`. */
  readonly threshold: number;
}

const OPTIONS: KnownOptions<StopAtThresholdOptions> = { monitor: true, mode: true, threshold: true };

/**
 * Ends a training after the epoch in which a figure gets as good as it has to be: `{ monitor: "validation.accuracy", threshold: 0.98 }`.
 *
 * @throws InvalidArgumentError when there is no such option, or when one is out of range.
 */
export function stopAtThreshold(options: StopAtThresholdOptions): Callback {
  requireKnownOptions("stopAtThreshold", options, OPTIONS, "{ threshold: 0.1 }");
  const { threshold } = options;
  const monitor = createMonitor(options);
  expectThat(Number.isFinite(threshold), "a finite number", "threshold", threshold);
  return {
    onEpochEnd({ history, control }) {
      const value = monitor.read(history);
      if (value === threshold || monitor.isBetter(value, threshold)) {
        control.stop(`${monitor.figure} has reached ${threshold}`);
      }
    },
  };
}
