import { afterEach, describe, expect, it, vi } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { InvalidArgumentError } from "../../../src/errors.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { stopAtThreshold } from "../../../src/training/callbacks/stop-at-threshold.js";
import { stopOnNaN } from "../../../src/training/callbacks/stop-on-nan.js";
import { timeLimit } from "../../../src/training/callbacks/time-limit.js";
import { fit } from "../../../src/training/fit.js";
import { quarters } from "../datasets.js";
import { drive, epochOf } from "./drive.js";

describe("timeLimit", () => {
  afterEach(() => vi.restoreAllMocks());

  /** Epochs that take as long as their figure. */
  const take = (seconds: number, durations: readonly number[], splitAfter?: number) => {
    let now = 1e6;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const metrics = (epoch: number, duration: number) => {
      now += duration * 1000;
      return epochOf(epoch, 1);
    };
    const create = () => {
      now += 1e9; // Nobody counts what passes between two halves.
      return timeLimit(seconds);
    };
    return drive(create, durations, { metrics, ...(splitAfter !== undefined && { splitAfter }) });
  };

  it("ends the training after the epoch in which the time is used up", async () => {
    const { control, learningRates } = await take(5, [2, 2, 2, 2]);
    expect(learningRates).toHaveLength(3);
    expect(control.stopReason).toBe("the time limit of 5 s is reached");
    expect((await take(5, [2, 2])).control.stopReason).toBeUndefined();
  });

  it.each([1, 2])("counts what was used before an interruption, after %i epochs", async (splitAfter) => {
    const { control, learningRates } = await take(5, [2, 2, 2, 2], splitAfter);
    expect(learningRates).toHaveLength(3);
    expect(control.stopReason).toBe("the time limit of 5 s is reached");
  });

  it("ends a training", async () => {
    const network = new MultilayerPerceptron({ layers: [16, 3, 4], backend: createJavaScriptBackend() });
    const history = await fit(network, quarters(20), { epochs: 1e6, callbacks: [timeLimit(0.05)] });
    expect(history.epochs.length).toBeLessThan(1e6);
    expect(history.stopReason).toBe("the time limit of 0.05 s is reached");
  });

  it.each([0, Number.NaN, "3" as never])("refuses %o", (seconds) => {
    expect(() => timeLimit(seconds)).toThrow(InvalidArgumentError);
    expect(() => timeLimit(seconds)).toThrow("Expected a finite number of seconds above 0 for seconds");
  });
});

describe("stopAtThreshold", () => {
  it("ends the training when a loss has fallen far enough", async () => {
    const { control, learningRates } = await drive(() => stopAtThreshold({ threshold: 1 }), [3, 2, 1, 0]);
    expect(learningRates).toHaveLength(3);
    expect(control.stopReason).toBe("validation.loss has reached 1");
  });

  it("ends the training when an accuracy has risen far enough", async () => {
    const metrics = (epoch: number, validAccuracy: number) => epochOf(epoch, 1, { validAccuracy });
    const create = () => stopAtThreshold({ monitor: "validation.accuracy", threshold: 0.98 });
    const { control, learningRates } = await drive(create, [0.9, Number.NaN, 0.99, 1], { metrics });
    expect(learningRates).toHaveLength(3);
    expect(control.stopReason).toBe("validation.accuracy has reached 0.98");
  });

  it("refuses another threshold", () => {
    expect(() => stopAtThreshold({} as never)).toThrow(
      new InvalidArgumentError("Expected a finite number for threshold but received undefined."),
    );
  });
});

describe("stopOnNaN", () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])("ends the training when a figure is %d", async (bad) => {
    const create = () => stopOnNaN({ monitor: "validation.loss" });
    const { control, learningRates } = await drive(create, [1, 2, bad, 1]);
    expect(learningRates).toHaveLength(3);
    expect(control.stopReason).toBe(`validation.loss is ${bad}`);
  });

  it("looks at the loss on the training set, if nothing else is said", async () => {
    const metrics = (epoch: number, trainLoss: number) => epochOf(epoch, Number.NaN, { trainLoss });
    const { control } = await drive(() => stopOnNaN(), [1, 1, Number.NaN], { metrics });
    expect(control.stopReason).toBe("train.loss is NaN");
  });
});
