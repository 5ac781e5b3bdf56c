import { expectFunction, expectThat } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { Schedule, ScheduleTime } from "./schedule.js";
import { expectLength, expectUnit, inSteps, type ScheduleUnit, stepsInAll } from "./time.js";

export interface WarmUpOptions {
  /** How long the rate rises: a whole number of steps, below 1 a share of all steps; with the unit `epoch` any number of epochs. */
  readonly length: number;
  /** Default: `step`. */
  readonly unit?: ScheduleUnit | undefined;
  /**
   * The share of the schedule's first rate that it starts from, above 0 and at most 1. Default: 1 / (w + 1) for w steps, so that the schedule
   * itself is the next step of the rise.
   */
  readonly start?: number | undefined;
}

export const WARM_UP_SETTINGS: KnownOptions<WarmUpOptions> = { length: true, unit: true, start: true };

/**
 * Rises in a line to the first rate of a schedule, which begins after it: its steps and epochs are counted from there, and what is left of
 * the training is all that it knows of. With w steps, before the step number t from 0, where t < w:
 *
 *     rate (start + (1 - start) t / w)
 *
 * P. Goyal et al., "Accurate, large minibatch SGD: Training ImageNet in 1 hour", 2017. PyTorch's `LinearLR` and the schedule, one after the
 * other by `SequentialLR`.
 *
 * @param schedule Any other.
 * @throws InvalidArgumentError when there is no such option, or when an argument is out of range.
 */
export function warmUp(schedule: Schedule, options: WarmUpOptions): Schedule {
  expectFunction("schedule", schedule);
  requireKnownOptions("warmUp", options, WARM_UP_SETTINGS, "{ length: 0.1 }");
  const { length, unit = "step", start } = options;
  expectUnit(unit);
  if (unit === "epoch") expectLength("length", length);
  else expectWarmUp("length", length);
  const isShare = start === undefined || (typeof start === "number" && start > 0 && start <= 1);
  expectThat(isShare, "a number above 0 and at most 1", "start", start);
  return (at) => {
    const rising = stepsToRise(length, unit, at);
    const rate = schedule(timeAfter(at, rising));
    if (at.step >= rising) return rate;
    if (start === undefined) return (rate * (at.step + 1)) / (rising + 1);
    return rate * (start + ((1 - start) * at.step) / rising);
  };
}

/** Whether a share of all steps was meant by the length of a warm-up. */
export function isShareOfSteps({ length, unit = "step" }: WarmUpOptions): boolean {
  return unit === "step" && length > 0 && length < 1;
}

export function expectWarmUp(name: string, length: unknown): void {
  const isLength = typeof length === "number" && length >= 0 && (length < 1 || Number.isSafeInteger(length));
  expectThat(isLength, "a whole number of steps, or a share from 0 to below 1,", name, length);
}

function stepsToRise(length: number, unit: ScheduleUnit, at: ScheduleTime): number {
  if (unit === "epoch") return Math.round(inSteps(length, unit, at));
  return length < 1 ? Math.floor(length * stepsInAll(at)) : length;
}

/** The time as the schedule sees it that begins after so many steps; before that, its beginning. */
function timeAfter(at: ScheduleTime, steps: number): ScheduleTime {
  const { stepsPerEpoch, examplesPerEpoch } = at;
  const step = Math.max(0, at.step - steps);
  const skipped = steps / stepsPerEpoch;
  const epoch = Number.isInteger(skipped)
    ? Math.max(1, at.epoch - skipped)
    : Math.floor(step / stepsPerEpoch) + 1;
  const epochs = Math.max(1, stepsInAll(at) - steps) / stepsPerEpoch;
  return { step, epoch, stepsPerEpoch, examplesPerEpoch, epochs };
}
