import { expectThat } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { expectGamma } from "./decay.js";
import { checkLearningRate, type Schedule } from "./schedule.js";
import { expectLength, expectUnit, type ScheduleUnit } from "./time.js";

const MODES = ["triangular", "triangular2", "expRange"] as const;

export interface CyclicalOptions {
  /** The lowest learning rate, above 0 and at most the peak. Default: a quarter of the peak, the paper's advice. */
  readonly base?: number | undefined;
  /** How long each rise takes, above 0. Default: 2000. */
  readonly stepSizeUp?: number | undefined;
  /** How long each fall takes, above 0. Default: as long as the rise. */
  readonly stepSizeDown?: number | undefined;
  /**
   * How high it rises: `triangular` always to the peak; `triangular2` in each cycle half as far above the base; `expRange` by gamma^t less
   * far after t steps. Default: `triangular`.
   */
  readonly mode?: (typeof MODES)[number] | undefined;
  /** Of `expRange`, above 0 and at most 1. Default: 1. */
  readonly gamma?: number | undefined;
  /** What `stepSizeUp`, `stepSizeDown` and the exponent of `gamma` count. Default: `step`. */
  readonly unit?: ScheduleUnit | undefined;
}

export const CYCLICAL_OPTIONS: KnownOptions<CyclicalOptions> = {
  base: true,
  stepSizeUp: true,
  stepSizeDown: true,
  mode: true,
  gamma: true,
  unit: true,
};

/**
 * Rises in a line from a base to a peak and falls back, again and again: L. Smith, "Cyclical learning rates for training neural networks",
 * WACV 2017. PyTorch's `CyclicLR`, but momentum stays as it is.
 *
 * @param peak The highest learning rate, a finite number above 0.
 * @throws InvalidArgumentError when there is no such option, or when an argument is out of range.
 */
export function cyclical(peak: number, options: CyclicalOptions = {}): Schedule {
  checkLearningRate(peak);
  requireKnownOptions("cyclical", options, CYCLICAL_OPTIONS, "{ stepSizeUp: 2000 }");
  const { base = peak / 4, stepSizeUp = 2000, stepSizeDown = stepSizeUp } = options;
  const { mode = "triangular", gamma = 1, unit = "step" } = options;
  const isBase = typeof base === "number" && base > 0 && base <= peak;
  expectThat(isBase, `a learning rate above 0 and at most the peak, ${peak},`, "base", base);
  expectLength("stepSizeUp", stepSizeUp);
  expectLength("stepSizeDown", stepSizeDown);
  expectThat(MODES.includes(mode), `one of ${MODES.join(", ")}`, "mode", mode);
  expectGamma(gamma);
  expectUnit(unit);
  const period = stepSizeUp + stepSizeDown;
  return ({ step, stepsPerEpoch }) => {
    const time = unit === "epoch" ? step / stepsPerEpoch : step;
    const cycle = Math.floor(time / period);
    const within = Math.max(0, time - cycle * period);
    const height = within <= stepSizeUp ? within / stepSizeUp : Math.max(0, period - within) / stepSizeDown;
    const scale = mode === "triangular" ? 1 : mode === "triangular2" ? 0.5 ** cycle : gamma ** time;
    return base + (peak - base) * height * scale;
  };
}
