import { describe, expect, it } from "vitest";
import { InvalidArgumentError, ShapeError } from "../../src/errors.js";
import {
  meanAbsoluteError,
  type RegressionReport,
  r2Score,
  regressionReport,
  rootMeanSquaredError,
} from "../../src/metrics/regression.js";
import { type GoldenRegression, golden } from "./golden.js";

const NAMES = ["meanAbsoluteError", "rootMeanSquaredError", "r2"] as const;

function expectScores(report: RegressionReport, expected: GoldenRegression): void {
  for (const name of NAMES) {
    const [average, perOutput] = expected[name];
    expect(report[name] / average || 1).toBeCloseTo(1, 12);
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
