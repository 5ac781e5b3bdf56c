import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../../../src/errors.js";
import { crossEntropy } from "../../../src/nn/losses/cross-entropy.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { batchNormalization, dense } from "../../../src/nn/specification.js";
import { toArray } from "../../../src/tensor/tensor.js";
import type { Callback } from "../../../src/training/callback.js";
import { type EarlyStoppingOptions, earlyStopping } from "../../../src/training/callbacks/early-stopping.js";
import { evaluate } from "../../../src/training/evaluate.js";
import { fit } from "../../../src/training/fit.js";
import { describeOnEveryBackend } from "../../support/backends.js";
import { quarters } from "../datasets.js";
import { drive, epochOf, epochOfWeights } from "./drive.js";

/** In which epoch a training of these losses ends, why, and of which epoch its weights are. */
async function course(losses: readonly number[], options: EarlyStoppingOptions = {}, splitAfter?: number) {
  const driven = await drive(() => earlyStopping(options), losses, {
    ...(splitAfter !== undefined && { splitAfter }),
  });
  const { control, learningRates } = driven;
  return { epochs: learningRates.length, reason: control.stopReason, weights: epochOfWeights(driven) };
}

describe("early stopping", () => {
  it("stops after as many epochs without a gain as its patience, and keeps the best weights", async () => {
    expect(await course([3, 2, 1, 1, 2, 3, 0], { patience: 3 })).toEqual({
      epochs: 6,
      reason: "validation.loss has not fallen for 3 epochs; the weights of epoch 3 are kept",
      weights: 3,
    });
    expect(await course([3, 2, 1, 2, 3], { patience: 1, restoreBestWeights: false })).toEqual({
      epochs: 4,
      reason: "validation.loss has not fallen for an epoch",
      weights: 4,
    });
  });

  it("keeps the best weights of a training that comes to its end", async () => {
    expect(await course([3, 1, 2])).toEqual({ epochs: 3, reason: undefined, weights: 2 });
    const losses = [1, ...Array.from({ length: 30 }, () => 2)];
    const endless = { patience: Number.POSITIVE_INFINITY };
    expect(await course(losses, endless)).toEqual({ epochs: 31, reason: undefined, weights: 1 });
  });

  it("counts a gain from the last one, and keeps the best weights all the same", async () => {
    const losses = [1, 0.9, 0.8, 0.7, 0.6];
    expect(await course(losses, { patience: 2, minDelta: 0.15 })).toEqual({
      epochs: 5,
      reason: undefined,
      weights: 5,
    });
    expect(await course(losses, { patience: 2, minDelta: 0.35 })).toEqual({
      epochs: 3,
      reason: "validation.loss has not fallen by more than 0.35 for 2 epochs",
      weights: 3,
    });
  });

  it("takes no number for no gain", async () => {
    const { NaN: none } = Number;
    expect(await course([none, none, 1, none, none], { patience: 2 })).toMatchObject({
      epochs: 2,
      weights: 2,
    });
    expect(await course([2, none, 1, none, none], { patience: 2 })).toMatchObject({ epochs: 5, weights: 3 });
  });

  it("looks at no epoch before its first", async () => {
    const losses = [0, 5, 5, 4, 4, 4];
    expect(await course(losses, { patience: 2, startFromEpoch: 3 })).toMatchObject({ epochs: 6, weights: 4 });
    expect(await course(losses, { patience: 2 })).toMatchObject({ epochs: 3, weights: 1 });
  });

  it("waits for a baseline to be surpassed", async () => {
    expect(await course([4, 3, 2, 1], { patience: 2, baseline: 1.5 })).toMatchObject({ epochs: 2 });
    expect(await course([4, 1, 2, 3, 0], { patience: 2, baseline: 1.5 })).toMatchObject({ epochs: 4 });
  });

  it("lets an accuracy rise", async () => {
    const rising = (validAccuracy: number, i: number) => epochOf(i, 1, { validAccuracy });
    const { control } = await drive(
      () => earlyStopping({ monitor: "validation.accuracy", patience: 1 }),
      [0.5, 0.6, 0.6],
      { metrics: (epoch, figure) => rising(figure, epoch) },
    );
    expect(control.stopReason).toBe(
      "validation.accuracy has not risen for an epoch; the weights of epoch 2 are kept",
    );
  });

  it("knows the best epoch, and forgets it when another training begins", async () => {
    const stopping = earlyStopping({ patience: 2 });
    expect([stopping.bestEpoch, stopping.bestValue, stopping.bestWeights]).toEqual(Array(3).fill(undefined));
    await drive(() => stopping, [3, 1, 2]);
    expect([stopping.bestEpoch, stopping.bestValue]).toEqual([2, 1]);
    await drive(() => stopping, [3]);
    expect([stopping.bestEpoch, stopping.bestValue]).toEqual([1, 3]);
  });

  it("goes the same way after an interruption, wherever it is", async () => {
    const loss = fc.constantFrom(1, 2, 3, 4, 5, Number.NaN);
    const options = fc.record({
      patience: fc.integer({ min: 1, max: 4 }),
      minDelta: fc.constantFrom(0, 1.5),
      startFromEpoch: fc.integer({ min: 1, max: 3 }),
      restoreBestWeights: fc.boolean(),
    });
    const losses = fc.array(loss, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(losses, options, fc.nat(), async (sequence, chosen, at) => {
        const whole = await course(sequence, chosen);
        expect(await course(sequence, chosen, at % sequence.length)).toEqual(whole);
      }),
    );
  });

  it("says so when what it is to restore is another's", () => {
    const stopping = earlyStopping();
    for (const saved of [null, 3, {}, { bestEpoch: 1, bestValue: "x" }, { weights: { a: 3 } }]) {
      expect(() => stopping.restore?.(saved)).toThrow(InvalidArgumentError);
    }
    expect(() => stopping.restore?.({ bestEpoch: null, bestValue: null, weights: [1] })).toThrow(
      "Expected what earlyStopping of validation.loss has saved, with arrays for weights, but received an array; resume with the callbacks that the training was begun with.",
    );
  });

  it.each<readonly [EarlyStoppingOptions, string]>([
    [{ patience: 0 }, "Expected a whole number of at least 1 for patience but received 0."],
    [{ patience: 1.5 }, "Expected a whole number of at least 1 for patience but received 1.5."],
    [{ minDelta: -1 }, "Expected a number of at least 0 for minDelta but received -1."],
    [{ startFromEpoch: 0 }, "Expected a whole number of at least 1 for startFromEpoch but received 0."],
    [{ baseline: Number.NaN }, "Expected a finite number for baseline but received NaN."],
    [{ restoreBestWeights: 1 as never }, "Expected true or false for restoreBestWeights but received 1."],
  ])("refuses %o", (options, message) => {
    expect(() => earlyStopping(options)).toThrow(new InvalidArgumentError(message));
  });
});

describeOnEveryBackend((create) => {
  const layers = [16, dense(6), batchNormalization(), dense(4, "softmax")] as const;
  it.each(["float32", "float64"] as const)(
    "early stopping brings back parameters and running means of %s to the bit",
    async (dtype) => {
      const network = new MultilayerPerceptron({
        layers: [...layers],
        loss: crossEntropy(),
        dtype,
        backend: create(),
      });
      const all = () => [...network.parameters, ...network.buffers].map(({ value }) => toArray(value));
      const epochs: unknown[] = [];
      const watch: Callback = { onEpochEnd: () => void epochs.push(all()) };
      const stopping = earlyStopping({ patience: 3 });
      const validation = quarters(40, 2);
      // So high a rate makes the loss go up and down.
      const { epochs: history, stopReason } = await fit(network, quarters(60), {
        epochs: 40,
        batchSize: 10,
        learningRate: 2,
        validation,
        callbacks: [watch, stopping],
      });
      const { bestEpoch = 0 } = stopping;
      expect(network.buffers.length).toBeGreaterThan(0);
      expect(stopReason).toMatch(
        /^validation\.loss has not fallen for 3 epochs; the weights of epoch \d+ are kept$/,
      );
      expect(bestEpoch).toBe(history.length - 3);
      expect(all()).toEqual(epochs[bestEpoch - 1]);
      expect(all()).not.toEqual(epochs.at(-1));
      expect((await evaluate(network, validation)).loss).toBe(stopping.bestValue);
    },
  );
});
