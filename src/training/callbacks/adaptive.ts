import { expectThat, expectWholeNumber } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { Callback } from "../callback.js";
import { createMonitor, type MonitorOptions } from "../monitor.js";
import { readSaved } from "../saved-state.js";
import { requireLearningRate } from "./learning-rate.js";

export interface AdaptiveOptions extends MonitorOptions {
  /** As {@link MonitorOptions.monitor}. Default: `train.loss`, as without scikit-learn's `early_stopping`. */
  readonly monitor?: string | undefined;
  /** The least gain, a number of at least 0. Default: 1e-4. */
  readonly tol?: number | undefined;
  /** How many epochs in a row may go by without a gain, a whole number of at least 1; the next one divides the rate. Default: 10. */
  readonly nIterNoChange?: number | undefined;
}

const OPTIONS: KnownOptions<AdaptiveOptions> = { monitor: true, mode: true, tol: true, nIterNoChange: true };

const DIVISOR = 5;
/** With a learning rate as low as this, there is nothing more to be gained. */
const LOWEST = 1e-6;

const NAME = "adaptive";

/**
 * Divides the learning rate by 5 when a figure makes no gain any more, and ends the training when it would do so with a rate of at most
 * 1e-6: scikit-learn's `learning_rate="adaptive"`, as its program does it (its manual says two epochs, whatever `n_iter_no_change` is).
 * The figure is measured after an epoch, where scikit-learn's is the mean over its minibatches.
 *
 * @throws InvalidArgumentError when there is no such option, or when one is out of range.
 */
export function adaptive(options: AdaptiveOptions = {}): Callback {
  requireKnownOptions(NAME, options, OPTIONS, "{ tol: 1e-4 }");
  const { tol = 1e-4, nIterNoChange = 10 } = options;
  const monitor = createMonitor({ ...options, monitor: options.monitor ?? "train.loss" });
  expectThat(Number.isFinite(tol) && tol >= 0, "a number of at least 0", "tol", tol);
  expectWholeNumber("nIterNoChange", nIterNoChange);
  const name = `${NAME} by ${monitor.figure}`;
  let best = monitor.worst;
  let wait = 0;
  return {
    name,
    onTrainBegin(context) {
      requireLearningRate(NAME, context);
      best = monitor.worst;
      wait = 0;
    },
    onEpochEnd({ history, learningRate, control }) {
      const value = monitor.read(history);
      const gain = monitor.mode === "min" ? value <= best - tol : value >= best + tol;
      wait = gain ? 0 : wait + 1;
      if (monitor.isBetter(value, best)) best = value;
      if (wait <= nIterNoChange) return;
      if (learningRate <= LOWEST) {
        control.stop(`${monitor.figure} makes no gain, and the learning rate is down to ${learningRate}`);
        return;
      }
      control.scaleLearningRate(1 / DIVISOR);
      wait = 0;
    },
    save: () => ({ best: best === monitor.worst ? null : best, wait }),
    restore(saved) {
      const fields = readSaved(name, saved);
      best = fields.numberOrNone("best") ?? monitor.worst;
      wait = fields.number("wait");
    },
  };
}
