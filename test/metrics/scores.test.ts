import { describe, expect, it } from "vitest";
import { accuracy } from "../../src/metrics/accuracy.js";
import { cohenKappa, matthewsCorrelation } from "../../src/metrics/agreement.js";
import { balancedAccuracy } from "../../src/metrics/balanced-accuracy.js";
import {
  expectedCalibrationError,
  outputConfidences,
  reliabilityBins,
} from "../../src/metrics/calibration.js";
import { f1Score, precisionScore, recallScore, type ScoreAverage } from "../../src/metrics/class-scores.js";
import { findMetric } from "../../src/metrics/find-metric.js";
import { logLoss } from "../../src/metrics/log-loss.js";
import { averagePrecision, rocAuc } from "../../src/metrics/ranking.js";
import { topKAccuracy } from "../../src/metrics/top-k-accuracy.js";
import { agreementWith } from "../support/agreement.js";
import { type GoldenFigures, goldenScores } from "./golden-scores.js";

const cases = goldenScores.cases.flatMap(({ name, weights, plain, weighted, ...others }) => [
  { ...others, name, weights: undefined, figures: plain },
  { ...others, name: `${name}, with weights`, weights, figures: weighted },
]);

const sklearn = agreementWith("scikit-learn", "metrics of classes, with and without weights");
const single = agreementWith("scikit-learn", "log loss of scores in single precision");
const numpy = agreementWith("NumPy", "calibration error, with and without weights");

/** `null` stands for NaN. */
function expectFigure(actual: number, expected: number | null, by = sklearn, tolerance = 5e-14): void {
  by.expectNear([actual], [expected ?? Number.NaN], tolerance);
}

function ofTwoClasses({ averages }: GoldenFigures): [string, number | undefined][] {
  const scores = averages["binary 0 all"] ?? [];
  return ["precision", "recall", "f1"].map((name, i) => [name, scores[i]]);
}

describe.each(cases)("$name", ({ width, labels, scores, predictions, weights, figures }) => {
  it.each<[keyof GoldenFigures, number]>([
    ["accuracy", accuracy(labels, predictions, { weights })],
    ["balancedAccuracy", balancedAccuracy(labels, predictions, { weights })],
    ["adjustedBalancedAccuracy", balancedAccuracy(labels, predictions, { weights, adjusted: true })],
    ["top1", topKAccuracy(labels, scores, { weights, k: 1 })],
    ["top2", topKAccuracy(labels, scores, { weights })],
    ["top3", topKAccuracy(labels, scores, { weights, k: 3 })],
    ["logLoss", logLoss(labels, scores, { weights })],
    ["cohenKappa", cohenKappa(labels, predictions, { weights })],
    ["matthewsCorrelation", matthewsCorrelation(labels, predictions, { weights })],
    ["rocAuc", rocAuc(labels, scores, { weights })],
    ["rocAucWeighted", rocAuc(labels, scores, { weights, average: "weighted" })],
    ["averagePrecision", averagePrecision(labels, scores, { weights })],
    ["averagePrecisionWeighted", averagePrecision(labels, scores, { weights, average: "weighted" })],
  ])("%s is scikit-learn's", (name, actual) => {
    expectFigure(actual, figures[name] as number | null);
  });

  it("so is the log loss in single precision, which clips more", () => {
    // scikit-learn divides by sums in single precision there.
    expectFigure(
      logLoss(labels, Float32Array.from(scores), { weights }),
      figures.logLossOfFloats,
      single,
      5e-6,
    );
  });

  it("the calibration error is NumPy's", () => {
    const correct = labels.map((label, i) => label === predictions[i]);
    const bins = reliabilityBins(outputConfidences(scores, width), correct, { weights });
    expectFigure(expectedCalibrationError(bins), figures.calibrationError, numpy);
  });

  it.each(Object.entries(figures.averages))("precision, recall and F1 are those of %s", (key, expected) => {
    const [average, zero, which] = key.split(" ");
    const options = {
      average: average as ScoreAverage,
      zeroDivision: Number(zero) as 0 | 1,
      classes: which === "all" ? Math.max(width, 2) : undefined,
      weights,
    };
    expectFigure(precisionScore(labels, predictions, options), expected[0]);
    expectFigure(recallScore(labels, predictions, options), expected[1]);
    expectFigure(f1Score(labels, predictions, options), expected[2]);
  });

  it.each<[string, number | null | undefined]>([
    ["accuracy", figures.accuracy],
    ["balancedAccuracy", figures.balancedAccuracy],
    ["top2Accuracy", figures.top2],
    ["logLoss", figures.logLoss],
    ["cohenKappa", figures.cohenKappa],
    ["matthewsCorrelation", figures.matthewsCorrelation],
    ["rocAuc", figures.rocAuc],
    ["rocAucWeighted", figures.rocAucWeighted],
    ["averagePrecision", figures.averagePrecision],
    ["averagePrecisionWeighted", figures.averagePrecisionWeighted],
    ["calibrationError", figures.calibrationError],
    ["precisionMicro", figures.averages["micro 0 occurring"]?.[0]],
    ["precisionMacro", figures.averages["macro 0 occurring"]?.[0]],
    ["recallWeighted", figures.averages["weighted 0 occurring"]?.[1]],
    ["f1Macro", figures.averages["macro 0 occurring"]?.[2]],
    ["f1Weighted", figures.averages["weighted 0 occurring"]?.[2]],
    ...(width > 2 ? [] : ofTwoClasses(figures)),
  ])("the metric %s is the same", (name, expected) => {
    const metric = findMetric(name);
    const count = labels.length;
    expect(metric.of).toBe("classes");
    const actual = metric.compute({
      count,
      outputs: scores,
      width,
      labels,
      predictions,
      values: undefined,
      weights,
    });
    expectFigure(actual, expected as number | null, name === "calibrationError" ? numpy : sklearn);
  });
});
