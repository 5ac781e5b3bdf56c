import { isOptions } from "../system/known-options.js";
import { formatSettings } from "../training/schedules/notation.js";

// What a run's config.json says of early stopping and the like: `earlyStopping` and `reduceOnPlateau`, as the library's
// options, with one `monitor` for both, and `timeLimit`.

type Values = Readonly<Record<string, unknown>>;

/** The options of `train` that say the same; defaults are left out. */
export function stoppingOptions(config: Values): Readonly<Record<string, string | boolean>> {
  const options = new Map<string, string | boolean>();
  const early = object(config.earlyStopping);
  const plateau = object(config.reduceOnPlateau);
  if (early !== undefined) {
    options.set("early-stopping", String(early.patience ?? 10));
    if (typeof early.minDelta === "number" && early.minDelta > 0)
      options.set("min-delta", String(early.minDelta));
    if (early.restoreBestWeights === false) options.set("restore-best", false);
  }
  if (plateau !== undefined) {
    options.set("reduce-on-plateau", formatSettings(plateau) || "factor=0.1"); // Which is the default.
  }
  const { monitor } = config;
  // Alone it tells which checkpoint is the best, whatever it is.
  const isDefault =
    (config.earlyStopping ?? config.reduceOnPlateau) !== undefined && monitor === "validation.loss";
  if (typeof monitor === "string" && !isDefault) options.set("monitor", monitor);
  if (typeof config.timeLimit === "number") options.set("time-limit", String(config.timeLimit));
  return Object.fromEntries(options);
}

/** The same in words; `null`: none. */
export function stoppingInWords(config: Values): string | null {
  const parts: string[] = [];
  const early = object(config.earlyStopping);
  if (early !== undefined) {
    const { patience = 10, minDelta, restoreBestWeights } = early;
    const least = minDelta === undefined || minDelta === 0 ? "" : ` of more than ${String(minDelta)}`;
    const kept = restoreBestWeights === false ? "" : ", with the weights of the best";
    parts.push(`after ${String(patience)} epochs without a gain${least} in ${monitorOf(config)}${kept}`);
  }
  if (typeof config.timeLimit === "number") parts.push(`after ${config.timeLimit} s`);
  return parts.length === 0 ? null : parts.join("; ");
}

/** `factor 0.5, patience 3, by validation.loss`; `null`: none. */
export function plateauInWords(config: Values): string | null {
  const plateau = object(config.reduceOnPlateau);
  if (plateau === undefined) return null;
  const words = Object.entries(plateau).map(([name, value]) => `${name} ${String(value)}`);
  return [...words, `by ${monitorOf(config)}`].join(", ");
}

function object(value: unknown): Values | undefined {
  return isOptions(value) ? (value as Values) : undefined;
}

function monitorOf({ monitor = "validation.loss" }: Values): string {
  return String(monitor);
}
