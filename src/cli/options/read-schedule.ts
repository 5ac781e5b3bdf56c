import { InvalidArgumentError } from "../../errors.js";
import { kebabCase, parseSchedule, parseSettings } from "../../training/schedules/notation.js";
import { constant } from "../../training/schedules/schedule.js";
import {
  createSchedule,
  type ScheduleName,
  type ScheduleSpecification,
  scheduleSettings,
} from "../../training/schedules/specification.js";
import { WARM_UP_SETTINGS, type WarmUpOptions, warmUp } from "../../training/schedules/warm-up.js";
import { UsageError } from "../process.js";

/** Settings that a schedule cannot do without, with an example. */
const REQUIRED: Partial<Readonly<Record<ScheduleName, readonly [setting: string, example: string]>>> = {
  step: ["stepSize", "step:step-size=10"],
  multiStep: ["milestones", "multi-step:milestones=30/60"],
  exponential: ["gamma", "exponential:gamma=0.95"],
  cosineRestarts: ["period", "cosine-restarts:period=10"],
  piecewise: ["points", "piecewise:points=0:0.1/30:0.01"],
};

/**
 * Reads --schedule and --warm-up.
 *
 * @param rateOf The learning rate, for what has been read.
 * @throws UsageError when there is no such schedule or setting, or when one is out of range.
 */
export function readSchedule(
  given: unknown,
  givenWarmUp: unknown,
  rateOf: (schedule: ScheduleSpecification) => number,
): ScheduleSpecification {
  const schedule =
    given === undefined
      ? { type: "constant" as const }
      : asUsage("--schedule", [], () => parseSchedule(String(given)));
  checkRequired(schedule);
  const { type } = schedule;
  const rate = rateOf(schedule);
  asUsage(`--schedule ${String(given).split(":", 1)[0]}`, scheduleSettings(type), () =>
    createSchedule(schedule, rate),
  );
  const rise = givenWarmUp === undefined ? 0 : readWarmUp(String(givenWarmUp));
  return rise === 0 ? schedule : { ...schedule, warmUp: rise };
}

function checkRequired(schedule: ScheduleSpecification): void {
  const [setting, example] = REQUIRED[schedule.type] ?? [];
  if (setting === undefined || setting in schedule) return;
  throw new UsageError(`Expected ${kebabCase(setting)} in --schedule, such as --schedule ${example}.`);
}

function readWarmUp(text: string): number | WarmUpOptions {
  return asUsage("--warm-up", [], () => {
    const number = text.trim() === "" ? Number.NaN : Number(text);
    const rise = Number.isNaN(number) ? settingsOfWarmUp(text) : number;
    warmUp(constant(1), typeof rise === "number" ? { length: rise } : rise);
    return rise;
  });
}

function settingsOfWarmUp(text: string): WarmUpOptions {
  if (!text.includes("=")) {
    throw new InvalidArgumentError(
      `expected a number of steps, a share of all steps below 1, or settings such as length=5,unit=epoch, but received ${JSON.stringify(text)}.`,
    );
  }
  return parseSettings(text, Object.keys(WARM_UP_SETTINGS), "a warm-up") as unknown as WarmUpOptions; // warmUp checks its values.
}

/** Tells of a fault by the option, and names settings as the command line has them. */
function asUsage<T>(option: string, settings: readonly string[], read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    const words = settings.reduce(
      (text, name) => text.replaceAll(new RegExp(`\\b${name}\\b`, "g"), kebabCase(name)),
      error.message,
    );
    throw new UsageError(`${option}: ${words.replace(/^Expected/, "expected")}`);
  }
}
