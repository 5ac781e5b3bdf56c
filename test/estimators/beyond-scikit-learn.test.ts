import { describe, expect, it } from "vitest";
import { logLoss } from "../../src/estimators/losses.js";
import { MLPClassifier } from "../../src/estimators/mlp-classifier.js";
import { MLPRegressor } from "../../src/estimators/mlp-regressor.js";
import { createLossTotals } from "../../src/nn/losses/loss.js";
import { tensor } from "../../src/tensor/tensor.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { recorded } from "./golden.js";

const flowers = recorded.datasets.flowers as { x: number[][]; y: string[] };
const houses = recorded.datasets.houses as { x: number[][]; y: number[] };
const small = { hiddenLayerSizes: 6, randomState: 4, maxIter: 6, learningRateInit: 0.02 } as const;

describeOnEveryBackend((create) => {
  describe("what scikit-learn's networks have not", () => {
    it("sampleWeight counts an example as often", async () => {
      const parameters = { ...small, solver: "lbfgs", alpha: 0, backend: create() } as const;
      const weights = flowers.y.map((_, i) => i % 3);
      const repeat = <T>(list: readonly T[]) =>
        list.flatMap((item, i) => Array.from({ length: weights[i] as number }, () => item));
      const weighted = new MLPClassifier<string>(parameters);
      await weighted.fit(flowers.x, flowers.y, { sampleWeight: weights });
      const repeated = await new MLPClassifier<string>(parameters).fit(repeat(flowers.x), repeat(flowers.y));
      for (const [i, loss] of repeated.lossCurve.entries()) {
        expect(weighted.lossCurve[i]).toBeCloseTo(loss, 9);
      }
      const score = await weighted.score(flowers.x, flowers.y, { sampleWeight: weights });
      expect(score).toBeCloseTo(await weighted.score(repeat(flowers.x), repeat(flowers.y)), 12);
    });

    it("an example of no weight changes nothing, even where it is a minibatch by itself", async () => {
      const parameters = {
        ...small,
        batchSize: 1,
        shuffle: false,
        solver: "sgd",
        momentum: 0,
        alpha: 0,
      } as const;
      const [X, y] = [
        [[1], [2], [3]],
        [1, 2, 50],
      ];
      const weighted = new MLPRegressor({ ...parameters, backend: create() });
      await weighted.fit(X, y, { sampleWeight: [1, 1, 0] });
      const without = await new MLPRegressor({ ...parameters, backend: create() }).fit(
        X.slice(0, 2),
        y.slice(0, 2),
      );
      expect(weighted.lossCurve).toEqual(without.lossCurve);
      expect(weighted.coefs).toEqual(without.coefs);
    });

    it("classWeight is a weight of each example of a class", async () => {
      const parameters = { ...small, backend: create() };
      const weights = flowers.y.map((label) => ({ aster: 5, iris: 1, rose: 0.5 })[label] as number);
      const byHand = await new MLPClassifier(parameters).fit(flowers.x, flowers.y, { sampleWeight: weights });
      for (const classWeight of [
        { aster: 5, rose: 0.5 },
        new Map([
          ["aster", 5],
          ["rose", 0.5],
        ]),
      ]) {
        const byClass = await new MLPClassifier({ ...parameters, classWeight }).fit(flowers.x, flowers.y);
        expect(byClass.lossCurve).toEqual(byHand.lossCurve);
      }
      const counts = new Map<string, number>();
      for (const label of flowers.y) counts.set(label, (counts.get(label) ?? 0) + 1);
      const balance = flowers.y.map((label) => flowers.y.length / (3 * (counts.get(label) as number)));
      const balanced = await new MLPClassifier({ ...parameters, classWeight: "balanced" }).fit(
        flowers.x,
        flowers.y,
      );
      const same = await new MLPClassifier(parameters).fit(flowers.x, flowers.y, { sampleWeight: balance });
      expect(balanced.lossCurve).toEqual(same.lossCurve);
      const unknown = new MLPClassifier({ ...parameters, classWeight: { tulip: 1 } });
      await expect(unknown.fit(flowers.x, flowers.y)).rejects.toThrow(
        'Expected a classWeight by the classes "aster", "iris", "rose" but received one of "tulip".',
      );
    });

    it("dropout leaves all other draws as they are, and nothing out when it predicts", async () => {
      const parameters = { ...small, hiddenLayerSizes: [6, 5], maxIter: 1, backend: create() };
      const plain = await new MLPRegressor(parameters).fit(houses.x, houses.y);
      const dropped = await new MLPRegressor({ ...parameters, dropout: [0, 0.5] }).fit(houses.x, houses.y);
      const begin = { ...parameters, learningRateInit: 1e-300 };
      const [a, b] = [new MLPRegressor(begin), new MLPRegressor({ ...begin, dropout: 0.5 })];
      await a.fit(houses.x, houses.y);
      await b.fit(houses.x, houses.y);
      expect(b.coefs).toEqual(a.coefs);
      expect(b.loss).not.toBe(a.loss);
      expect(dropped.loss).not.toBe(plain.loss);
      expect(await dropped.predict(houses.x)).toEqual(await dropped.predict(houses.x));
      expect(await b.predict(houses.x)).toEqual(await a.predict(houses.x));
      const lists = new MLPRegressor({ ...parameters, dropout: [0.5] });
      await expect(lists.fit(houses.x, houses.y)).rejects.toThrow(
        "Expected a rate of dropout for each of 2 hidden layers, or one for all, but received 1.",
      );
      const lbfgs = new MLPRegressor({ ...parameters, dropout: 0.5, solver: "lbfgs" });
      await expect(lbfgs.fit(houses.x, houses.y)).rejects.toThrow(
        "Expected no dropout with the solver lbfgs",
      );
    });

    it("restoreBestWeights ends with those of the epoch with the lowest loss", async () => {
      const parameters = {
        ...small,
        solver: "sgd",
        learningRateInit: 0.6,
        batchSize: 10,
        maxIter: 12,
        backend: create(),
      } as const;
      const after: number[][][][] = [];
      const best = new MLPClassifier({ ...parameters, restoreBestWeights: true });
      await best.fit(flowers.x, flowers.y, { onEpochEnd: () => void after.push(best.coefs) });
      const epoch = best.lossCurve.indexOf(Math.min(...best.lossCurve));
      expect(epoch).toBeLessThan(11); // Else the test says nothing.
      expect(best.coefs).toEqual(after[epoch]);
    });

    it("a schedule gives the learning rate of each step, of adam too", async () => {
      const parameters = { ...small, batchSize: 30, backend: create() };
      const times: object[] = [];
      const scheduled = new MLPClassifier({
        ...parameters,
        learningRate: (at) => {
          times.push({ ...at });
          return 0.02;
        },
      });
      await scheduled.fit(flowers.x, flowers.y);
      const plain = await new MLPClassifier(parameters).fit(flowers.x, flowers.y);
      expect(scheduled.lossCurve).toEqual(plain.lossCurve);
      expect(times).toHaveLength(18);
      expect(times[4]).toEqual({ step: 4, epoch: 2, stepsPerEpoch: 3, examplesPerEpoch: 90, epochs: 6 });
    });

    it("float32 agrees with float64 within rounding", async () => {
      const parameters = { ...small, backend: create() };
      const single = await new MLPClassifier({ ...parameters, dtype: "float32" }).fit(flowers.x, flowers.y);
      const double = await new MLPClassifier(parameters).fit(flowers.x, flowers.y);
      expect(single.network.dtype).toBe("float32");
      for (const [i, loss] of double.lossCurve.entries()) {
        expect(single.lossCurve[i]).toBeCloseTo(loss, 5);
      }
    });
  });

  it("the log loss of an impossible probability is that of the smallest one there is", () => {
    const options = { dtype: "float64", backend: create() } as const;
    const output = tensor([0, 1, 0.5], [3, 1], options);
    const preactivation = tensor([-800, 800, 0], [3, 1], options);
    const totals = createLossTotals();
    const slot = { output, preactivation, activation: "sigmoid" } as const;
    logLoss("sigmoid").add(slot, { values: Uint8Array.of(1, 0, 1) }, totals);
    expect(totals[0]).toBeCloseTo(-2 * Math.log(2 ** -52) + Math.LN2, 10);
    expect(totals[2]).toBe(3);
  });
});
