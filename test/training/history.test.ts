import { describe, expect, it } from "vitest";
import { formatEpoch } from "../../src/training/history.js";

describe("formatEpoch", () => {
  const metrics = {
    epoch: 1,
    trainLoss: 0.0512,
    trainAccuracy: 0.76153,
    validLoss: 0.06,
    validAccuracy: 0.7598,
    seconds: 0.4,
  };

  it("gives the chapter's line", () => {
    expect(formatEpoch(metrics, 50)).toBe(
      "Epoch: 001/050 | Train MSE: 0.05 | Train Acc: 76.15% | Valid Acc: 75.98%",
    );
  });

  it("leaves out what was not measured", () => {
    const line = formatEpoch({ ...metrics, validLoss: Number.NaN, validAccuracy: Number.NaN }, 50);
    expect(line).toBe("Epoch: 001/050 | Train MSE: 0.05 | Train Acc: 76.15%");
  });

  it("ends with the metrics that were asked for, of the validation set where there is one", () => {
    const trainMetrics = { f1Macro: 0.5, logLoss: 1.25 };
    expect(formatEpoch({ ...metrics, trainMetrics, validMetrics: { f1Macro: 0.25 } }, 50)).toMatch(
      / \| Valid Acc: 75\.98% \| Valid f1Macro: 0\.2500$/,
    );
    expect(formatEpoch({ ...metrics, trainMetrics }, 50)).toMatch(
      / \| Train f1Macro: 0\.5000 \| Train logLoss: 1\.250$/,
    );
  });

  it("makes room for thousands of epochs", () => {
    expect(formatEpoch(metrics, 2000)).toMatch(/^Epoch: 0001\/2000 \|/);
  });
});
