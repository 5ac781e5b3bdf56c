import { describe, expect, it } from "vitest";
import { classificationLines, metricLines } from "../../src/cli/metric-lines.js";
import { createTable } from "../../src/data/create-table.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { dense } from "../../src/nn/specification.js";
import { assign } from "../../src/tensor/tensor.js";
import { evaluateAll, type OccurringReport } from "../../src/training/evaluation-report.js";

/** A network that answers with what is nearest to the one number that it sees: 0, 1, 2 or 3. */
function nearest(): MultilayerPerceptron {
  const network = new MultilayerPerceptron({ layers: [1, dense(4)], dtype: "float64" });
  const [layer] = network.denseLayers;
  if (layer === undefined) throw new Error("The network has one layer.");
  assign(layer.weight, [0, 1, 2, 3]); // The largest of x c - c² / 2.
  assign(layer.bias, [0, -0.5, -2, -4.5]);
  return network;
}

async function report(weights?: readonly number[]): Promise<OccurringReport> {
  const dataset = createTable({
    features: [[0], [0], [1], [3], [3], [1]],
    labels: [0, 1, 1, 3, 3, 0],
    classes: 4,
    ...(weights && { weights }),
  });
  const { classes, values } = await evaluateAll(nearest(), dataset);
  expect(values).toBeNull();
  return classes as OccurringReport;
}

describe("classificationLines", () => {
  // As scikit-learn's classification_report(labels, predictions, digits=4) has them.
  it("has a row for each class that occurs, by its name, and the averages", async () => {
    expect(classificationLines(await report(), ["ant", "bee", "fly", "wasp"])).toEqual([
      "              precision    recall  f1-score   support",
      "",
      "         ant     0.5000    0.5000    0.5000         2",
      "         bee     0.5000    0.5000    0.5000         2",
      "        wasp     1.0000    1.0000    1.0000         2",
      "",
      "    accuracy                         0.6667         6",
      "   macro avg     0.6667    0.6667    0.6667         6",
      "weighted avg     0.6667    0.6667    0.6667         6",
    ]);
  });

  // As with sample_weight=[1, 0.5, 2, 1, 3, 0.25].
  it("counts each example by its weight", async () => {
    expect(classificationLines(await report([1, 0.5, 2, 1, 3, 0.25]), undefined)).toEqual([
      "              precision    recall  f1-score   support",
      "",
      "           0     0.6667    0.8000    0.7273      1.25",
      "           1     0.8889    0.8000    0.8421      2.50",
      "           3     1.0000    1.0000    1.0000         4",
      "",
      "    accuracy                         0.9032      7.75",
      "   macro avg     0.8519    0.8667    0.8565      7.75",
      "weighted avg     0.9104    0.9032    0.9051      7.75",
    ]);
  });
});

describe("metricLines", () => {
  it("is a line of all, or none", () => {
    expect(metricLines({ f1Macro: 0.91234, rocAuc: Number.NaN }, "Test ")).toEqual([
      "Test f1Macro: 0.9123 | Test rocAuc: NaN",
    ]);
    expect(metricLines({})).toEqual([]);
    expect(metricLines(undefined)).toEqual([]);
  });
});
