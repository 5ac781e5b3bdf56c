import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { ConfigFormatError, FileAccessError } from "../../src/errors.js";
import { readConfig } from "../../src/runs/config/read-config.js";
import { parseSweepConfig, readSweepConfig } from "../../src/sweeps/sweep-config.js";
import { SWEEP_SCHEMA } from "../../src/sweeps/sweep-schema.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const rates = { learningRate: { values: [0.1, 0.01] } };
const random = { type: "random", trials: 3 };
const oneLayer = { layers: [{ type: "dense", units: 3 }] };

function emptyFile(): string {
  const path = join(temporaryFolder(), "empty.yaml");
  writeFileSync(path, "");
  return path;
}

describe("the configuration of a sweep", () => {
  it("that is empty is told what stands in one, and that of train what stands there", async () => {
    const path = join(temporaryFolder(), "sweep.yaml");
    writeFileSync(path, "\n");
    await expect(readSweepConfig(path)).rejects.toThrow(
      `${path} is empty; expected what varies, such as parameters: { learningRate: { values: [0.01, 0.1] } }.`,
    );
    writeFileSync(path, "parameters: { learningRate: { values: [0.01, 0.1] } }");
    expect(await readSweepConfig(path)).toMatchObject({
      parameters: { learningRate: { values: [0.01, 0.1] } },
    });
    await expect(readConfig(emptyFile())).rejects.toThrow(
      /is empty; expected settings, such as epochs: 10\.$/,
    );
  });

  it("is read from YAML, with the settings of another file under its own", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "base"));
    writeFileSync(join(folder, "base", "base.json"), '{ "csv": "rows.csv", "epochs": 3, "hidden": 10 }');
    writeFileSync(
      join(folder, "sweep.yaml"),
      `config: base/base.json
train: { epochs: 5 }
parameters:
  optimizer.momentum: { values: [0, 0.9] }
  learningRate: { distribution: logUniform, min: 0.001, max: 1 }
seeds: [1, 2]
search: { type: random, trials: 4, seed: 7 }
halving: { type: asynchronous, minEpochs: 2, factor: 2 }
metric: validation.accuracy
`,
    );
    expect(await readSweepConfig(join(folder, "sweep.yaml"))).toEqual({
      train: { csv: join(folder, "base", "rows.csv"), epochs: 5, hidden: 10 },
      parameters: {
        "optimizer.momentum": { values: [0, 0.9] },
        learningRate: { distribution: "logUniform", min: 0.001, max: 1 },
      },
      seeds: [1, 2],
      search: { type: "random", trials: 4, seed: 7 },
      halving: { type: "asynchronous", minEpochs: 2, factor: 2 },
      metric: "validation.accuracy",
    });
  });

  it("has places that are taken from its own folder, also where they vary", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "sweep.json");
    writeFileSync(
      path,
      '{ "train": { "from": "m.safetensors" }, "parameters": { "csv": { "values": ["a.csv", "/b.csv"] } } }',
    );
    expect(await readSweepConfig(path)).toEqual({
      train: { from: join(folder, "m.safetensors") },
      parameters: { csv: { values: [join(folder, "a.csv"), "/b.csv"] } },
    });
  });

  it("is named where something is wrong, as is the file that it takes settings from", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "sweep.json");
    await expect(readSweepConfig(path)).rejects.toThrow(FileAccessError);
    writeFileSync(path, '{ "config": "base.json", "parameters": { "learningRat": { "values": [1] } } }');
    await expect(readSweepConfig(path)).rejects.toThrow(join(folder, "base.json"));
    writeFileSync(join(folder, "base.json"), '{ "epoch": 3 }');
    await expect(readSweepConfig(path)).rejects.toThrow(
      `${join(folder, "base.json")}: there is no key "epoch"`,
    );
    writeFileSync(join(folder, "base.json"), '{ "epochs": 3 }');
    await expect(readSweepConfig(path)).rejects.toThrow(
      `${path}: parameters.learningRat: there is no key "learningRat"; did you mean learningRate?`,
    );
  });

  it.each<[value: unknown, sentence: string]>([
    [3, "expected an object but received 3."],
    [
      {},
      "expected something that varies, such as parameters: { learningRate: { values: [0.1, 0.01] } }, but there are no parameters.",
    ],
    [{ parameter: rates }, 'there is no key "parameter"; did you mean parameters?'],
    [
      { momentum: 1, parameters: rates },
      'there is no key "momentum"; put optimizer.momentum, which is a setting of train, into train, or into parameters where it varies.',
    ],
    [
      { config: "a.json", parameters: rates },
      "expected no config, which names a file; put its settings into train.",
    ],
    [{ train: { learningRat: 1 } }, 'there is no key "train.learningRat"; did you mean train.learningRate?'],
    [{ train: { momentum: 1 } }, 'there is no key "train.momentum"; did you mean optimizer.momentum?'],
    [
      { parameters: { hidden: [50, 100] } },
      "expected { values: […] } for parameters.hidden but received a list, which might be one value; put values: before it.",
    ],
    [
      { parameters: { hidden: 50 } },
      "expected { values: […] } or { distribution: … } for parameters.hidden but received 50; what does not vary belongs into train.",
    ],
    [
      { parameters: { hidden: {} } },
      "expected values, or a distribution (uniform, logUniform, integer, choice), in parameters.hidden, but there is neither.",
    ],
    [
      { parameters: { hidden: { values: [] } } },
      "expected a list of different items for parameters.hidden.values but received an empty list.",
    ],
    [
      { parameters: { hidden: { values: [3, 3] } } },
      "expected a list of different items for parameters.hidden.values but received a list of 2.",
    ],
    [
      { parameters: { hidden: { distribution: "loguniform" } } },
      'expected one of uniform, logUniform, integer, choice for parameters.hidden.distribution but received "loguniform"; did you mean logUniform?',
    ],
    [
      { parameters: { hidden: { distribution: "integer", min: 1 } } },
      "expected a whole number for parameters.hidden.max, but there is none.",
    ],
    [
      { parameters: { hidden: { distribution: "integer", min: 3, max: 3 } } },
      "expected a max above min, which is 3, for parameters.hidden but received 3.",
    ],
    [
      { parameters: { hidden: { distribution: "uniform", min: -1e308, max: 1e308 } } },
      "expected a smaller range for parameters.hidden than from -1e+308 to 1e+308.",
    ],
    [
      { parameters: { hidden: { distribution: "integer", min: 1, max: 3 } } },
      "expected search: { type: random, trials: 100 }, or some such number, as parameters.hidden has a distribution, but the search is grid, which takes { values: […] } alone.",
    ],
    [
      { parameters: { hidden: { distribution: "integer", min: 0, max: 3 } }, search: random },
      "parameters.hidden: expected a whole number from 1 to 1000000, or a list for hidden but received 0.",
    ],
    [
      { parameters: { dropout: { distribution: "uniform", min: 0, max: 1 } }, search: random },
      "parameters.dropout: expected a finite number of at least 0 and below 1 for dropout but received 1.",
    ],
    [
      { parameters: rates, search: random },
      "expected at most 2 for search.trials, as many combinations as there are, but received 3; search: { type: grid } takes each of them once.",
    ],
    [
      { parameters: rates, search: { type: "bayes" } },
      'expected one of grid, random for search.type but received "bayes".',
    ],
    [
      { parameters: { "optimizer.momentun": { values: [0.5] } } },
      'parameters.optimizer.momentun: there is no key "optimizer.momentun"; did you mean optimizer.momentum?',
    ],
    [
      { parameters: { "optimizer.momentum": { values: [0.5, 1.5] } } },
      "parameters.optimizer.momentum: expected a finite number of at least 0 and below 1 for optimizer.momentum but received 1.5.",
    ],
    [
      { train: { preset: "modern" }, parameters: { "optimizer.beta1": { values: [0.5] } } },
      "parameters.optimizer.beta1: expected optimizer to be given, by train.optimizer or by a parameter, as optimizer.beta1 is a part of it.",
    ],
    [
      { parameters: { "optimizer.beta1": { values: [0.1] }, optimizer: { values: ["adam", "sgd"] } } },
      'parameters of trial 1 with optimizer.beta1 0.1, optimizer "sgd": there is no key "optimizer.beta1"; the keys there are type, momentum, nesterov, weightDecay, clipNorm, clipValue, maxNorm.',
    ],
    [
      { parameters: { "layers.0.units": { values: [3] } } },
      "parameters.layers.0.units: expected layers to be given, by train.layers or by a parameter, as layers.0.units is a part of it.",
    ],
    [
      { train: oneLayer, parameters: { "layers.1.units": { values: [3] } } },
      'parameters.layers.1.units: expected a number from 0 to 0 after layers, which is a list of 1, but received "1".',
    ],
    [
      { train: { learningRate: 3 }, parameters: { "learningRate.x": { values: [3] } } },
      "parameters.learningRate.x: expected an object or a list for learningRate, which it is a part of, but learningRate is 3.",
    ],
    [
      { parameters: { seed: { values: [1, 2] } } },
      "expected seeds: [1, 2, 3] instead of parameters.seed; each combination is trained with each of them.",
    ],
    [
      { parameters: { optimizer: { values: ["sgd", { type: "sgd" }] } } },
      'expected trials that differ, but trial 1 is trial 0 again: with optimizer {"type":"sgd"} and with optimizer "sgd".',
    ],
    [
      { parameters: { loss: { values: ["crossEntropy", "squaredError"] } } },
      "expected metric to be named, such as validation.accuracy, as the loss itself is not the same in all trials.",
    ],
    [
      { parameters: { output: { values: ["softmax", "sigmoid"] } } },
      "expected metric to be named, such as validation.accuracy, as the loss itself is not the same in all trials.",
    ],
    [
      { parameters: rates, metric: "validation.f1Macr" },
      'there is no figure "validation.f1Macr" for metric; did you mean validation.f1Macro?',
    ],
    [
      { parameters: rates, metric: "test.loss" },
      'expected a figure of validation or train for metric but received "test.loss"; the test set tells how good a model is only where nothing was chosen by it.',
    ],
    [
      { parameters: rates, metric: "accuracy" },
      'expected a figure such as validation.loss or train.accuracy for metric but received "accuracy"; did you mean validation.accuracy?',
    ],
    [
      { parameters: rates, halving: {} },
      "expected one of synchronous, asynchronous for halving.type, but there is none.",
    ],
    [
      { parameters: rates, halving: { type: "synchronous", minEpochs: 50 } },
      "expected fewer epochs than a whole training has, which is 50, for halving.minEpochs but received 50.",
    ],
    [
      { parameters: { epochs: { values: [3, 4] } }, halving: { type: "synchronous" } },
      "expected no parameters.epochs with halving, which itself says how many epochs a trial has; say the most by train.epochs.",
    ],
    [
      {
        parameters: { learningRate: { distribution: "uniform", min: 0.1, max: 1 } },
        search: { type: "random", trials: 100_001 },
      },
      "expected at most 100000 trials but there are 100001; lower search.trials.",
    ],
    [
      {
        parameters: {
          hidden: { values: Array.from({ length: 400 }, (_, i) => i + 1) },
          batchSize: { values: Array.from({ length: 400 }, (_, i) => i + 1) },
        },
      },
      "expected at most 100000 trials but there are 160000; list fewer values, or draw some of the combinations by search: { type: random, trials: 100 }.",
    ],
  ])("is refused with a sentence: %j", async (value, sentence) => {
    const error = await parseSweepConfig(value).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(ConfigFormatError);
    expect((error as Error).message).toBe(`The sweep: ${sentence}`);
  });

  it("may have a metric by name where the loss varies", async () => {
    const config = {
      parameters: { loss: { values: ["crossEntropy", "squaredError"] } },
      metric: "validation.accuracy",
    };
    expect(await parseSweepConfig(config)).toEqual({ train: {}, ...config });
  });

  it.each([
    ["of letters", "a".repeat(200_000)],
    ["of points", `optimizer.${"a.".repeat(100_000)}a`],
  ])("with a path without end, %s, is refused at once, and the path is not repeated", async (_, path) => {
    const fault = await parseSweepConfig({ parameters: { [path]: { values: [1, 2] } } }).catch(
      (error) => error,
    );
    expect(fault).toBeInstanceOf(ConfigFormatError);
    expect(fault.message).toMatch(/^The sweep: expected the path of a setting, .* of \d+ letters\.$/);
    expect(fault.message.length).toBeLessThan(300);
  });

  it("may vary seeds alone", async () => {
    expect(await parseSweepConfig({ seeds: [1, 2] })).toEqual({ train: {}, parameters: {}, seeds: [1, 2] });
  });
});

describe("the published schema of a sweep", () => {
  const published = JSON.parse(JSON.stringify(SWEEP_SCHEMA));
  const check = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).compile(published);

  it("is what the build wrote, and the package exports", () => {
    const root = new URL("../../", import.meta.url);
    const { exports } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
    expect(JSON.parse(readFileSync(new URL(exports["./sweep.schema.json"], root), "utf8"))).toEqual(
      published,
    );
  });

  it("takes a sweep as an editor sees it", () => {
    const sweep = {
      $schema: "./sweep.schema.json",
      config: "base.json",
      train: { epochs: 3, layers: [{ type: "dense", units: 10 }] },
      parameters: {
        learningRate: { distribution: "logUniform", min: 0.01, max: 1 },
        hidden: { distribution: "integer", min: 1, max: 3 },
        "optimizer.momentum": { distribution: "uniform", min: 0, max: 0.9 },
        activation: { distribution: "choice", values: ["relu", "tanh"] },
        loss: { values: [{ type: "huber" }, "squaredError"] },
      },
      seeds: [1],
      search: { type: "random", trials: 3 },
      halving: { type: "synchronous" },
      metric: "validation.loss",
      mode: "min",
    };
    expect([check(sweep), check.errors]).toEqual([true, null]);
    expect(check({ ...sweep, halving: { type: "sync" } })).toBe(false);
    expect(check({ ...sweep, parameters: { hidden: [1, 2] } })).toBe(false);
    expect(check({ ...sweep, train: { epochs: 0 } })).toBe(false);
    expect(check({ ...sweep, parameters: { a: { distribution: "logUniform", min: 0, max: 1 } } })).toBe(
      false,
    );
  });
});
