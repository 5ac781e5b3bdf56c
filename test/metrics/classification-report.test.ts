import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ClassScores, classificationReport } from "../../src/metrics/classification-report.js";
import { confusionMatrix } from "../../src/metrics/confusion-matrix.js";
import { agreementWith } from "../support/agreement.js";
import { type GoldenScores, golden } from "./golden.js";

const DIGITS = 14;
const sklearn = agreementWith("scikit-learn", "classification reports");

function expectScores(scores: ClassScores, expected: GoldenScores<number>): void {
  const { precision, recall, f1 } = expected;
  sklearn.expectNear([scores.precision, scores.recall, scores.f1], [precision, recall, f1], 5e-15);
}

describe("classificationReport gives the scores of scikit-learn", () => {
  it.each(golden.classification)("$name", ({ labels, predictions, classes, perClass, ...expected }) => {
    const report = classificationReport(confusionMatrix(labels, predictions, classes));
    expect(report.perClass.length).toBe(classes);
    for (const [c, scores] of report.perClass.entries()) {
      expectScores(scores, {
        precision: perClass.precision[c] ?? Number.NaN,
        recall: perClass.recall[c] ?? Number.NaN,
        f1: perClass.f1[c] ?? Number.NaN,
      });
      expect(scores.support).toBe(labels.filter((label) => label === c).length);
    }
    expectScores(report.macroAverage, expected.macro);
    expectScores(report.weightedAverage, expected.weighted);
    expect(report.macroAverage.support).toBe(labels.length);
    expect(report.weightedAverage.support).toBe(labels.length);
    sklearn.expectNear([report.accuracy], [expected.accuracy], 5e-15);
  });
});

describe("classificationReport gives the scores of scikit-learn with weights", () => {
  it.each(golden.classification)("$name", ({ labels, predictions, classes, byWeight }) => {
    const { weights, perClass } = byWeight;
    const report = classificationReport(confusionMatrix(labels, predictions, classes, { weights }));
    for (const [c, scores] of report.perClass.entries()) {
      const of = (name: "precision" | "recall" | "f1" | "support") => perClass[name][c] ?? Number.NaN;
      expectScores(scores, { precision: of("precision"), recall: of("recall"), f1: of("f1") });
      expect(scores.support).toBeCloseTo(of("support"), 12);
    }
    expectScores(report.macroAverage, byWeight.macro);
    expectScores(report.weightedAverage, byWeight.weighted);
    sklearn.expectNear([report.accuracy], [byWeight.accuracy], 5e-15);
  });
});

describe("classificationReport", () => {
  it("is all zero, and not NaN, where there is no example", () => {
    const zero = { precision: 0, recall: 0, f1: 0, support: 0 };
    expect(classificationReport(confusionMatrix([], [], 2))).toEqual({
      perClass: [zero, zero],
      macroAverage: zero,
      weightedAverage: zero,
      accuracy: 0,
    });
  });

  it("has a weighted recall that is the accuracy, and every ratio from 0 to 1", () => {
    const cases = fc.integer({ min: 1, max: 12 }).chain((classes) => {
      const label = fc.integer({ min: 0, max: classes - 1 });
      return fc.record({
        classes: fc.constant(classes),
        pairs: fc.array(fc.tuple(label, label), { minLength: 1, maxLength: 80 }),
      });
    });
    fc.assert(
      fc.property(cases, ({ classes, pairs }) => {
        const matrix = confusionMatrix(
          pairs.map(([label]) => label),
          pairs.map(([, prediction]) => prediction),
          classes,
        );
        const report = classificationReport(matrix);
        expect(report.weightedAverage.recall).toBeCloseTo(report.accuracy, DIGITS);
        for (const { precision, recall, f1 } of report.perClass) {
          for (const ratio of [precision, recall, f1]) {
            expect(ratio).toBeGreaterThanOrEqual(0);
            expect(ratio).toBeLessThanOrEqual(1);
          }
        }
      }),
    );
  });
});
