import { accuracy } from "./accuracy.js";
import { cohenKappa, matthewsCorrelation } from "./agreement.js";
import { balancedAccuracy } from "./balanced-accuracy.js";
import { expectedCalibrationError, outputConfidences, reliabilityBins } from "./calibration.js";
import { f1Score, precisionScore, recallScore, type ScoreAverage } from "./class-scores.js";
import { logLoss } from "./log-loss.js";
import type { Metric, ScoredExamples } from "./metric.js";
import { averagePrecision, rocAuc } from "./ranking.js";
import { hasNaN } from "./scores.js";
import { topKAccuracy } from "./top-k-accuracy.js";
import type { WeightsOption } from "./weights.js";

type Numbers = ArrayLike<number>;
type More = Partial<Pick<Metric, "greaterIsBetter" | "needs">>;

/** Metrics of classes that are learned, by name, but for {@link topKMetric}. */
export const CLASS_METRICS: readonly Metric[] = [
  ofPredictions("accuracy", accuracy),
  ofPredictions("balancedAccuracy", balancedAccuracy),
  ...averaged("precision", precisionScore),
  ...averaged("recall", recallScore),
  ...averaged("f1", f1Score),
  ofPredictions("cohenKappa", cohenKappa),
  ofPredictions("matthewsCorrelation", matthewsCorrelation),
  ofOutputs("rocAuc", rocAuc),
  ofOutputs("rocAucWeighted", (y, a, options) => rocAuc(y, a, { ...options, average: "weighted" })),
  ofOutputs("averagePrecision", averagePrecision),
  ofOutputs("averagePrecisionWeighted", (y, a, options) =>
    averagePrecision(y, a, { ...options, average: "weighted" }),
  ),
  ofOutputs("logLoss", logLoss, { greaterIsBetter: false, needs: "confidences" }),
  {
    name: "calibrationError",
    greaterIsBetter: false,
    of: "classes",
    needs: "confidences",
    compute({ labels, predictions, outputs, width, weights }) {
      if (hasNaN(outputs)) return Number.NaN;
      const correct = Array.from(predictions as Numbers, (c, i) => c === labels?.[i]);
      return expectedCalibrationError(
        reliabilityBins(outputConfidences(outputs, width), correct, { weights }),
      );
    },
  },
];

/** `top5Accuracy` and the like. */
export function topKMetric(k: number): Metric {
  return ofOutputs(`top${k}Accuracy`, (labels, scores, options) =>
    topKAccuracy(labels, scores, { ...options, k }),
  );
}

type ClassMetric = (labels: Numbers, predicted: Numbers, options: WeightsOption) => number;

/** A metric of the classes that are predicted. */
function ofPredictions(name: string, metric: ClassMetric, more?: More): Metric {
  return ofClasses(name, ({ predictions }) => predictions as Numbers, metric, more); // They are there where classes are learned.
}

/** A metric of the outputs. */
function ofOutputs(name: string, metric: ClassMetric, more?: More): Metric {
  return ofClasses(name, ({ outputs }) => outputs, metric, more);
}

function ofClasses(
  name: string,
  read: (examples: ScoredExamples) => Numbers,
  metric: ClassMetric,
  more: More = {},
): Metric {
  return {
    name,
    greaterIsBetter: true,
    of: "classes",
    compute: (examples) => metric(examples.labels as Numbers, read(examples), { weights: examples.weights }),
    ...more,
  };
}

/** A score of each class: of two classes that of class 1, and its averages. */
function averaged(name: string, score: typeof f1Score): readonly Metric[] {
  const by = (suffix: string, average: ScoreAverage, more: More = {}) =>
    ofPredictions(`${name}${suffix}`, (y, p, options) => score(y, p, { ...options, average }), more);
  return [
    by("", "binary", { needs: "twoClasses" }),
    by("Micro", "micro"),
    by("Macro", "macro"),
    by("Weighted", "weighted"),
  ];
}
