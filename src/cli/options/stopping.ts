import { InvalidArgumentError } from "../../errors.js";
import type { ReduceOnPlateauOptions } from "../../training/callbacks/reduce-on-plateau.js";
import { UsageError } from "../process.js";
import type { StoppingSettings } from "../stopping.js";
import { numberInRange, wholeNumber } from "./shared.js";

export const stoppingOptions = {
  "early-stopping": {
    requiresArg: true,
    defaultDescription: "never",
    describe: "Stop when the figure of --monitor has made no gain for so many epochs",
  },
  monitor: {
    requiresArg: true,
    type: "string",
    defaultDescription: "validation.loss",
    describe:
      "The figure that decides, also which checkpoint is the best: train or validation, a point, and loss, accuracy or another name that --metrics knows",
  },
  "min-delta": {
    requiresArg: true,
    defaultDescription: "0",
    describe: "With --early-stopping: what a gain has to be larger than",
  },
  "restore-best": {
    type: "boolean",
    defaultDescription: "true with --early-stopping",
    describe: "End with the weights of the best epoch instead of the last",
  },
  "reduce-on-plateau": {
    requiresArg: true,
    defaultDescription: "never",
    describe:
      "Multiply the learning rate by factor=0.1 after patience=10 epochs without a gain of threshold=1e-4, but not in the next cooldown=0 epochs, nor below min-lr=0; any of these, separated by commas",
  },
  "time-limit": {
    requiresArg: true,
    defaultDescription: "none",
    describe: "Stop after the epoch in which training has taken so long: seconds, or such as 10m or 2h",
  },
} as const;

/** Of `--reduce-on-plateau`, but for the figure. */
const PLATEAU_SETTINGS = [
  "factor",
  "patience",
  "threshold",
  "thresholdMode",
  "cooldown",
  "minLr",
  "eps",
] as const satisfies readonly (keyof ReduceOnPlateauOptions)[];

const ALWAYS_MEASURED: readonly string[] = ["loss", "accuracy"];

const NEEDS_EARLY_STOPPING = ["min-delta", "restore-best"];

type Given = Readonly<Record<string, unknown>>;

/**
 * Reads {@link stoppingOptions}. What they are made of is loaded when one is given.
 *
 * @throws UsageError when one is out of range, or when it needs another.
 */
export async function readStoppingSettings(given: Given): Promise<StoppingSettings> {
  const { "early-stopping": patience, "reduce-on-plateau": plateau, "time-limit": limit } = given;
  checkTogether(given);
  if ([patience, plateau, limit, given.monitor].every((option) => option === undefined)) return {};
  const { monitor = "validation.loss" } = given as { readonly monitor?: string };
  const isMonitored = [patience, plateau, given.monitor].some((option) => option !== undefined);
  const [{ createStopping }, { parseSettings }] = await Promise.all([
    import("../stopping.js"),
    import("../../training/schedules/notation.js"),
  ]);
  return inOptions(() => {
    const settings: StoppingSettings = {
      ...(isMonitored && { monitor }),
      ...(patience !== undefined && {
        earlyStopping: {
          patience: wholeNumber("early-stopping", patience, 1),
          minDelta: numberInRange("min-delta", given["min-delta"] ?? "0", 0),
          restoreBestWeights: given["restore-best"] !== false,
        },
      }),
      ...(plateau !== undefined && {
        reduceOnPlateau: parseSettings(String(plateau), PLATEAU_SETTINGS, "--reduce-on-plateau"),
      }),
      ...(limit !== undefined && { timeLimit: readSeconds(String(limit)) }),
    };
    createStopping(settings); // Which checks them.
    return settings;
  });
}

/** The metrics to compute: those that were asked for, and what is monitored. */
export function withMonitored(
  metrics: readonly string[] | undefined,
  { monitor }: StoppingSettings,
): readonly string[] | undefined {
  const name = monitor?.slice(monitor.indexOf(".") + 1);
  return name === undefined || ALWAYS_MEASURED.includes(name)
    ? metrics
    : [...new Set([...(metrics ?? []), name])];
}

function checkTogether(given: Given): void {
  const isGiven = (option: string) => given[option] !== undefined;
  const alone = NEEDS_EARLY_STOPPING.find(isGiven);
  if (alone !== undefined && !isGiven("early-stopping")) {
    throw new UsageError(`Expected --early-stopping with --${alone}.`);
  }
  if (isGiven("reduce-on-plateau") && given.optimizer === "lbfgs") {
    throw new UsageError(
      "Expected no --reduce-on-plateau with --optimizer lbfgs, which finds its step by itself; leave one out.",
    );
  }
}

const UNITS: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, min: 60, h: 3600 };

function readSeconds(text: string): number {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*([a-z]*)$/.exec(text.trim()) ?? [];
  const seconds =
    number === "" || !Object.hasOwn(UNITS, unit) ? Number.NaN : Number(number) * Number(UNITS[unit]);
  if (!Number.isFinite(seconds) || seconds <= 0) {
    throw new UsageError(
      `Expected a time above 0, such as 90, 10m or 2h, for --time-limit but received ${JSON.stringify(text)}.`,
    );
  }
  return seconds;
}

/** Calls what throws the library's errors, and names the options as they are called here. */
function inOptions<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    const message = PLATEAU_SETTINGS.reduce(
      (text, name) => text.replace(`for ${name} but`, `for ${asWritten(name)} of --reduce-on-plateau but`),
      error.message.replace("for monitor", "for --monitor").replace(/ For a metric of your own,.*$/, ""), // There is no way to bring one.
    );
    throw new UsageError(message);
  }
}

/** `minLr` is min-lr on the command line. */
function asWritten(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
