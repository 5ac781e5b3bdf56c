import { describe, expect, it } from "vitest";
import { InvalidArgumentError, ShapeError } from "../../src/errors.js";
import { findMetric } from "../../src/metrics/find-metric.js";
import { meanSquaredError } from "../../src/metrics/mean-squared-error.js";
import {
  meanAbsoluteError,
  type RegressionReport,
  r2Score,
  regressionReport,
  rootMeanSquaredError,
} from "../../src/metrics/regression.js";
import { agreementWith } from "../support/agreement.js";
import { type GoldenRegression, golden } from "./golden.js";

const sklearn = agreementWith("scikit-learn", "metrics of values, with and without weights");
const relative = (expected: number) => Math.abs(expected) || 1;

const NAMES = ["meanAbsoluteError", "rootMeanSquaredError", "r2"] as const;

function expectScores(report: RegressionReport, expected: GoldenRegression): void {
  for (const name of NAMES) {
    const [average, perOutput] = expected[name];
    sklearn.expectNear([report[name]], [average], 5e-13, relative);
    expect(report[name]).toBeCloseTo(average, 9);
    for (const [i, scores] of report.perOutput.entries()) {
      expect(scores[name]).toBeCloseTo(perOutput[i] ?? Number.NaN, 9);
    }
    expect(report.perOutput).toHaveLength(perOutput.length);
  }
}

describe("regressionReport", () => {
  it.each(golden.regression)("is scikit-learn's: $name", ({ outputs, targets, predictions, ...expected }) => {
    const { scores, weights, weighted } = expected;
    expectScores(regressionReport(targets, predictions, { outputs }), scores);
    expectScores(regressionReport(targets, predictions, { outputs, weights }), weighted);
    expect(weighted).not.toEqual(targets.join() === predictions.join() ? {} : scores);
    const options = { outputs, weights };
    expect([
      meanAbsoluteError(targets, predictions, options),
      rootMeanSquaredError(targets, predictions, options),
      r2Score(targets, predictions, options),
    ]).toEqual(NAMES.map((name) => regressionReport(targets, predictions, options)[name]));
  });

  it.each(golden.regression)("the metrics of these names are the same: $name", (example) => {
    const { outputs: width, targets: values, predictions: outputs, weights, scores, weighted } = example;
    const count = weights.length;
    const examples = { count, outputs, width, labels: undefined, predictions: undefined, values };
    for (const name of [...NAMES, "meanSquaredError"] as const) {
      const { of, compute } = findMetric(name);
      expect(of).toBe("values");
      const plain = compute({ ...examples, weights: undefined });
      sklearn.expectNear([plain], [scores[name][0]], 5e-13, relative);
      sklearn.expectNear([compute({ ...examples, weights })], [weighted[name][0]], 5e-13, relative);
    }
    const options = { outputs: width, weights };
    const [mean] = weighted.meanSquaredError;
    sklearn.expectNear([meanSquaredError(values, outputs, options)], [mean], 5e-13, relative);
  });

  it("has no R² of a single example, and no score of predictions that are no numbers", () => {
    expect(regressionReport([2], [3])).toMatchObject({
      meanAbsoluteError: 1,
      rootMeanSquaredError: 1,
      r2: Number.NaN,
    });
    const { meanAbsoluteError, r2 } = regressionReport([1, 1], [1, Number.NaN]);
    expect([meanAbsoluteError, r2]).toEqual([Number.NaN, Number.NaN]);
  });

  it("refuses what does not fit together", () => {
    expect(() => regressionReport([1, 2], [1])).toThrow(ShapeError);
    expect(() => regressionReport([1, 2, 3], [1, 2, 3], { outputs: 2 })).toThrow(ShapeError);
    expect(() => regressionReport([], [])).toThrow("at least one example");
    expect(() => regressionReport([1], [1], { outputs: 0 })).toThrow(InvalidArgumentError);
    expect(() => regressionReport([1, 2], [1, 2], { weights: [1] })).toThrow(ShapeError);
    for (const weights of [
      [1, -1],
      [1, Number.NaN],
      [0, 0],
    ]) {
      expect(() => regressionReport([1, 2], [1, 2], { weights })).toThrow(InvalidArgumentError);
    }
  });
});
