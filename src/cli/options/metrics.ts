import { InvalidArgumentError } from "../../errors.js";
import { UsageError } from "../process.js";

/** @param when When they are computed, as `--help` says it. */
export function metricsOption(when: string) {
  return {
    requiresArg: true,
    defaultDescription: "none",
    describe: `More figures ${when}, by commas: balancedAccuracy, f1Macro, top3Accuracy, rocAuc, logLoss, cohenKappa, r2 and others`,
  } as const;
}

/**
 * Reads `--metrics f1Macro,top3Accuracy`.
 *
 * @returns `undefined` where it was not given, and then nothing is loaded for it.
 * @throws UsageError when there is no such metric.
 */
export async function readMetrics(given: unknown): Promise<readonly string[] | undefined> {
  if (given === undefined) return undefined;
  const { findMetric } = await import("../../metrics/find-metric.js");
  const names = [given].flat().flatMap((part) =>
    String(part)
      .split(",")
      .map((name) => name.trim()),
  );
  if (names.includes("")) {
    throw new UsageError(
      `Expected names of metrics, such as f1Macro,logLoss, for --metrics but received ${JSON.stringify([given].flat().join(","))}.`,
    );
  }
  return asUsage(() => [...new Set(names.map((name) => findMetric(name).name))]);
}

/** What is wrong with an option, as such. */
export function asUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw new UsageError(error.message);
    throw error;
  }
}
