import type { ScheduleName } from "../../training/schedules/specification.js";

// What reads these options loads every schedule there is, and is loaded when one is given.

export const scheduleOption = {
  type: "string",
  requiresArg: true,
  defaultDescription: "constant",
  describe:
    "How the learning rate goes: constant, step, multi-step, exponential, polynomial, cosine, cosine-restarts, one-cycle, cyclical, inverse-scaling or piecewise, with its settings as in step:step-size=10,gamma=0.5",
} as const;

export const warmUpOption = {
  requiresArg: true,
  defaultDescription: "0",
  describe:
    "Before any schedule: steps in which the rate rises, below 1 a share of all steps, or length=5,unit=epoch,start=0.1",
} as const;

/** Whether the value of {@link scheduleOption} names this one, whatever its settings. */
export function namesSchedule(given: unknown, ...names: readonly ScheduleName[]): boolean {
  const name = String(given).split(":", 1)[0]?.trim().replaceAll("-", "").toLowerCase();
  return names.some((known) => known.toLowerCase() === name);
}
