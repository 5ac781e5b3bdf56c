import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../../src/errors.js";
import type { EpochMetrics } from "../../src/training/history.js";
import { createMonitor, type MonitorOptions } from "../../src/training/monitor.js";

const epoch = {
  epoch: 1,
  trainLoss: 0.1,
  trainAccuracy: 0.2,
  validLoss: 0.3,
  validAccuracy: 0.4,
  seconds: 1,
};
const unvalidated = { ...epoch, validLoss: Number.NaN, validAccuracy: Number.NaN };

describe("a monitor", () => {
  it.each([
    [undefined, 0.3, "min"],
    ["validation.loss", 0.3, "min"],
    ["validation.accuracy", 0.4, "max"],
    ["train.loss", 0.1, "min"],
    ["train.accuracy", 0.2, "max"],
  ] as const)("reads %s", (figure, value, mode) => {
    const monitor = createMonitor(figure === undefined ? {} : { monitor: figure });
    expect(monitor.figure).toBe(figure ?? "validation.loss");
    expect(monitor.read([epoch])).toBe(value);
    expect(monitor.mode).toBe(mode);
  });

  it("reads a metric by its name", () => {
    const metrics = { ...epoch, validMetrics: { mine: 0.5 }, trainMetrics: { mine: 0.6 } };
    expect(createMonitor({ monitor: "validation.mine", mode: "max" }).read([metrics])).toBe(0.5);
    expect(createMonitor({ monitor: "train.mine", mode: "min" }).read([metrics])).toBe(0.6);
  });

  it.each([
    ["validation.f1Macro", "max"],
    ["train.logLoss", "min"],
    ["validation.top3Accuracy", "max"],
    ["validation.meanAbsoluteError", "min"],
  ])("knows from the metric of %s whether more is better", (figure, mode) => {
    expect(createMonitor({ monitor: figure }).mode).toBe(mode);
  });

  it("knows what is better, by more than a difference; no number never is", () => {
    const falling = createMonitor();
    expect(falling.isBetter(0.1, falling.worst)).toBe(true);
    expect(falling.isBetter(0.1, 0.2)).toBe(true);
    expect(falling.isBetter(0.1, 0.1)).toBe(false);
    expect(falling.isBetter(0.25, 0.5, 0.25)).toBe(false);
    expect(falling.isBetter(Number.NaN, falling.worst)).toBe(false);
    const rising = createMonitor({ mode: "max" });
    expect(rising.isBetter(0.1, rising.worst)).toBe(true);
    expect(rising.isBetter(0.2, 0.1)).toBe(true);
    expect(rising.isBetter(0.5, 0.25, 0.25)).toBe(false);
    expect(rising.isBetter(Number.NaN, rising.worst)).toBe(false);
  });

  it("lets a figure become no number, also at once where others are", () => {
    const monitor = createMonitor();
    expect(monitor.read([epoch])).toBe(0.3);
    expect(monitor.read([epoch, unvalidated])).toBeNaN();
    expect(createMonitor().read([{ ...epoch, validLoss: Number.NaN }])).toBeNaN();
    const diverged = { ...unvalidated, trainLoss: Number.NaN };
    expect(createMonitor().read([diverged])).toBeNaN();
  });

  it("knows no training but the one that it is told of", () => {
    const monitor = createMonitor();
    monitor.read([epoch]);
    expect(() => monitor.read([unvalidated])).toThrow("The training has no validation set to measure");
  });

  it.each<readonly [MonitorOptions, EpochMetrics, string]>([
    [
      {},
      unvalidated,
      "The training has no validation set to measure validation.loss on; give it one, or monitor one of train.loss, train.accuracy.",
    ],
    [
      { monitor: "train.accuracy" },
      { ...epoch, trainAccuracy: Number.NaN, validAccuracy: Number.NaN },
      "The training does not measure train.accuracy; monitor one of train.loss, validation.loss.",
    ],
    [
      { monitor: "validation.los", mode: "min" },
      epoch,
      "The training does not measure validation.los; did you mean validation.loss? Measured are train.loss, train.accuracy, validation.loss, validation.accuracy.",
    ],
    [
      { monitor: "validation.f1Macro" },
      epoch,
      "The training does not measure validation.f1Macro; put f1Macro into metrics, or monitor one of train.loss, train.accuracy, validation.loss, validation.accuracy.",
    ],
  ])("says what the training does not measure: %o", (options, metrics, message) => {
    expect(() => createMonitor(options).read([metrics])).toThrow(new InvalidArgumentError(message));
  });

  it.each([
    ["val_loss", "did you mean validation.loss?"],
    ["validLoss", "did you mean validation.loss?"],
    ["trainAccuracy", "did you mean train.accuracy?"],
    ["val_acc", "did you mean validation.accuracy?"],
    ["accuracy", "did you mean validation.accuracy?"],
    ["validation.los", "did you mean validation.loss?"],
    ["", "Expected a figure such as validation.loss or train.accuracy for monitor but received"],
    [3, "Expected a figure such as validation.loss or train.accuracy for monitor but received 3."],
    ["validation.", "received"],
    ["validation.f1Makro", "did you mean validation.f1Macro?"],
    ["val_f1Macro", "did you mean validation.f1Macro?"],
    ["train.f1makro", "did you mean train.f1Macro?"],
    [
      "validation.mine",
      'There is no figure "validation.mine" for monitor. For a metric of your own, say by mode, "min" or "max", which is better.',
    ],
    ["validation.toString", 'There is no figure "validation.toString" for monitor'],
  ])("refuses %o", (figure, advice) => {
    const make = () => createMonitor({ monitor: figure as string });
    expect(make).toThrow(InvalidArgumentError);
    expect(make).toThrow(advice);
  });

  it("refuses another mode", () => {
    const make = () => createMonitor({ mode: "auto" as "min" });
    expect(make).toThrow('Expected "min" or "max" for mode but received "auto".');
  });
});
