import { expectThat } from "../../system/expected.js";
import type { ScheduleTime } from "./schedule.js";

/** What the lengths and times of a schedule are counted in. */
export type ScheduleUnit = "epoch" | "step";

export function expectUnit(unit: unknown): void {
  expectThat(unit === "epoch" || unit === "step", '"epoch" or "step"', "unit", unit);
}

export function expectLength(name: string, length: unknown): void {
  expectThat(Number.isFinite(length) && (length as number) > 0, "a finite number above 0", name, length);
}

/** Whole epochs or steps that are over: what PyTorch counts where its `scheduler.step()` is called after each. */
export function unitsDone({ epoch, step }: ScheduleTime, unit: ScheduleUnit): number {
  return unit === "epoch" ? epoch - 1 : step;
}

/** How many steps a length takes. */
export function inSteps(length: number, unit: ScheduleUnit, { stepsPerEpoch }: ScheduleTime): number {
  return unit === "epoch" ? length * stepsPerEpoch : length;
}

/** Steps of the whole training. Rounded: after a warm-up there may be a part of an epoch. */
export function stepsInAll({ stepsPerEpoch, epochs }: ScheduleTime): number {
  return Math.round(stepsPerEpoch * epochs);
}
