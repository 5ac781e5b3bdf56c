import { describe, expect, it } from "vitest";
import { InvalidArgumentError, NotFittedError } from "../../src/errors.js";
import { Adaline } from "../../src/estimators/adaline.js";
import { TrainingDivergedError } from "../../src/training/divergence.js";
import { TrainingAbortedError } from "../../src/training/training-aborted-error.js";
import { agreementWith } from "../support/agreement.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { recorded } from "./golden.js";

const { x, y } = recorded.datasets.texts as { x: number[][]; y: ("yes" | "no")[] };

const numpy = agreementWith("NumPy", "Adaline by its formulas: losses and weights");

describeOnEveryBackend((create) => {
  const cases = recorded.adaline.map((run) => ({ ...run, title: JSON.stringify(run.parameters) }));

  it.each(cases)("Adaline learns as its formulas say: $title", async (run) => {
    const adaline = new Adaline({ ...run.parameters, backend: create() });
    await adaline.fit(x, y);
    numpy.expectNear(adaline.losses, run.losses, 1e-12);
    numpy.expectNear([...adaline.coef, adaline.intercept], [...run.coef, run.intercept], 1e-12);
  });
});

describe("Adaline", () => {
  it("says the second class from one half on, and its score is their share", async () => {
    const adaline = await new Adaline<"yes" | "no">({ eta: 0.05 }).fit(x, y);
    const sums = await adaline.netInput(x);
    const predicted = await adaline.predict(x);
    expect(adaline.classes).toEqual(["no", "yes"]);
    expect(predicted).toEqual(sums.map((sum) => (sum >= 0.5 ? "yes" : "no")));
    const [row] = x as [number[]];
    const byHand = row.reduce(
      (sum, value, j) => sum + value * (adaline.coef[j] as number),
      adaline.intercept,
    );
    expect(sums[0]).toBeCloseTo(byHand, 12);
    const right = predicted.filter((label, i) => label === y[i]).length;
    expect(await adaline.score(x, y)).toBe(right / y.length);
    const weights = y.map((label) => (label === "yes" ? 1 : 0));
    const found = predicted.filter((label, i) => label === "yes" && y[i] === "yes").length;
    expect(await adaline.score(x, y, { sampleWeight: weights })).toBeCloseTo(
      found / y.filter((label) => label === "yes").length,
      12,
    );
  });

  it("goes on by partialFit, in the order of the examples", async () => {
    const ordered = { solver: "sgd", shuffle: false } as const;
    const whole = await new Adaline({ ...ordered, nIter: 4 }).fit(x, y);
    const parts = await new Adaline({ ...ordered, nIter: 3 }).fit(x, y);
    await parts.partialFit(x, y);
    expect([parts.coef, parts.intercept, parts.losses]).toEqual([whole.coef, whole.intercept, whole.losses]);
  });

  it("refuses more than two classes, wrong parameters, and questions before a fit", async () => {
    await expect(new Adaline().fit([[1], [2], [3]], [0, 1, 2])).rejects.toThrow(
      "Expected two classes for Adaline but received 3; take an MLPClassifier without hidden layers.",
    );
    expect(() => new Adaline({ eta: 0 })).toThrow(
      "Expected a finite number above 0 for eta of Adaline but received 0.",
    );
    expect(() => new Adaline().setParams({ solver: "adam" as never })).toThrow(
      'Expected one of gd, sgd for solver of Adaline but received "adam".',
    );
    expect(() => new Adaline().coef).toThrow(NotFittedError);
    await expect(new Adaline().predict([[1]])).rejects.toThrow(NotFittedError);
    expect(() => new Adaline({ etaa: 1 } as never)).toThrow(InvalidArgumentError);
  });

  it("says that it diverged, or was aborted", async () => {
    await expect(new Adaline({ eta: 1e6, nIter: 200 }).fit(x, y)).rejects.toThrow(TrainingDivergedError);
    const signal = AbortSignal.abort(new Error("enough"));
    const aborted = new Adaline();
    await expect(aborted.fit(x, y, { signal })).rejects.toThrow(TrainingAbortedError);
    expect(() => aborted.coef).toThrow(NotFittedError);
  });
});
