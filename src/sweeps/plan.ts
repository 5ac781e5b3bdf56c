import { ConfigFormatError, InvalidArgumentError } from "../errors.js";
import type { TrainConfig } from "../runs/config/schema.js";
import { show } from "../system/expected.js";
import { createMonitor, type Monitor } from "../training/monitor.js";
import { MODERN } from "../training/presets.js";
import { type Rung, rungsOfHalving } from "./rungs.js";
import { withSettings } from "./setting-path.js";
import { combinationOfGrid, countCombinations, drawCombination } from "./space.js";
import type { SweepConfig } from "./sweep-specification.js";
import type { Settings, Trial } from "./trial.js";

/** What a sweep will do: a pure function of its configuration. */
export interface Plan {
  readonly trials: readonly Trial[];
  /** From the fewest epochs to the most. */
  readonly rungs: readonly Rung[];
  /** Whether a trial goes on to the next rung without waiting for the others, so that who goes on depends on the order of arrival. */
  readonly isAsynchronous: boolean;
  /** Of so many the best one goes on. */
  readonly factor: number;
  /** What varies, in the order of the configuration: the paths of settings, and `seed` where there are several. */
  readonly varied: readonly string[];
  /** The figure that trials are compared by, such as `validation.accuracy`. */
  readonly metric: string;
  readonly mode: "min" | "max";
}

/** More were meant to be fewer. */
export const MOST_TRIALS = 100_000;

/** scikit-learn's. */
const FACTOR = 3;

/** As `train` has it, and also that of random search. */
const SEED = 123;

/** As `train` has it. */
const EPOCHS = 50;

/**
 * The plan of a sweep. All combinations of settings come in the order of the configuration, the last parameter changing first, or as they
 * are drawn; each of them with one seed after the other. So a trial stays as it is when a random search is told to draw more.
 *
 * A metric that the training would not measure is put into the trials' `metrics`.
 *
 * @param config As `readSweepConfig` or `parseSweepConfig` has checked it.
 * @throws ConfigFormatError when a path leads nowhere, when there is no such metric, or when there are too many trials.
 */
export function planSweep(config: SweepConfig): Plan {
  const { train } = config;
  const monitor = monitorOf(config);
  return planTrials(
    { mode: monitor.mode, ...config, seeds: config.seeds ?? [train.seed ?? SEED], metric: monitor.figure },
    (combination) => {
      const settled = withMetric(withSettings(train, combination), monitor.figure);
      return { ...settled, epochs: epochsOf(settled) };
    },
  );
}

/** What a plan is made of, whatever its trials are. */
export interface PlanOptions extends Omit<SweepConfig, "train"> {
  readonly metric: string;
  readonly mode: "min" | "max";
}

/**
 * The plan of trials that a function tells the configurations of.
 *
 * @param configOf What a combination of settings leads to, but for the seed; with `epochs`.
 * @throws ConfigFormatError when there are too many trials.
 */
export function planTrials(
  options: PlanOptions,
  configOf: (combination: Settings) => TrainConfig & { readonly epochs: number },
): Plan {
  const { parameters, seeds = [SEED], halving, metric, mode } = options;
  const hasSeeds = seeds.length > 1;
  let epochs = 0;
  const trials = combinations(options).flatMap((combination, i) => {
    const config = configOf(combination);
    epochs = Math.max(epochs, config.epochs);
    return seeds.map((seed, j): Trial => {
      const settings = hasSeeds ? { ...combination, seed } : combination;
      return { number: i * seeds.length + j, settings, seed, config: { ...config, seed } };
    });
  });
  const factor = halving?.factor ?? FACTOR;
  return {
    trials,
    rungs:
      halving === undefined
        ? [{ epochs, trials: trials.length }]
        : rungsOfHalving({ trials: trials.length, minEpochs: halving.minEpochs ?? 1, epochs, factor }),
    isAsynchronous: halving?.type === "asynchronous",
    factor,
    varied: [...Object.keys(parameters), ...(hasSeeds ? ["seed"] : [])],
    metric,
    mode,
  };
}

function combinations({
  parameters,
  search,
  seeds = [SEED],
}: Pick<SweepConfig, "parameters" | "search" | "seeds">): readonly Settings[] {
  const isRandom = search?.type === "random";
  const count = isRandom ? search.trials : countCombinations(parameters);
  if (count * seeds.length > MOST_TRIALS) {
    throw new ConfigFormatError(
      `expected at most ${MOST_TRIALS} trials but there are ${count * seeds.length}; ${isRandom ? "lower search.trials" : "list fewer values, or draw some of the combinations by search: { type: random, trials: 100 }"}.`,
    );
  }
  return Array.from({ length: count }, (_, i) =>
    isRandom
      ? drawCombination(parameters, { seed: search.seed ?? SEED, combination: i })
      : combinationOfGrid(parameters, i),
  );
}

/** How many epochs a trial has: those of its configuration, or the default of its preset or of `train`. */
function epochsOf({ epochs, preset }: TrainConfig): number {
  return epochs ?? (preset === "modern" ? MODERN.epochs : EPOCHS);
}

/** What reads the metric, and knows whether more of it is better. */
function monitorOf({ metric }: SweepConfig): Monitor {
  try {
    return createMonitor({ monitor: metric });
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    const isOfTest = typeof metric === "string" && metric.startsWith("test.");
    throw new ConfigFormatError(
      isOfTest
        ? `expected a figure of validation or train for metric but received ${show(metric)}; the test set tells how good a model is only where nothing was chosen by it.`
        : error.message
            .replace(/^Expected/, "expected")
            .replace(/^There/, "there")
            .replace("for monitor", "for metric")
            .replace(/ For a metric of your own,.*$/, ""), // There is no way to bring one.
      { cause: error },
    );
  }
}

/** A figure that is measured only where it is asked for. */
function withMetric(config: TrainConfig, figure: string): TrainConfig {
  const name = figure.slice(figure.indexOf(".") + 1);
  const { metrics = [] } = config;
  const isMeasured =
    name === "loss" || name === "accuracy" || !Array.isArray(metrics) || metrics.includes(name);
  return isMeasured ? config : { ...config, metrics: [...metrics, name] };
}
