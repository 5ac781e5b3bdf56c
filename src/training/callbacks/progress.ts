import { expectFunction, expectThat } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { Callback, TrainingContext } from "../callback.js";
import type { Progress } from "./reporting.js";

export interface ProgressOptions {
  /** How long it is silent after each report during an epoch, a number of milliseconds of at least 0. Default: 50. */
  readonly everyMilliseconds?: number | undefined;
}

const OPTIONS: KnownOptions<ProgressOptions> = { everyMilliseconds: true };

/**
 * Tells how far a training is: from time to time during an epoch, and when one is finished.
 *
 * @throws InvalidArgumentError when there is no such option, or when an argument is out of range.
 */
export function progress(report: (progress: Progress) => void, options: ProgressOptions = {}): Callback {
  expectFunction("the first argument of progress", report);
  requireKnownOptions("progress", options, OPTIONS, "{ everyMilliseconds: 500 }");
  const { everyMilliseconds: pause = 50 } = options;
  expectThat(Number.isFinite(pause) && pause >= 0, "a number of at least 0", "everyMilliseconds", pause);
  let last = Number.NEGATIVE_INFINITY;
  const tell = ({ epoch, epochs, examples, examplesPerEpoch }: TrainingContext, now: number) => {
    last = now;
    report({ epoch, epochs, examples, examplesPerEpoch });
  };
  return {
    readsGradients: false,
    onTrainBegin() {
      last = Number.NEGATIVE_INFINITY;
    },
    onStepEnd(context) {
      const now = performance.now();
      if (now - last >= pause) tell(context, now);
    },
    onEpochEnd: (context) => tell(context, performance.now()),
  };
}
