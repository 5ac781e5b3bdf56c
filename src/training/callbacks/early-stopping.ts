import { expectBoolean, expectThat, expectWholeNumber } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { Callback } from "../callback.js";
import type { EpochMetrics } from "../history.js";
import { createMonitor, type Monitor, type MonitorOptions } from "../monitor.js";
import { readSaved } from "../saved-state.js";
import { copyWeights, putWeights, type Weights } from "../weights.js";

export interface EarlyStoppingOptions extends MonitorOptions {
  /**
   * How many epochs in a row may go by without a gain, a whole number of at least 1; the last of them ends the training. `Infinity`: it
   * is never ended, and only its best weights are kept. Default: 10.
   */
  readonly patience?: number | undefined;
  /** What a gain has to be larger than, a number of at least 0. Default: 0. */
  readonly minDelta?: number | undefined;
  /** The first epoch that is looked at, counted from 1. Those before are no one's best. Default: 1. */
  readonly startFromEpoch?: number | undefined;
  /** A figure that has to be surpassed within the epochs of `patience`, too. Default: none. */
  readonly baseline?: number | undefined;
  /**
   * Whether the network ends with the weights, running means and the like that it had after the best epoch, instead of the last; also
   * where the training comes to its end. Default: `true`, as few want the weights of the epochs that were too many; Keras's is `false`.
   */
  readonly restoreBestWeights?: boolean | undefined;
}

const OPTIONS: KnownOptions<EarlyStoppingOptions> = {
  monitor: true,
  mode: true,
  patience: true,
  minDelta: true,
  startFromEpoch: true,
  baseline: true,
  restoreBestWeights: true,
};

/** A {@link Callback} that knows the best epoch. */
export interface EarlyStopping extends Callback {
  /** As {@link MonitorOptions.monitor} has it. */
  readonly figure: string;
  /** The epoch with the best figure so far, the first of several; `undefined` before there is one. */
  readonly bestEpoch: number | undefined;
  /** Its figure. */
  readonly bestValue: number | undefined;
  /** All that the network had learned by then; `undefined` without `restoreBestWeights`. */
  readonly bestWeights: Weights | undefined;
}

/**
 * Ends a training that makes no gain any more, by a figure on data that it does not learn from.
 *
 * As Keras's `EarlyStopping`, but that the best weights are those of the best figure, by however little it is better: `minDelta` only
 * decides whether there is any patience left.
 *
 * @throws InvalidArgumentError when there is no such option, or when one is out of range.
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): EarlyStopping {
  requireKnownOptions("earlyStopping", options, OPTIONS, "{ patience: 5 }");
  const { patience = 10, minDelta = 0, startFromEpoch = 1, baseline, restoreBestWeights = true } = options;
  const monitor = createMonitor(options);
  if (patience !== Number.POSITIVE_INFINITY) expectWholeNumber("patience", patience);
  expectThat(Number.isFinite(minDelta) && minDelta >= 0, "a number of at least 0", "minDelta", minDelta);
  expectWholeNumber("startFromEpoch", startFromEpoch);
  expectThat(baseline === undefined || Number.isFinite(baseline), "a finite number", "baseline", baseline);
  expectBoolean("restoreBestWeights", restoreBestWeights);
  const name = `earlyStopping of ${monitor.figure}`;
  let state = beginning();
  return {
    name,
    figure: monitor.figure,
    get bestEpoch() {
      return state.best?.epoch;
    },
    get bestValue() {
      return state.best?.value;
    },
    get bestWeights() {
      return state.weights;
    },
    onTrainBegin() {
      state = beginning();
    },
    onEpochEnd({ history, network, control }) {
      const { epoch } = history.at(-1) as EpochMetrics;
      const value = monitor.read(history);
      if (epoch < startFromEpoch) return;
      if (monitor.isBetter(value, state.best?.value ?? monitor.worst)) {
        state.best = { epoch, value };
        if (restoreBestWeights) state.weights = copyWeights(network);
      }
      state.wait += 1;
      if (monitor.isBetter(value, state.reference ?? monitor.worst, minDelta)) {
        state.reference = value;
        if (baseline === undefined || monitor.isBetter(value, baseline)) state.wait = 0;
      }
      if (state.wait < patience) return;
      const best = state.weights === undefined ? epoch : state.best?.epoch;
      const kept = best === epoch ? "" : `; the weights of epoch ${best} are kept`;
      control.stop(`${lackOfGain(monitor, state.wait, minDelta)}${kept}`);
    },
    onTrainEnd({ network }) {
      if (state.weights !== undefined) putWeights(network, state.weights);
    },
    save() {
      const { best, weights, reference, wait } = state;
      return {
        bestEpoch: best?.epoch ?? null,
        bestValue: best?.value ?? null,
        reference: reference ?? null,
        wait,
        weights: weights === undefined ? null : Object.fromEntries(weights),
      };
    },
    restore(saved) {
      const fields = readSaved(name, saved);
      const [epoch, value] = [fields.numberOrNone("bestEpoch"), fields.numberOrNone("bestValue")];
      state = {
        best: epoch === undefined || value === undefined ? undefined : { epoch, value },
        weights: fields.arraysOrNone("weights"),
        reference: fields.numberOrNone("reference"),
        wait: fields.number("wait"),
      };
    },
  };
}

interface State {
  best: { readonly epoch: number; readonly value: number } | undefined;
  weights: Weights | undefined;
  /** The figure that the next gain is counted from. */
  reference: number | undefined;
  /** Epochs since the last gain. */
  wait: number;
}

function beginning(): State {
  return { best: undefined, weights: undefined, reference: undefined, wait: 0 };
}

/** `validation.loss has not fallen for 5 epochs`. */
function lackOfGain({ figure, mode }: Monitor, epochs: number, minDelta: number): string {
  const moved = mode === "min" ? "fallen" : "risen";
  const least = minDelta === 0 ? "" : ` by more than ${minDelta}`;
  return `${figure} has not ${moved}${least} for ${epochs === 1 ? "an epoch" : `${epochs} epochs`}`;
}
