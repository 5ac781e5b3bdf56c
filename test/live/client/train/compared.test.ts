import { describe, expect, it } from "vitest";
import { comparedResults, differingSettings } from "../../../../src/live/client/train/compared.js";
import { madeUpDetail, madeUpEpoch, madeUpRun } from "../made-up-run.js";

const first = madeUpDetail({
  run: madeUpRun({
    id: "a",
    epoch: 1,
    validAccuracy: 0.4,
    settings: { "Learning rate": "0.1", "Batch size": "10", Momentum: "0.9" },
  }),
  epochs: [madeUpEpoch(1)],
});
const second = madeUpDetail({
  run: madeUpRun({
    id: "b",
    network: "784-10",
    settings: { "Learning rate": "0.3", "Batch size": "10" },
  }),
});

describe("the table of compared runs", () => {
  it("has the settings in which they differ, and no others", () => {
    expect(differingSettings([first, second])).toEqual([
      { name: "Network", values: ["784-50-10", "784-10"] },
      { name: "Learning rate", values: ["0.1", "0.3"] },
      { name: "Momentum", values: ["0.9", "–"] },
    ]);
    expect(differingSettings([first, first])).toEqual([]);
  });

  it("calls a loss by one name, whether a run's files name it or leave it to the default", () => {
    const withLoss = (Loss: string) =>
      madeUpDetail({ run: madeUpRun({ loss: "MSE", settings: { Loss, "Learning rate": "0.1" } }) });
    const left = madeUpDetail({ run: madeUpRun({ loss: "MSE", settings: { "Learning rate": "0.1" } }) });
    expect(differingSettings([left, withLoss("squaredError")])).toEqual([]);
    expect(differingSettings([left, withLoss("squaredError, averageOutputs")])).toEqual([
      { name: "Loss", values: ["MSE", "squaredError, averageOutputs"] },
    ]);
  });

  it("has their results, but for those that none of them has yet", () => {
    expect(comparedResults([first, second])).toEqual([
      { name: "Epochs had", values: ["1 of 10", "0 of 10"] },
      { name: "Validation accuracy", values: ["40.00\u00A0%", "–"] },
      { name: "Validation loss", values: ["2", "–"] },
    ]);
  });
});
