import { describe, expect, it, vi } from "vitest";
import { LabelRangeError, ShapeError } from "../../src/errors.js";
import { MLPClassifier } from "../../src/estimators/mlp-classifier.js";
import { MLPRegressor } from "../../src/estimators/mlp-regressor.js";
import { RandomState } from "../../src/random/random-state.js";
import { TrainingDivergedError } from "../../src/training/divergence.js";
import { TrainingAbortedError } from "../../src/training/training-aborted-error.js";
import { recorded } from "./golden.js";

const flowers = recorded.datasets.flowers as { x: number[][]; y: string[] };
const houses = recorded.datasets.houses as { x: number[][]; y: number[] };
const sides = recorded.datasets.sides as { x: number[][]; y: boolean[] };
const small = { hiddenLayerSizes: 6, randomState: 4, maxIter: 6, learningRateInit: 0.02 } as const;

/** The warnings of a type that something causes. */
async function warningsOf(type: string, act: () => Promise<unknown>): Promise<string[]> {
  const emitted = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  try {
    await act();
    return emitted.mock.calls
      .filter(([, options]) => (options as unknown as { type: string }).type === type)
      .map(([sentence]) => String(sentence));
  } finally {
    emitted.mockRestore();
  }
}

/** Half the mean squared error, as a network has it now, with its penalty. */
async function lossOf(regressor: MLPRegressor, alpha: number): Promise<number> {
  const predicted = await regressor.predict(houses.x);
  const squares = predicted.map((value, i) => (value - (houses.y[i] as number)) ** 2);
  const weights = regressor.coefs.flat(2).reduce((sum, weight) => sum + weight ** 2, 0);
  return (squares.reduce((a, b) => a + b) + alpha * weights) / (2 * predicted.length);
}

describe("a fit", () => {
  it("draws other numbers each time without a seed, goes on with a generator, and repeats with a seed", async () => {
    const curve = async (randomState: number | RandomState | null) =>
      (await new MLPRegressor({ ...small, randomState }).fit(houses.x, houses.y)).lossCurve;
    expect(await curve(null)).not.toEqual(await curve(null));
    expect(await curve(5)).toEqual(await curve(5));
    const random = new RandomState(5);
    expect(await curve(random)).toEqual(await curve(5));
    expect(await curve(random)).not.toEqual(await curve(5));
  });

  it("warns as scikit-learn when it ends before it has converged", async () => {
    const learning = (parameters: object) => () =>
      new MLPRegressor({ ...small, ...parameters }).fit(houses.x, houses.y);
    expect(await warningsOf("ConvergenceWarning", learning({}))).toEqual([
      "The fit ended after maxIter, 6 epochs, before it had converged; allow more, or a larger tol.",
    ]);
    expect(await warningsOf("ConvergenceWarning", learning({ solver: "lbfgs" }))).toEqual([
      "The fit by lbfgs ended after maxIter, 6 iterations, before it had converged; allow more, or bring the features to one scale.",
    ]);
    expect(await warningsOf("ConvergenceWarning", learning({ tol: 10, nIterNoChange: 1 }))).toEqual([]);
    expect(await warningsOf("MnistNativeWarning", learning({ batchSize: 1000 }))).toEqual([
      "A batchSize of 1000 is more than the 70 examples that there are; each epoch is a single step on all of them.",
    ]);
  });

  it("tells each epoch, can be stopped there, and prints where it is verbose", async () => {
    const epochs: unknown[] = [];
    const printed = vi.spyOn(console, "log").mockImplementation(() => {});
    const classifier = new MLPClassifier({ ...small, earlyStopping: true, verbose: true });
    await classifier.fit(flowers.x, flowers.y, {
      onEpochEnd: ({ stop, ...epoch }) => {
        epochs.push(epoch);
        if (epoch.epoch === 3) stop();
      },
    });
    const lines = printed.mock.calls.map(([line]) => String(line));
    printed.mockRestore();
    expect(epochs).toEqual(
      [0, 1, 2].map((i) => ({
        epoch: i + 1,
        loss: classifier.lossCurve[i],
        validationScore: classifier.validationScores?.[i],
        learningRate: 0.02,
      })),
    );
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^Iteration 1, loss = \d\.\d{8}, validation score = \d\.\d{6}$/);
  });

  it.each(["adam", "lbfgs"] as const)(
    "by %s is ended by a signal, and has learned until then",
    async (solver) => {
      const controller = new AbortController();
      const regressor = new MLPRegressor({ ...small, solver, maxIter: 1000, tol: 0 });
      const ended = regressor.fit(houses.x, houses.y, {
        signal: controller.signal,
        onEpochEnd: ({ epoch }) => {
          if (epoch === 3) controller.abort(new Error("enough"));
        },
      });
      await expect(ended).rejects.toThrow(TrainingAbortedError);
      await expect(ended).rejects.toThrow("The training was aborted after 3 epochs: enough.");
      expect(regressor.nIter).toBe(3);
      expect(await regressor.predict(houses.x)).toHaveLength(70);
    },
  );

  it("lets the event loop live, so that a timer can end it", async () => {
    const endless = new MLPRegressor({
      ...small,
      maxIter: 1e9,
      tol: 0,
      nIterNoChange: Number.POSITIVE_INFINITY,
    });
    const signal = AbortSignal.timeout(50);
    await expect(endless.fit(houses.x, houses.y, { signal })).rejects.toThrow(TrainingAbortedError);
  });

  it("refuses a second one meanwhile", async () => {
    const regressor = new MLPRegressor(small);
    const first = regressor.fit(houses.x, houses.y);
    await expect(regressor.fit(houses.x, houses.y)).rejects.toThrow(
      "This MLPRegressor is learning already; wait for the promise of its fit before you call the next.",
    );
    await first;
    await expect(regressor.fit(houses.x, houses.y)).resolves.toBe(regressor);
  });

  it("says that it diverged", async () => {
    const wild = new MLPRegressor({ solver: "sgd", learningRateInit: 1e9, randomState: 1 });
    await expect(wild.fit(houses.x, houses.y)).rejects.toThrow(TrainingDivergedError);
  });

  it("that has not learned takes away nothing that was learned before", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    const regressor = new MLPRegressor(small);
    await expect(regressor.fit(houses.x, houses.y, { signal })).rejects.toThrow(TrainingAbortedError);
    expect(regressor.isFitted).toBe(false);
    await regressor.fit(houses.x, houses.y);
    const learned = regressor.coefs;
    await expect(regressor.fit(houses.x, houses.y, { signal })).rejects.toThrow(TrainingAbortedError);
    regressor.setParams({ solver: "lbfgs", dropout: 0.5 });
    await expect(regressor.fit(houses.x, houses.y)).rejects.toThrow("Expected no dropout");
    expect(regressor.coefs).toEqual(learned);
    expect(regressor.nIter).toBe(6);
  });

  it("needs examples that count, also beside those set aside, and among these", async () => {
    const [X, y] = [flowers.x, flowers.y];
    const [all, none] = [y.map(() => 1), y.map((label) => (label === "iris" ? 1 : 0))];
    const byClass = new MLPClassifier({ ...small, classWeight: { iris: 0 } });
    await expect(byClass.fit(X, y, { sampleWeight: none })).rejects.toThrow(
      `Expected at least one of the ${y.length} examples to learn from to count, but all of them weigh 0.`,
    );
    const stopping = new MLPClassifier({ ...small, earlyStopping: true, validationFraction: 0.5 });
    await stopping.fit(X, y, { sampleWeight: all });
    const place = (kept: number) => y.map((_, i) => (i === kept ? 1 : 0));
    const sentences = await Promise.all(
      y.map(async (_, i) => {
        const one = new MLPClassifier({ ...small, earlyStopping: true, validationFraction: 0.5 });
        return one.fit(X, y, { sampleWeight: place(i) }).then(String, ({ message }: Error) => message);
      }),
    );
    const half = y.length / 2;
    const left = `Expected at least one of the ${Math.floor(half)} examples to learn from, which early stopping leaves, to count, but all of them weigh 0.`;
    const held = `Expected at least one of the ${Math.ceil(half)} examples set aside for early stopping to count, but all of them weigh 0.`;
    expect(sentences.filter((sentence) => sentence === left)).toHaveLength(Math.ceil(half));
    expect(sentences.filter((sentence) => sentence === held)).toHaveLength(Math.floor(half));
  });

  it("goes on only from what is like it", async () => {
    const classifier = await new MLPClassifier({ ...small, warmStart: true }).fit(flowers.x, flowers.y);
    await expect(classifier.fit(sides.x, sides.y)).rejects.toThrow(ShapeError);
    const others = flowers.y.map((label) => (label === "rose" ? "tulip" : label));
    await expect(classifier.fit(flowers.x, others)).rejects.toThrow(
      "Expected the classes of the fit before, aster, iris, rose, to go on from it but received aster, iris, tulip.",
    );
    await expect(classifier.partialFit(flowers.x, others)).rejects.toThrow(LabelRangeError);
    classifier.setParams({ hiddenLayerSizes: [3, 3] });
    await expect(classifier.fit(flowers.x, flowers.y)).rejects.toThrow(
      "Expected the hiddenLayerSizes of the fit before, [6], to go on from it but received [3, 3].",
    );
  });

  it("goes on by other parameters: alpha, activation, dropout, type", async () => {
    const parameters = { ...small, solver: "lbfgs", warmStart: true, maxIter: 3 } as const;
    const path = await new MLPRegressor({ ...parameters, alpha: 1 }).fit(houses.x, houses.y);
    const before = path.coefs;
    path.setParams({ alpha: 0, maxIter: 1 });
    const begin = await lossOf(path, 0);
    await path.fit(houses.x, houses.y);
    expect(path.coefs).not.toEqual(before);
    expect(path.loss).toBeLessThan(begin);
    path.setParams({ activation: "tanh", dtype: "float32" });
    await path.fit(houses.x, houses.y);
    expect(path.network.layers[0]?.specification).toMatchObject({ activation: "tanh" });
    expect(path.network.dtype).toBe("float32");
    const steps = await new MLPRegressor({ ...small, warmStart: true }).fit(houses.x, houses.y);
    await steps.setParams({ dropout: 0.5 }).partialFit(houses.x, houses.y);
    expect(steps.network.layers[1]?.specification).toEqual({ type: "dropout", rate: 0.5 });
    expect(steps.nIter).toBe(7);
    const again = MLPRegressor.fromJSON(JSON.parse(JSON.stringify(steps.setParams({ solver: "sgd" }))));
    expect(await again.predict(houses.x)).toEqual(await steps.predict(houses.x));
    for (const one of [steps, again]) await one.partialFit(houses.x, houses.y);
    expect(again.lossCurve).toEqual(steps.lossCurve);
  });

  it("by parts needs all classes first, and a solver that takes steps", async () => {
    await expect(new MLPClassifier(small).partialFit(flowers.x, flowers.y)).rejects.toThrow(
      "Expected classes with the first partialFit, all that there will be, such as { classes: [0, 1] }.",
    );
    const lbfgs = new MLPRegressor({ ...small, solver: "lbfgs" });
    await expect(lbfgs.partialFit(houses.x, houses.y)).rejects.toThrow(
      "Expected adam or sgd for the solver of a partialFit, as lbfgs takes all examples together.",
    );
    const some = new MLPClassifier<number>(small);
    await some.partialFit([[1], [2]], [3, 3], { classes: [1, 3, 2] });
    expect(some.classes).toEqual([1, 2, 3]);
  });

  it("needs examples to set aside for early stopping", async () => {
    const none = new MLPRegressor({ ...small, earlyStopping: true, validationFraction: 0 });
    await expect(none.fit(houses.x, houses.y)).rejects.toThrow(
      "Expected a validationFraction that sets examples aside, and leaves some, but 0 of 70 examples are 0.",
    );
  });
});
