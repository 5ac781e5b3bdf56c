import { expectThat } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { Callback } from "../callback.js";
import { createMonitor, type Monitor, type MonitorOptions } from "../monitor.js";
import { readSaved } from "../saved-state.js";
import { LEAST_RATE } from "../schedules/schedule.js";
import { requireLearningRate } from "./learning-rate.js";

export interface ReduceOnPlateauOptions extends MonitorOptions {
  /** What the learning rate is multiplied by, above 0 and below 1. Default: 0.1. */
  readonly factor?: number | undefined;
  /** How many epochs in a row may go by without a gain, a whole number of at least 0; the next one reduces the rate. Default: 10. */
  readonly patience?: number | undefined;
  /** How large a gain has to be, a number of at least 0. Default: 1e-4. */
  readonly threshold?: number | undefined;
  /** Whether `threshold` is a share of the best figure, `rel`, or a difference from it, `abs`. Default: `rel`. */
  readonly thresholdMode?: "rel" | "abs" | undefined;
  /** How many epochs after a reduction are no lack of gain, a whole number of at least 0. Default: 0. */
  readonly cooldown?: number | undefined;
  /** The learning rate that none goes below, of at least 0. With a schedule, it is that of an epoch's last step which counts. Default: 0. */
  readonly minLr?: number | undefined;
  /** What a reduction has to be larger than, or it is left out. Default: 1e-8. */
  readonly eps?: number | undefined;
}

const OPTIONS: KnownOptions<ReduceOnPlateauOptions> = {
  monitor: true,
  mode: true,
  factor: true,
  patience: true,
  threshold: true,
  thresholdMode: true,
  cooldown: true,
  minLr: true,
  eps: true,
};

const NAME = "reduceOnPlateau";

/**
 * Reduces the learning rate when a figure makes no gain any more, as PyTorch's `ReduceLROnPlateau` does, with its defaults. It goes with
 * any schedule: the rates of all steps to come are multiplied.
 *
 * @throws InvalidArgumentError when there is no such option, or when one is out of range.
 */
export function reduceOnPlateau(options: ReduceOnPlateauOptions = {}): Callback {
  requireKnownOptions(NAME, options, OPTIONS, "{ factor: 0.5, patience: 3 }");
  const { factor = 0.1, patience = 10, threshold = 1e-4, cooldown = 0, minLr = 0, eps = 1e-8 } = options;
  const { thresholdMode = "rel" } = options;
  const monitor = createMonitor(options);
  const isFactor = typeof factor === "number" && factor > 0 && factor < 1;
  expectThat(isFactor, "a number above 0 and below 1", "factor", factor);
  for (const [name, value] of Object.entries({ patience, cooldown })) {
    expectThat(Number.isInteger(value) && value >= 0, "a whole number of at least 0", name, value);
  }
  for (const [name, value] of Object.entries({ threshold, minLr, eps })) {
    expectThat(Number.isFinite(value) && value >= 0, "a number of at least 0", name, value);
  }
  const isMode = thresholdMode === "rel" || thresholdMode === "abs";
  expectThat(isMode, '"rel" or "abs"', "thresholdMode", thresholdMode);
  const floor = Math.max(minLr, LEAST_RATE); // Which no factor takes to 0, where there is no step any more.
  const name = `${NAME} of ${monitor.figure}`;
  let state = beginning();
  return {
    name,
    onTrainBegin(context) {
      requireLearningRate(NAME, context);
      state = beginning();
    },
    onEpochEnd({ history, learningRate, control }) {
      const value = monitor.read(history);
      if (isGain(value, state.best, monitor, threshold, thresholdMode)) {
        state.best = value;
        state.wait = 0;
      } else {
        state.wait += 1;
      }
      if (state.cooldown > 0) {
        state.cooldown -= 1;
        state.wait = 0;
      }
      if (state.wait <= patience) return;
      state.cooldown = cooldown;
      state.wait = 0;
      const reduced = Math.max(learningRate * factor, floor);
      if (learningRate - reduced <= eps) return;
      // The factor itself, where it is that: a quotient would be rounded once more.
      control.scaleLearningRate(reduced > floor ? factor : reduced / learningRate);
    },
    save() {
      const { best, wait, cooldown } = state;
      return { best: best ?? null, wait, cooldown };
    },
    restore(saved) {
      const fields = readSaved(name, saved);
      state = {
        best: fields.numberOrNone("best"),
        wait: fields.number("wait"),
        cooldown: fields.number("cooldown"),
      };
    },
  };
}

interface State {
  best: number | undefined;
  /** Epochs since the last gain. */
  wait: number;
  /** Epochs that are still none of these. */
  cooldown: number;
}

function beginning(): State {
  return { best: undefined, wait: 0, cooldown: 0 };
}

function isGain(
  value: number,
  best: number | undefined,
  monitor: Monitor,
  threshold: number,
  thresholdMode: "rel" | "abs",
): boolean {
  if (best === undefined) return monitor.isBetter(value, monitor.worst);
  if (thresholdMode === "abs") return monitor.isBetter(value, best, threshold);
  return monitor.isBetter(value, best * (monitor.mode === "min" ? 1 - threshold : 1 + threshold));
}
