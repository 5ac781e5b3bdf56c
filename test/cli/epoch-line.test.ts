import { expect, it } from "vitest";
import { terminalEpochLine } from "../../src/cli/epoch-line.js";

const metrics = {
  epoch: 7,
  trainLoss: 0.012345678,
  trainAccuracy: 0.7615,
  validLoss: 0.02,
  validAccuracy: 0.7598,
  seconds: 1,
};

it("shows on a terminal more digits of the loss", () => {
  expect(terminalEpochLine(metrics, 50, 80)).toBe(
    "Epoch: 007/050 | Train MSE: 0.01235 | Train Acc: 76.15% | Valid Acc: 75.98%",
  );
});

it("is whole on a terminal that does not say how wide it is", () => {
  expect(terminalEpochLine(metrics, 50, 0)).toMatch(/^Epoch: /);
});

it("loses no number on forty columns", () => {
  expect(terminalEpochLine(metrics, 50, 40)).toBe("007/050 0.01235 76.15% 75.98%");
  expect(terminalEpochLine({ ...metrics, validAccuracy: Number.NaN }, 50, 40)).toBe("007/050 0.01235 76.15%");
});
