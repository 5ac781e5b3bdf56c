import { describe, expect, it } from "vitest";
import {
  type Callback,
  CrossValidationAbortedError,
  createJavaScriptBackend,
  createTable,
  crossValidate,
  dense,
  evaluate,
  examplesAt,
  type FoldContext,
  type FoldResult,
  fit,
  groupKFold,
  InvalidArgumentError,
  kFold,
  MultilayerPerceptron,
  meanAndDeviation,
  predict,
  r2Score,
  SGD,
  stratifiedKFold,
  subset,
  TrainingDivergedError,
  toArray,
} from "../../src/index.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { quarters } from "../training/datasets.js";

const data = quarters(83);
const labels = data.targets.labels;

describeOnEveryBackend((create) => {
  const backend = create();
  const specification = { layers: [16, 6, 4], backend } as const;

  it("trains and scores a network for each fold as fit and evaluate do", async () => {
    const options = { folds: 4, seed: 9, fit: { epochs: 2, batchSize: 10 } };
    const result = await crossValidate(specification, data, options);
    const folds = stratifiedKFold(labels, { nSplits: 4, shuffle: true, seed: 9 });
    for (const [i, fold] of folds.entries()) {
      const network = new MultilayerPerceptron({ ...specification, seed: 9 + i });
      const test = examplesAt(data, fold.test);
      const { epochs } = await fit(network, examplesAt(data, fold.train), {
        ...options.fit,
        shuffle: 9 + i,
        validation: test,
      });
      const { loss, accuracy } = await evaluate(network, test);
      const { history, scores, seconds, ...others } = result.folds[i] as FoldResult;
      expect(scores).toEqual({ loss, accuracy });
      expect(history.epochs.map(({ seconds: _, ...metrics }) => metrics)).toEqual(
        epochs.map(({ seconds: _, ...metrics }) => metrics),
      );
      expect(seconds).toBeGreaterThan(0);
      const [trainCount, testCount] = [fold.train.length, fold.test.length];
      expect(others).toEqual({ fold: i + 1, seed: 9 + i, trainCount, testCount });
    }
    const values = result.folds.map(({ scores }) => scores.accuracy as number);
    expect(new Set(values).size).toBeGreaterThan(1);
    expect(result.scores.accuracy).toEqual({ ...meanAndDeviation(values), values });
    expect(Object.keys(result.scores)).toEqual(["loss", "accuracy"]);
  });

  it("scores each fold by the metrics that its training asks for, too", async () => {
    const metrics = ["f1Macro", "top2Accuracy"];
    const networks: MultilayerPerceptron[] = [];
    const result = await crossValidate(specification, data, {
      folds: 3,
      fit: { epochs: 2, batchSize: 10, metrics },
      onFoldEnd: (_, network) => {
        networks.push(network);
      },
    });
    const folds = stratifiedKFold(labels, { nSplits: 3, shuffle: true, seed: 123 });
    const f1: number[] = [];
    for (const [i, fold] of folds.entries()) {
      const network = networks[i] as MultilayerPerceptron;
      const evaluation = await evaluate(network, examplesAt(data, fold.test), { metrics });
      const { loss, accuracy } = evaluation;
      expect(result.folds[i]?.scores).toEqual({ loss, accuracy, ...evaluation.metrics });
      f1.push(evaluation.metrics?.f1Macro as number);
    }
    expect(result.scores.f1Macro).toEqual({ ...meanAndDeviation(f1), values: f1 });
    expect(Object.keys(result.scores)).toEqual(["loss", "accuracy", ...metrics]);
  });

  it("scores predicted values by R2 and by their errors", async () => {
    const features = Array.from({ length: 40 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);
    const table = createTable({ features, values: features.map(([a = 0, b = 0]) => 2 * a - b) });
    const folds = kFold(40, { nSplits: 4 });
    const predicted: number[] = [];
    const { scores } = await crossValidate({ layers: [2, dense(1)], backend }, table, {
      folds,
      fit: { epochs: 30, batchSize: 5 },
      onFoldEnd: async (_, network, { test }) => {
        const { activations } = await predict(network, test);
        const values = table.targets.kind === "values" ? table.targets.data : [];
        predicted.push(
          r2Score(
            Array.from(test.rows, (row) => values[row] as number),
            activations,
          ),
        );
      },
    });
    expect(Object.keys(scores)).toEqual(["loss", "r2", "meanAbsoluteError", "rootMeanSquaredError"]);
    expect(scores.r2?.values).toEqual(predicted);
    expect(scores.r2?.mean).toBeGreaterThan(0.9);
  });
});

const backend = createJavaScriptBackend();
const specification = { layers: [16, 3, 4], backend } as const;
const quick = { epochs: 1, batchSize: 20 };

describe("crossValidate", () => {
  it("gives the same bits again, and others for another seed", async () => {
    const weightsBy = async (seed: number) => {
      const all: (readonly number[])[] = [];
      await crossValidate(specification, data, {
        folds: 3,
        seed,
        fit: quick,
        onFoldEnd: (_, network) => {
          all.push(...network.parameters.map(({ value }) => [...toArray(value)]));
        },
      });
      return all;
    };
    const first = await weightsBy(5);
    expect(await weightsBy(5)).toEqual(first);
    expect(await weightsBy(6)).not.toEqual(first);
  });

  it("numbers the examples of a part of a dataset", async () => {
    const part = subset(
      data,
      Int32Array.from({ length: 30 }, (_, i) => 60 - 2 * i),
    );
    const tested: number[] = [];
    await crossValidate(specification, part, {
      folds: groupKFold(Array.from({ length: 30 }, (_, i) => i % 5)),
      fit: quick,
      onFoldEnd: (_, __, { train, test }) => {
        const groups = new Set(Array.from(test.rows, (row) => ((60 - row) / 2) % 5));
        expect(groups.size).toBe(1);
        expect(train.rows.some((row) => groups.has(((60 - row) / 2) % 5))).toBe(false);
        tested.push(...test.rows);
      },
    });
    expect(tested.sort()).toEqual([...part.rows].sort());
  });

  it("makes network and options for each fold where they are functions", async () => {
    const seen: Pick<FoldContext, "fold" | "folds" | "seed">[] = [];
    const optimizers = new Set();
    await crossValidate(
      async ({ fold, folds, seed }) => {
        seen.push({ fold, folds, seed });
        return new MultilayerPerceptron({ ...specification, seed });
      },
      data,
      {
        folds: 2,
        seed: 2 ** 32 - 1,
        fit: () => {
          const optimizer = new SGD({ momentum: 0.9 });
          optimizers.add(optimizer);
          return { ...quick, optimizer };
        },
      },
    );
    expect(seen).toEqual([
      { fold: 1, folds: 2, seed: 2 ** 32 - 1 },
      { fold: 2, folds: 2, seed: 0 },
    ]);
    expect(optimizers.size).toBe(2);
  });

  it("takes validation examples off those for training where that is asked for", async () => {
    await crossValidate(specification, data, {
      folds: 3,
      validationSize: 0.25,
      fit: quick,
      onFoldEnd: ({ trainCount, testCount }, _, { train, validation, test }) => {
        expect(validation.rows.length).toBe(Math.ceil((83 - testCount) / 4));
        expect(trainCount).toBe(83 - testCount - validation.rows.length);
        expect(new Set([...train.rows, ...validation.rows, ...test.rows]).size).toBe(83);
      },
    });
  });

  it("ends by its signal, with the folds that were finished", async () => {
    const controller = new AbortController();
    const reason = new Error("Enough is known.");
    const stop: Callback = {
      onStepEnd: ({ step }) => {
        if (step === 3) controller.abort(reason);
      },
    };
    const aborted = crossValidate(specification, data, {
      folds: 3,
      signal: controller.signal,
      fit: ({ fold }) => ({ ...quick, batchSize: 5, callbacks: fold === 2 ? [stop] : [] }),
    });
    const error = await aborted.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CrossValidationAbortedError);
    expect(error).toMatchObject({
      message: "The cross-validation was aborted after 1 of 3 folds: Enough is known.",
      cause: reason,
      folds: [{ fold: 1 }],
    });
  });

  it("ends with the error of a training that diverges", async () => {
    const linear = { layers: [16, dense(4)], backend } as const;
    const fitting = { epochs: 50, learningRate: 1e6 };
    await expect(crossValidate(linear, data, { fit: fitting })).rejects.toBeInstanceOf(TrainingDivergedError);
  });

  const folds = "a whole number of at least 2, or an array of folds, such as kFold makes, for folds";
  it.each<[string, () => Promise<unknown>, string]>([
    [
      "a seed of the network",
      () => crossValidate({ ...specification, seed: 3 } as never, data),
      "Expected no seed for network, because each fold has its own; give the first to crossValidate.",
    ],
    [
      "no network",
      () => crossValidate(3 as never, data),
      "Expected { layers } or a function that makes a network for network but received 3.",
    ],
    [
      "a stream",
      () => crossValidate(specification, { parts() {} } as never),
      "Expected a dataset in memory for crossValidate, whose examples are shared out among folds, but received a stream.",
    ],
    [
      "no dataset",
      () => crossValidate(specification, 3 as never),
      "Expected a dataset, such as loadMnist gives, for dataset but received 3.",
    ],
    ["one fold", () => crossValidate(specification, data, { folds: 1 }), `Expected ${folds} but received 1.`],
    [
      "folds of another kind",
      () => crossValidate(specification, data, { folds: [{ train: [1], test: [2] }] as never }),
      "Expected folds { train, test } with row numbers in each, as kFold makes them, for folds but received an array.",
    ],
    [
      "folds of another dataset",
      () => crossValidate(specification, data, { folds: kFold(100), fit: quick }),
      "Expected places from 0 to 82, of the examples of the dataset, but received 83.",
    ],
    [
      "an optimizer for all folds",
      () => crossValidate(specification, data, { fit: { optimizer: new SGD() } }),
      "Expected a function for fit, because optimizers, callbacks and generators keep a state and each fold needs its own: () => ({ optimizer: … }).",
    ],
    [
      "callbacks for all folds",
      () => crossValidate(specification, data, { fit: { callbacks: [] } }),
      "Expected a function for fit, because optimizers, callbacks and generators keep a state and each fold needs its own: () => ({ callbacks: … }).",
    ],
    [
      "another validation",
      () => crossValidate(specification, data, { fit: { validation: data } as never }),
      "Expected no validation in fit, because folds have theirs; choose it by validationSize.",
    ],
    [
      "another signal",
      () => crossValidate(specification, data, { fit: () => ({ signal: undefined }) as never }),
      "Expected no signal in fit, because folds have theirs; give it to crossValidate.",
    ],
    [
      "no options for fit",
      () => crossValidate(specification, data, { fit: () => 3 as never }),
      "Expected an object of options for what fit makes for a fold but received 3.",
    ],
    [
      "an option that fit has not",
      () => crossValidate(specification, data, { fit: { epoch: 3 } as never }),
      'fit: there is no option "epoch"; did you mean epochs?',
    ],
    [
      "a seed in words",
      () => crossValidate(specification, data, { seed: "3" as never, folds: kFold(83) }),
      'Expected an integer from 0 to 4294967295 for seed but received "3".',
    ],
    [
      "no function to call",
      () => crossValidate(specification, data, { onFoldEnd: 3 as never }),
      "Expected a function for onFoldEnd but received 3.",
    ],
    [
      "no signal",
      () => crossValidate(specification, data, { signal: 3 as never }),
      "Expected an AbortSignal for signal but received 3.",
    ],
  ])("refuses %s", async (_, call, sentence) => {
    const error = await call().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect((error as Error).message).toContain(sentence);
  });
});
