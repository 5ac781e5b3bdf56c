import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Backend, DType } from "../../src/backend/backend.js";
import { createDataset, type ImageDataset } from "../../src/data/dataset.js";
import { openIdxWindows } from "../../src/data/readers/windows.js";
import { type DatasetOrStream, datasetStream } from "../../src/data/stream.js";
import { InvalidArgumentError, ModelFormatError, ResumeError } from "../../src/errors.js";
import { encodeIdxHeader } from "../../src/formats/idx.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import {
  batchNormalization,
  dense,
  dropout,
  type LayerList,
  residual,
  standardize,
} from "../../src/nn/specification.js";
import { SGD } from "../../src/optim/sgd.js";
import { createOptimizer, type OptimizerSpecification } from "../../src/optim/specification.js";
import { RandomState } from "../../src/random/random-state.js";
import type { Callback } from "../../src/training/callback.js";
import { decodeCheckpoint } from "../../src/training/checkpoint-file.js";
import { type FitOptions, fit } from "../../src/training/fit.js";
import { decodeModel, learnedTensors } from "../../src/training/model-file.js";
import { cosine } from "../../src/training/schedules/cosine.js";
import type { TrainingAbortedError } from "../../src/training/training-aborted-error.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { quarters } from "./datasets.js";

const train = quarters(130);
const validation = quarters(40, 2);
const folder = temporaryFolder();

/** A network and how it is trained; made anew for each part of a training. */
interface Setting {
  readonly layers: LayerList;
  readonly dtype?: DType;
  readonly optimizer?: OptimizerSpecification;
  readonly options?: FitOptions;
  readonly data?: DatasetOrStream;
}

async function run(setting: Setting, backend: Backend, more: FitOptions = {}) {
  const { layers, dtype = "float64", optimizer, options, data = train } = setting;
  const network = new MultilayerPerceptron({ layers, dtype, backend });
  const history = await fit(network, data, {
    epochs: 3,
    ...(optimizer?.type !== "lbfgs" && { batchSize: 30 }),
    ...(optimizer && { optimizer: createOptimizer(optimizer) }),
    ...(data === train && { validation }),
    ...options,
    ...more,
  });
  return { network, history };
}

/** All that a training leaves, but for times. */
function resultOf({ network, history }: Awaited<ReturnType<typeof run>>) {
  return {
    history: { ...history, epochs: history.epochs.map((metrics) => ({ ...metrics, seconds: 0 })) },
    tensors: learnedTensors(network).map(({ name, value }) => [
      name,
      Buffer.from(value.data.buffer, value.data.byteOffset, value.data.byteLength).toString("hex"),
    ]),
    draws: network.draws,
  };
}

/** Images of 8 x 8 pixels in four classes, three pixels in four of them black. */
function mostlyBackground(count: number): ImageDataset {
  const random = new RandomState(3);
  const labels = Uint8Array.from({ length: count }, () => random.randint(0, 4));
  const images = Uint8Array.from({ length: count * 64 }, () =>
    random.randint(0, 4) === 0 ? random.randint(1, 256) : 0,
  );
  return createDataset({ images, labels, imageShape: [8, 8], classes: 4 });
}

/** Keeps every checkpoint of a training. */
function keeper(kept: { readonly at: string; readonly bytes: Uint8Array }[]): Callback {
  return {
    onCheckpoint: (context) => {
      kept.push({ at: context.at, bytes: context.encodeCheckpoint() });
    },
  };
}

async function expectSameFromEverywhere(setting: Setting, backend: Backend) {
  const expected = resultOf(await run(setting, backend));
  const kept: { at: string; bytes: Uint8Array }[] = [];
  const callbacks = [...(setting.options?.callbacks ?? []), keeper(kept)];
  expect(resultOf(await run(setting, backend, { callbacks }))).toEqual(expected); // Saving changes nothing.
  expect(kept.length).toBeGreaterThan(2);
  for (const { bytes } of kept) {
    const resume = decodeCheckpoint(bytes, { backend });
    expect(resultOf(await run(setting, backend, { resume }))).toEqual(expected);
  }
}

const plain: LayerList = [16, 8, 4];
const anyLayers: LayerList = [
  16,
  standardize(),
  dense(8, "relu"),
  batchNormalization(),
  dropout(0.3),
  residual(dense(8, "tanh"), dropout(0.2)),
  dense(4, "softmax"),
];

describeOnEveryBackend((create) => {
  it.each<OptimizerSpecification>([
    { type: "sgd" },
    { type: "sgd", momentum: 0.9, nesterov: true, weightDecay: 0.01 },
    { type: "rmsprop" },
    { type: "adagrad" },
    { type: "adam" },
    { type: "adamw", maxNorm: 1, clipNorm: 1 },
    { type: "nadam" },
    { type: "lion" },
    { type: "lbfgs", history: 3 },
  ])("a training goes on from every step to the same bits with %o", async (optimizer) => {
    const learningRate = optimizer.type === "lbfgs" ? {} : { learningRate: 0.01 };
    const options = { epochs: optimizer.type === "lbfgs" ? 6 : 3, ...learningRate };
    await expectSameFromEverywhere({ layers: plain, optimizer, options }, create());
    if (optimizer.type === "lbfgs") return;
    await expectSameFromEverywhere({ layers: plain, optimizer, options, dtype: "float32" }, create());
    await expectSameFromEverywhere({ layers: anyLayers, optimizer, options }, create());
  });

  it("a training goes on with a schedule, distorted images, class weights and a dropped rest", async () => {
    const options: FitOptions = {
      learningRate: cosine(0.05, { warmUp: 3 }),
      augment: { shift: 1, seed: 5 },
      classWeights: "balanced",
      dropLast: true,
      shuffle: 7,
    };
    await expectSameFromEverywhere({ layers: anyLayers, dtype: "float32", options }, create());
  });

  it("a training on images whose ink is listed goes on, and lists it though epochs alone would not ask for it", async () => {
    const ink = mostlyBackground(130);
    const layers: LayerList = [64, 50, 4];
    await expectSameFromEverywhere({ layers, data: ink, dtype: "float32" }, create());
    // Of many images few are used: the more epochs, the sooner a list pays.
    const few = { ...ink, rows: ink.rows.subarray(0, 40) };
    const kept: { at: string; bytes: Uint8Array }[] = [];
    const backend = create();
    const setting: Setting = { layers, data: few, dtype: "float32", options: { validation: few } };
    const expected = resultOf(await run(setting, backend, { epochs: 2, callbacks: [keeper(kept)] }));
    const resume = decodeCheckpoint(kept.at(-2)?.bytes as Uint8Array, { backend });
    const { history } = resultOf(await run(setting, backend, { epochs: 5, resume }));
    expect(history.epochs.slice(0, 2)).toEqual(expected.history.epochs);
  });

  it("a training on a stream goes on from every step", async () => {
    const images = join(folder, "images");
    const labels = join(folder, "labels");
    writeFileSync(images, Buffer.concat([encodeIdxHeader("images", [130, 4, 4]), train.features.data]));
    writeFileSync(
      labels,
      Buffer.concat([encodeIdxHeader("labels", [130]), Uint8Array.from(train.targets.labels)]),
    );
    const windows = await openIdxWindows({ images, labels, chunkBytes: 10 * 16, windowBytes: 40 * 16 });
    try {
      await expectSameFromEverywhere({ layers: anyLayers, data: datasetStream(windows) }, create());
    } finally {
      await windows.close();
    }
  });

  it("a training that was aborted at any time goes on from its last step", async () => {
    const setting: Setting = { layers: anyLayers, optimizer: { type: "adam" } };
    const backend = create();
    const expected = resultOf(await run(setting, backend));
    for (let steps = 0; steps <= 15; steps++) {
      const kept: { at: string; bytes: Uint8Array }[] = [];
      const controller = new AbortController();
      let left = steps;
      const aborts: Callback = {
        onStepBegin: () => {
          if (left-- === 0) controller.abort(new Error("enough"));
        },
        ...keeper(kept),
      };
      const { signal } = controller;
      const aborted = run(setting, backend, { callbacks: [aborts], signal });
      if (steps === 15) {
        await aborted; // There is no such step.
        continue;
      }
      await expect(aborted).rejects.toMatchObject({
        code: "ERR_TRAINING_ABORTED",
      } satisfies Partial<TrainingAbortedError>);
      const last = kept.at(-1);
      expect(last?.at).toBe("abort");
      const resume = decodeCheckpoint(last?.bytes as Uint8Array, { backend });
      expect(resume.state.step).toBe(steps + 1);
      expect(resultOf(await run(setting, backend, { resume }))).toEqual(expected);
    }
  });

  it("what callbacks have changed and keep comes back", async () => {
    /** Halves the learning rate after every third step, and stops after the second epoch. */
    const halving = (): Callback => {
      let steps = 0;
      return {
        name: "halving",
        onTrainBegin: () => {
          steps = 0;
        },
        onStepEnd: ({ control }) => {
          steps += 1;
          if (steps % 3 === 0) control.scaleLearningRate(0.5);
        },
        onEpochEnd: ({ epoch, control }) => {
          if (epoch === 2) control.stop("two are enough");
        },
        save: () => ({ steps, best: Number.NEGATIVE_INFINITY, numbers: Float32Array.of(1, 2) }),
        restore: (saved) => {
          expect(saved).toMatchObject({ best: Number.NEGATIVE_INFINITY, numbers: Float32Array.of(1, 2) });
          ({ steps } = saved as { readonly steps: number });
        },
      };
    };
    const backend = create();
    const setting: Setting = { layers: plain, optimizer: { type: "adam" } };
    const expected = resultOf(await run(setting, backend, { callbacks: [halving()] }));
    expect(expected.history.stopReason).toBe("two are enough");
    const kept: { at: string; bytes: Uint8Array }[] = [];
    await run(setting, backend, { callbacks: [keeper(kept), halving()] });
    expect(kept).toHaveLength(12);
    for (const { bytes } of kept) {
      const resume = decodeCheckpoint(bytes, { backend });
      expect(resultOf(await run(setting, backend, { callbacks: [halving()], resume }))).toEqual(expected);
    }
    const resume = decodeCheckpoint(kept[0]?.bytes as Uint8Array, { backend });
    await expect(run(setting, backend, { resume })).rejects.toThrow(/callback "halving", which is missing/);
  });

  it("epochs may grow where the learning rate does not depend on them", async () => {
    const backend = create();
    const kept: { at: string; bytes: Uint8Array }[] = [];
    await run({ layers: plain }, backend, { epochs: 2, callbacks: [keeper(kept)] });
    const expected = resultOf(await run({ layers: plain }, backend, { epochs: 4 }));
    const resume = decodeCheckpoint(kept.at(-1)?.bytes as Uint8Array, { backend });
    expect(resultOf(await run({ layers: plain }, backend, { epochs: 4, resume }))).toEqual(expected);
    await expect(run({ layers: plain }, backend, { epochs: 1, resume })).rejects.toThrow(
      /has had 2 epochs, and only 1/,
    );

    const options = { learningRate: cosine(0.1) };
    const falling: { at: string; bytes: Uint8Array }[] = [];
    await run({ layers: plain, options }, backend, { epochs: 2, callbacks: [keeper(falling)] });
    const late = decodeCheckpoint(falling.at(-1)?.bytes as Uint8Array, { backend });
    await expect(run({ layers: plain, options }, backend, { epochs: 4, resume: late })).rejects.toThrow(
      ResumeError,
    );
  });
});

describe("a training does not go on", () => {
  const kept: { at: string; bytes: Uint8Array }[] = [];
  const checkpoint = async () => {
    if (kept.length === 0)
      await fit(new MultilayerPerceptron({ layers: plain }), train, {
        epochs: 1,
        callbacks: [keeper(kept)],
        validation,
      });
    return decodeCheckpoint(kept[0]?.bytes as Uint8Array);
  };
  const more = (options: FitOptions, network = new MultilayerPerceptron({ layers: plain }), data = train) =>
    checkpoint().then((resume) => fit(network, data, { validation, ...options, resume }));

  it.each<[string, RegExp, () => Promise<unknown>]>([
    ["with another size of minibatches", /batchSize 100, but received 50;/, () => more({ batchSize: 50 })],
    [
      "with another optimizer",
      /optimizer.momentum 0, but received 0.9;/,
      () => more({ optimizer: new SGD({ momentum: 0.9 }) }),
    ],
    [
      "with another learning rate",
      /learning rate for step 1 was 0.1, and this one gives 0.2/,
      () => more({ learningRate: 0.2 }),
    ],
    [
      "with distorted images",
      /augment.shift left out, but received 1;/,
      () => more({ augment: { shift: 1 } }),
    ],
    [
      "with another network",
      /another network/,
      () => more({}, new MultilayerPerceptron({ layers: [16, 9, 4] })),
    ],
    [
      "with another type",
      /another network/,
      () => more({}, new MultilayerPerceptron({ layers: plain, dtype: "float64" })),
    ],
    [
      "with another seed",
      /seed 123, but received one with seed 4/,
      () => more({}, new MultilayerPerceptron({ layers: plain, seed: 4 })),
    ],
    ["with other data", /another training set/, () => more({}, undefined, quarters(130, 9))],
    ["with other validation data", /another validation set/, () => more({ validation: train })],
  ])("%s", async (_, message, attempt) => {
    await expect(attempt()).rejects.toThrow(message);
    await expect(attempt()).rejects.toBeInstanceOf(ResumeError);
  });

  it("with a shuffler whose state nobody knows", async () => {
    const shuffle = { shuffle: () => {} } as unknown as RandomState;
    await expect(more({ shuffle })).rejects.toThrow(InvalidArgumentError);
  });

  it("with the same numbers of one bit changed anywhere in the data", async () => {
    const images = train.features.data.slice();
    images[1000] = (images[1000] as number) ^ 1;
    await expect(
      more({}, undefined, { ...train, features: { ...train.features, data: images } }),
    ).rejects.toThrow(/another training set/);
  });
});

describe("a checkpoint's file", () => {
  it("is also a model", async () => {
    const kept: { at: string; bytes: Uint8Array }[] = [];
    const network = new MultilayerPerceptron({ layers: plain });
    await fit(network, train, { epochs: 1, callbacks: [keeper(kept)] });
    const model = decodeModel(kept.at(-1)?.bytes as Uint8Array);
    expect(model.metadata).not.toHaveProperty("training");
    expect(resultOf({ network: model.network, history: { epochs: [] } })).toEqual(
      resultOf({ network, history: { epochs: [] } }),
    );
  });

  it("is not taken from the end of a step, where others have not seen it", async () => {
    let error: unknown;
    const early: Callback = {
      onCheckpoint() {},
      onStepEnd(context) {
        try {
          (context as unknown as { encodeCheckpoint(): void }).encodeCheckpoint();
        } catch (thrown) {
          error = thrown;
        }
      },
    };
    await fit(new MultilayerPerceptron({ layers: plain }), train, { epochs: 1, callbacks: [early] });
    expect(error).toBeInstanceOf(InvalidArgumentError);
  });

  it("that is a model alone, or damaged, is refused", async () => {
    const kept: { at: string; bytes: Uint8Array }[] = [];
    await fit(new MultilayerPerceptron({ layers: plain }), train, { epochs: 1, callbacks: [keeper(kept)] });
    const bytes = kept[0]?.bytes as Uint8Array;
    const damaged = new TextDecoder("latin1")
      .decode(bytes)
      .replace("isWithinEpoch", "isWithoutEpoch".slice(0, 13));
    const decode = (text: string) => decodeCheckpoint(Buffer.from(text, "latin1"));
    expect(() => decode(damaged)).toThrow(ModelFormatError);
    expect(() => decodeCheckpoint(bytes.subarray(0, bytes.length - 8))).toThrow(ModelFormatError);
  });
});
