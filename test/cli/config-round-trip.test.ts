import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { createNetwork, networkConfig } from "../../src/cli/commands/training-network.js";
import { overConfig } from "../../src/cli/options/config.js";
import { readOptions } from "../../src/cli/options/train-arguments.js";
import { type Given, readTrainingSettings } from "../../src/cli/options/training-settings.js";
import { UsageError } from "../../src/cli/process.js";
import { splitDataset } from "../../src/data/split-dataset.js";
import { InvalidArgumentError } from "../../src/errors.js";
import { createOptimizer } from "../../src/optim/specification.js";
import { meaningOfConfig } from "../../src/runs/config/options-of-config.js";
import { parseConfig } from "../../src/runs/config/read-config.js";
import { formatSchedule } from "../../src/training/schedules/notation.js";
import { sampleDataset } from "../report/figures/sample-data.js";
import { anySchedule, foldChoices, optimizers, schedules, stoppings } from "../runs/config/some-configs.js";

const backend = createJavaScriptBackend();
const labels = Array.from({ length: 60 }, (_, i) => i % 3);
const parts = splitDataset(sampleDataset(labels, { classes: 3, imageShape: [2, 2] }), { split: "chapter" });

/** What a run makes of its options: the network and all that training takes; and what it records. */
async function runOf(given: Given) {
  const { settings, choice } = await readOptions({ seed: "1", ...given });
  const network = createNetwork(settings, parts, undefined, backend);
  const optimizer = createOptimizer(settings.optimizer);
  const batchSize = settings.batchSize ?? 45;
  const options = "settings" in optimizer ? optimizer.settings : {};
  const recorded = {
    ...networkConfig(settings, network, batchSize, options),
    metrics: settings.metrics,
    crossValidation: choice.crossValidation,
  };
  const config = JSON.parse(JSON.stringify(recorded));
  const { learningRate, schedule, epochs, classWeights, augment, metrics, stopping } = settings;
  const training = {
    learningRate,
    schedule,
    epochs,
    batchSize,
    classWeights,
    augment,
    options,
    metrics,
    stopping,
    crossValidation: choice.crossValidation,
  };
  const { specification, parameters } = network;
  return { config, specification, training, weights: parameters.map(({ value }) => [...value.data]) };
}

/** What a configuration gives under options of the command line. */
async function runOfConfig(config: unknown, args: Given = {}) {
  const { options, beyond } = meaningOfConfig(await parseConfig(config));
  return runOf(overConfig(args, { ...options, ...beyond }));
}

/** The run; `undefined` for settings that do not go together, which are refused. */
async function attempt(given: Given) {
  try {
    return await runOf(given);
  } catch (error) {
    if (error instanceof UsageError || error instanceof InvalidArgumentError) return undefined;
    throw error;
  }
}

const share = fc.double({ min: 0, max: 0.9, noNaN: true }).map(String);
const positive = fc.double({ min: 1e-6, max: 10, noNaN: true }).map(String);
const VALUES = {
  preset: fc.constantFrom("modern", undefined),
  hidden: fc.constantFrom("none", "5", "4,3", "6,5,4"),
  activation: fc.constantFrom("sigmoid", "tanh", "relu", "leakyRelu", "identity"),
  output: fc.constantFrom("sigmoid", "softmax", "identity"),
  "batch-norm": fc.boolean(),
  init: fc.constantFrom("normal", "heNormal", "zeros", "glorotUniform"),
  standardize: fc.boolean(),
  loss: fc.constantFrom("squaredError", "binaryCrossEntropy", "crossEntropy"),
  optimizer: fc.constantFrom("sgd", "rmsprop", "adagrad", "adam", "adamw", "nadam", "lion", "lbfgs"),
  "learning-rate": positive,
  schedule: fc
    .oneof(...Object.values(schedules))
    .map((schedule) => formatSchedule(schedule) ?? "")
    .filter((word) => word !== ""),
  "warm-up": fc.constantFrom("0", "0.25", "3", "length=0.5,unit=epoch,start=0.1", "length=2"),
  momentum: share,
  nesterov: fc.boolean(),
  epochs: fc.constantFrom("1", "7"),
  "batch-size": fc.constantFrom("all", "1", "16"),
  "class-weights": fc.constant("balanced"),
  metrics: fc.constantFrom("f1Macro", "logLoss,f1Macro,logLoss", "top3Accuracy"),
  monitor: fc.constantFrom("validation.loss", "train.accuracy", "validation.logLoss"),
  "early-stopping": fc.constantFrom("1", "10"),
  "min-delta": fc.constantFrom("0", "1e-7", "0.5"),
  "restore-best": fc.boolean(),
  "reduce-on-plateau": fc.constantFrom("factor=0.5", "patience=2,threshold-mode=abs,min-lr=1e-7"),
  "time-limit": fc.constantFrom("90", "2h", "0.0000001"),
  dropout: share,
  alpha: share,
  l1: share,
  "weight-decay": share,
  "max-norm": positive,
  "clip-norm": positive,
  "clip-value": positive,
  "label-smoothing": share,
  augment: fc.constantFrom("shift=1", "rotate=10,scale=0.1"),
} as const;

/** Some options of train that say something of network and training, as yargs gives them. Of many, most do not go together. */
const givens: fc.Arbitrary<Given> = fc
  .tuple(fc.record(VALUES), fc.subarray(Object.keys(VALUES) as (keyof typeof VALUES)[], { maxLength: 8 }))
  .map(([values, names]) => Object.fromEntries(names.map((name) => [name, values[name]])));

describe("what a run records of its options", () => {
  it("makes the same run, which records the same", async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(givens, async (given) => {
        const first = await attempt(given);
        if (first === undefined) return;
        runs += 1;
        expect(await runOfConfig(first.config)).toEqual(first);
      }),
      { numRuns: 500 },
    );
    expect(runs).toBeGreaterThan(100);
  });

  it("makes the same run with any schedule, stopping and fold", async () => {
    let runs = 0;
    const configs = fc.record(
      {
        schedule: anySchedule,
        learningRate: fc.constantFrom(0.1, 1e5),
        metrics: fc.uniqueArray(fc.constantFrom("f1Macro", "logLoss", "top2Accuracy")),
        ...stoppings,
        crossValidation: foldChoices,
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(configs, async (given) => {
        const { monitor, earlyStopping, reduceOnPlateau, schedule } = given;
        if (monitor !== undefined && !earlyStopping && !reduceOnPlateau) delete given.monitor;
        if (schedule !== undefined && "points" in schedule) delete given.learningRate;
        runs += 1;
        const first = await runOfConfig(given);
        if (schedule !== undefined && first.config.schedule !== undefined) {
          const { warmUp, ...others } = schedule;
          expect(first.config.schedule).toEqual(warmUp === 0 ? others : schedule);
        }
        if (earlyStopping) expect(first.config.earlyStopping).toMatchObject(earlyStopping);
        expect(first.config.crossValidation).toEqual(given.crossValidation);
        expect(first.config.timeLimit).toEqual(given.timeLimit);
        expect(await runOfConfig(first.config)).toEqual(first);
      }),
      { numRuns: 500 },
    );
    expect(runs).toBeGreaterThan(100);
  });

  it("makes the same run with any option of an optimizer", async () => {
    await fc.assert(
      fc.asyncProperty(optimizers, async (optimizer) => {
        const { momentum, nesterov } = optimizer as { momentum?: number; nesterov?: boolean };
        if (nesterov && (momentum ?? 0) === 0) return;
        const first = await runOfConfig({ optimizer });
        expect(first.config.optimizer ?? { type: "sgd" }).toMatchObject(optimizer);
        expect(await runOfConfig(first.config)).toEqual(first);
      }),
      { numRuns: 200 },
    );
  });
});

describe("options of the command line", () => {
  const relu = {
    inputs: 4,
    layers: [
      { type: "dense", units: 9, activation: "relu" },
      { type: "dense", units: 3, activation: "softmax" },
    ],
    loss: { type: "crossEntropy", labelSmoothing: 0.1 },
    optimizer: { type: "adamw", weightDecay: 0.5, beta1: 0.8 },
    learningRate: 0.02,
    schedule: { type: "cosine", warmUp: 0.2 },
    epochs: 3,
  };
  const residual = {
    layers: [
      { type: "dense", units: 5, activation: "relu" },
      { type: "residual", layers: [{ type: "dense", units: 5, activation: "tanh" }] },
      { type: "dense", units: 3, activation: "softmax" },
    ],
  };

  it("win over a configuration", async () => {
    const { specification, training } = await runOfConfig(relu, {
      epochs: "8",
      hidden: "7,6",
      "weight-decay": "0.1",
    });
    expect(specification.layers).toMatchObject([
      { units: 7, activation: "relu" },
      { units: 6, activation: "relu" },
      { units: 3, activation: "softmax" },
    ]);
    expect(specification.loss).toEqual(relu.loss);
    expect(training).toMatchObject({
      epochs: 8,
      learningRate: 0.02,
      schedule: relu.schedule,
      options: { weightDecay: 0.1, beta1: 0.8 },
    });
  });

  it("take along what the configuration says of what they replace", async () => {
    const { training } = await runOfConfig(relu, { optimizer: "sgd", schedule: "constant" });
    expect(training).toMatchObject({ learningRate: 0.1, schedule: { type: "constant" } });
    expect(training.options).toEqual({ momentum: 0, nesterov: false, weightDecay: 0 });
    const { specification } = await runOfConfig(relu, { loss: "binaryCrossEntropy" });
    expect(specification).toMatchObject({
      layers: [{ units: 9 }, { units: 3, activation: "sigmoid" }],
      loss: { type: "binaryCrossEntropy" },
    });
    expect(specification.loss).not.toHaveProperty("labelSmoothing");
    const { training: newton } = await runOfConfig({ ...relu, batchSize: 7 }, { optimizer: "lbfgs" });
    expect(newton).toMatchObject({ learningRate: undefined, batchSize: 45 });
  });

  it("leave what goes with them", async () => {
    const { specification } = await runOfConfig(relu, { output: "softmax", schedule: "cosine" });
    expect(specification.loss).toEqual(relu.loss);
    const huber = { table: "a.csv", loss: { type: "huber", threshold: 2 } };
    const { options, beyond } = meaningOfConfig(await parseConfig(huber));
    const args = { task: "regress", "target-column": "y" };
    const { loss } = await readTrainingSettings(overConfig(args, { ...options, ...beyond }));
    expect(loss).toEqual(huber.loss);
  });

  it("cannot change layers that no options describe, and the configuration keeps them", async () => {
    const { specification, config } = await runOfConfig(residual, { epochs: "2" });
    expect(specification.layers).toMatchObject(residual.layers);
    expect((await runOfConfig(config)).config).toEqual(config);
    await expect(runOfConfig(residual, { dropout: "0.1" })).rejects.toThrow(
      "Expected no --dropout with the layers of the configuration, because they say it all; leave one out.",
    );
    await expect(runOfConfig({ ...residual, hidden: 5 })).rejects.toThrow(
      /Expected no --hidden with the layers/,
    );
    await expect(runOfConfig({ layers: [4, 5, 3], hidden: 5 })).rejects.toThrow(/Expected no --hidden/);
  });

  it("stand above a preset that the configuration names", async () => {
    const { training, specification } = await runOfConfig(
      { preset: "modern", hidden: 6, epochs: 4 },
      { epochs: "2" },
    );
    expect(training).toMatchObject({ epochs: 2, learningRate: 0.003, augment: { shift: 1 } });
    expect(specification.layers.filter(({ type }) => type === "dense")).toHaveLength(2);
    const { specification: plain } = await runOfConfig({ ...residual, preset: "modern" });
    expect(plain.layers).toMatchObject(residual.layers);
    const layers = relu.layers;
    expect((await runOfConfig({ layers, preset: "modern" })).specification.layers).toMatchObject(layers);
  });
});

describe("data on the command line", () => {
  const dataOf = async (config: object, args: Given) => {
    const { options, beyond } = meaningOfConfig(await parseConfig(config));
    return overConfig(args, { ...options, ...beyond });
  };

  it("replace those of a configuration, with what it says of them", async () => {
    const csv = { csv: "a.csv", labelColumn: -1, imageShape: [4, 3], split: "chapter", inputs: 12 };
    expect(await dataOf(csv, { dataset: "mnist" })).toEqual({ dataset: "mnist", split: "chapter" });
    const some = { dataset: "mnist", selectedClasses: [3, 8], split: "official" };
    expect(await dataOf(some, { dataset: "kmnist" })).toEqual({ dataset: "kmnist", split: "official" });
    expect(await dataOf(some, { table: "b.csv" })).toEqual({ table: "b.csv" });
    expect(await dataOf(some, { split: "chapter" })).toMatchObject({ dataset: "mnist", classes: ["3", "8"] });
  });

  it("of the same kind, or for a configuration that names none, are as it says", async () => {
    const table = { table: "a.csv", targetColumn: "y", task: "regress" };
    const other = { table: "b.csv", "target-column": "y", task: "regress" };
    expect(await dataOf(table, { table: "b.csv" })).toEqual(other);
    expect(await dataOf({ ...table, table: undefined }, { table: "b.csv" })).toEqual(other);
    const letters = { dataDir: "a", dataset: "emnist-letters" };
    expect(await dataOf(letters, { "data-dir": "b" })).toEqual({
      "data-dir": "b",
      dataset: "emnist-letters",
    });
  });
});

describe("units alone", () => {
  it("are sigmoid layers, unless other settings say more", async () => {
    const layersOf = async (config: object) => (await runOfConfig(config)).specification.layers;
    const sigmoid = (units: number) => ({
      type: "dense",
      units,
      activation: "sigmoid",
      initializer: "normal",
    });
    expect(await layersOf({ layers: [4, 5, 3] })).toEqual([sigmoid(5), sigmoid(3)]);
    expect(await layersOf({ layers: [4, 3] })).toEqual([sigmoid(3)]);
    expect(await layersOf({ layers: [4, 5, 3], activation: "relu", loss: "crossEntropy" })).toMatchObject([
      { units: 5, activation: "relu" },
      { units: 3, activation: "softmax" },
    ]);
    expect(await layersOf({ layers: [4, 5, 3], preset: "modern" })).toMatchObject([
      { units: 5 },
      { type: "batchNormalization" },
      { activation: "relu" },
      { type: "dropout" },
      { units: 3, activation: "softmax" },
    ]);
  });
});
