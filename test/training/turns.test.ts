import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { batches } from "../../src/data/minibatches.js";
import { syntheticDigits } from "../../src/data/synthetic/synthetic-digits.js";
import { createLossTotals } from "../../src/nn/losses/loss.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { LBFGS } from "../../src/optim/lbfgs.js";
import type { Parameter } from "../../src/tensor/parameter.js";
import type { Progress } from "../../src/training/callbacks/reporting.js";
import { evaluate } from "../../src/training/evaluate.js";
import { fit } from "../../src/training/fit.js";
import { iterateOn } from "../../src/training/full-batch.js";
import { predict } from "../../src/training/predict.js";
import { singleRank } from "../../src/training/ranks/single-rank.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { sameBytes } from "../support/guarded-memory.js";
import { quarters } from "./datasets.js";

describeOnEveryBackend((create) => {
  const small = () => new MultilayerPerceptron({ layers: [16, 6, 4], backend: create() });
  const chapter = () => new MultilayerPerceptron({ backend: create() });
  const digits = syntheticDigits({ count: 5000 });

  describe("the event loop", () => {
    it("gets its turn all the time while a network is fitted", async () => {
      const reports: Progress[] = [];
      let ticks = 0;
      const timer = setInterval(() => {
        ticks++;
      }, 1);
      const start = performance.now();
      await fit(chapter(), digits, { epochs: 25, onProgress: (progress) => reports.push(progress) });
      const seconds = (performance.now() - start) / 1000;
      clearInterval(timer);
      // A report is made before a turn is given, and after milliseconds: then the timer is due.
      expect(reports.length).toBeGreaterThanOrEqual(4);
      expect(ticks).toBeGreaterThanOrEqual(reports.length - 1);
      // Turns of 250 ms on the average would be thirty times as long as they should be.
      expect(ticks).toBeGreaterThan(4 * seconds);
    });

    it("gets its turn, where it is due, at each iteration of a full-batch optimizer, however short", async () => {
      let rests = 0;
      const pace = { due: () => true, rest: async () => void rests++ };
      const network = small();
      const data = quarters(50);
      const room = {
        slots: network.createSlots(50),
        totals: createLossTotals(),
        pace,
        ranks: singleRank(undefined),
      };
      const optimizer = new LBFGS();
      for (const batch of batches(data, { batchSize: 50 })) {
        for (let i = 1; i <= 10; i++) {
          await iterateOn(batch, optimizer, network, room);
          expect(rests).toBeGreaterThanOrEqual(i);
        }
      }
    });

    it("is told how far the training is", async () => {
      const reports: Progress[] = [];
      await fit(chapter(), digits, {
        epochs: 3,
        batchSize: 64,
        onProgress: (progress) => reports.push(progress),
      });
      const done = reports.map(({ epoch, examples }) => (epoch - 1) * 5000 + examples);
      expect(done.length).toBeGreaterThan(0);
      expect(done).toEqual(done.toSorted((a, b) => a - b));
      for (const { epoch, epochs, examples, examplesPerEpoch } of reports) {
        expect([epochs, examplesPerEpoch]).toEqual([3, 5000]);
        expect(epoch >= 1 && epoch <= 3).toBe(true);
        expect(examples > 0 && examples <= 5000).toBe(true);
      }
    });
  });

  describe("an AbortSignal", () => {
    it("that is aborted already leaves the network as it is", async () => {
      const network = small();
      const reason = new Error("Changed my mind.");
      const fitted = fit(network, quarters(50), { batchSize: 5, signal: AbortSignal.abort(reason) });
      await expect(fitted).rejects.toMatchObject({ code: "ERR_TRAINING_ABORTED", cause: reason });
      expectSameBits(network, small());
    });

    it("that is aborted during training ends it, and the network keeps what it has learned", async () => {
      const network = chapter();
      const reason = new Error("Enough.");
      const controller = new AbortController();
      const epochs: number[] = [];
      const fitted = fit(network, digits, {
        epochs: 1_000_000,
        signal: controller.signal,
        onEpochEnd: ({ epoch }) => {
          epochs.push(epoch);
        },
        onProgress: () => controller.abort(reason),
      });
      await expect(fitted).rejects.toMatchObject({ code: "ERR_TRAINING_ABORTED", cause: reason });
      expect(epochs.length).toBeLessThan(50);
      expect(
        sameBytes(
          (network.parameters[0] as Parameter).value.data,
          (chapter().parameters[0] as Parameter).value.data,
        ),
      ).toBe(false);
      expect((await evaluate(network, digits)).loss).toBeLessThan((await evaluate(chapter(), digits)).loss);
    });

    it("that is aborted by a timer ends the training", async () => {
      const controller = new AbortController();
      const fitted = fit(chapter(), digits, { epochs: 1_000_000, signal: controller.signal });
      const ended = expect(fitted).rejects.toThrow(
        expect.objectContaining({ cause: expect.objectContaining({ name: "AbortError" }) }),
      );
      await sleep(30);
      controller.abort();
      await ended;
    });

    it("that is aborted when an epoch ends leaves the network as it was then", async () => {
      const train = quarters(50);
      const reason = new Error("Enough.");
      const network = small();
      const controller = new AbortController();
      const fitted = fit(network, train, {
        epochs: 9,
        batchSize: 5,
        signal: controller.signal,
        onEpochEnd: ({ epoch }) => {
          if (epoch === 2) controller.abort(reason);
        },
      });
      await expect(fitted).rejects.toMatchObject({ code: "ERR_TRAINING_ABORTED", cause: reason });
      const two = small();
      await fit(two, train, { epochs: 2, batchSize: 5 });
      expectSameBits(network, two);
    });

    it("ends evaluate and predict", async () => {
      const reason = new Error("Enough.");
      const signal = AbortSignal.abort(reason);
      await expect(evaluate(small(), quarters(500), { signal })).rejects.toBe(reason);
      await expect(predict(small(), quarters(500), { signal })).rejects.toBe(reason);
    });
  });
});

function expectSameBits(actual: MultilayerPerceptron, expected: MultilayerPerceptron): void {
  for (const [i, { value }] of actual.parameters.entries()) {
    expect(sameBytes(value.data, (expected.parameters[i] as Parameter).value.data)).toBe(true);
  }
}
