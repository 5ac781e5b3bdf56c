import type { Metric, ScoredExamples } from "./metric.js";
import { meanSquaredErrorOfValues, type RegressionReport, regressionReport } from "./regression.js";

/** Metrics of values that are learned, by name. */
export const VALUE_METRICS: readonly Metric[] = [
  {
    name: "meanSquaredError",
    greaterIsBetter: false,
    of: "values",
    compute: (examples) => meanSquaredErrorOfValues(...regressionArguments(examples)),
  },
  regressionMetric("rootMeanSquaredError", false, ({ rootMeanSquaredError }) => rootMeanSquaredError),
  regressionMetric("meanAbsoluteError", false, ({ meanAbsoluteError }) => meanAbsoluteError),
  regressionMetric("r2", true, ({ r2 }) => r2),
];

function regressionMetric(
  name: string,
  greaterIsBetter: boolean,
  of: (report: RegressionReport) => number,
): Metric {
  return {
    name,
    greaterIsBetter,
    of: "values",
    compute: (examples) => of(regressionReport(...regressionArguments(examples))),
  };
}

function regressionArguments({
  values = [],
  outputs,
  width,
  weights,
}: ScoredExamples): Parameters<typeof regressionReport> {
  return [values, outputs, { outputs: width, weights }];
}
