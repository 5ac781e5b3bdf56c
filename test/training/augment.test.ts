import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type AugmentOptions, createAugmenter } from "../../src/data/augmentation/augmenter.js";
import { type ImageDataset, subset } from "../../src/data/dataset.js";
import { minibatches } from "../../src/data/minibatches.js";
import { openIdxWindows } from "../../src/data/readers/windows.js";
import { datasetStream } from "../../src/data/stream.js";
import { syntheticDigits } from "../../src/data/synthetic/synthetic-digits.js";
import { InvalidArgumentError } from "../../src/errors.js";
import { encodeIdxHeader } from "../../src/formats/idx.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import type { NetworkSlots } from "../../src/nn/slots.js";
import { SGD } from "../../src/optim/sgd.js";
import { RandomState } from "../../src/random/random-state.js";
import { imageRows } from "../../src/tensor/layer-input.js";
import { toArray } from "../../src/tensor/tensor.js";
import { evaluate } from "../../src/training/evaluate.js";
import { type FitOptions, fit } from "../../src/training/fit.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { randomDataset } from "./datasets.js";

const SIDE = 6;
const PIXELS = SIDE * SIDE;
const dataset = randomDataset(230, SIDE, 4);
/** Neither the first nor in order. */
const some = subset(
  dataset,
  Int32Array.from({ length: 110 }, (_, i) => 229 - 2 * i),
);
const augment: AugmentOptions = { shift: 1, rotate: 30, scale: 0.2, elastic: 1, seed: 9 };
const settings: FitOptions = { epochs: 3, batchSize: 16, learningRate: 0.3 };

describeOnEveryBackend((create) => {
  const network = () =>
    new MultilayerPerceptron({ layers: [PIXELS, 7, 4], dtype: "float64", backend: create() });
  const bitsOf = ({ parameters }: MultilayerPerceptron) => parameters.map(({ value }) => toArray(value));

  /** Steps on what an augmenter makes of these rows. */
  function step(
    stepped: MultilayerPerceptron,
    slots: NetworkSlots,
    part: ImageDataset,
    rows: Int32Array,
    epoch: number,
    numbers?: Int32Array,
  ) {
    const { features, targets } = part;
    const images = new Uint8Array(rows.length * PIXELS);
    createAugmenter(augment, [SIDE, SIDE]).augment(features.data, rows, images, { epoch, numbers });
    const x = imageRows({ ...features, images, rows: Int32Array.from(rows.keys()) });
    const values = Uint8Array.from(rows, (row) => targets.labels[row] ?? Number.NaN);
    stepped.trainStep({ x, values }, slots, new SGD(), 0.3);
  }

  it("fit takes its steps on distorted images, and measures on the images as they are", async () => {
    const fitted = network();
    const { epochs } = await fit(fitted, some, { ...settings, shuffle: 7, augment, validation: dataset });
    const stepped = network();
    const slots = stepped.createSlots(16);
    const shuffle = new RandomState(7);
    for (let epoch = 1; epoch <= 3; epoch++) {
      for (const rows of minibatches(some.rows, { batchSize: 16, shuffle }))
        step(stepped, slots, some, rows, epoch);
    }
    expect(bitsOf(fitted)).toEqual(bitsOf(stepped));
    const [train, validation] = [await evaluate(fitted, some), await evaluate(fitted, dataset)];
    expect(epochs.at(-1)).toMatchObject({ trainLoss: train.loss, validLoss: validation.loss });
  });

  it("fit draws distortions from nothing that shuffles, and changes no image", async () => {
    const before = dataset.features.data.slice();
    const shuffles = [new RandomState(3), new RandomState(3)] as const;
    await fit(network(), some, { ...settings, shuffle: shuffles[0] });
    await fit(network(), some, { ...settings, shuffle: shuffles[1], augment });
    expect(shuffles[1].nextUint32()).toBe(shuffles[0].nextUint32());
    expect(dataset.features.data).toEqual(before);
  });

  it("fit with bounds of 0 gives the bits that it gives without", async () => {
    const [plain, zero, distorted] = [network(), network(), network()];
    await fit(plain, some, settings);
    await fit(zero, some, { ...settings, augment: { shift: 0, rotate: 0, seed: 4 } });
    await fit(distorted, some, { ...settings, augment: { shift: 0.1 } });
    expect(bitsOf(zero)).toEqual(bitsOf(plain));
    expect(bitsOf(distorted)).not.toEqual(bitsOf(plain));
  });

  it("fit on a stream distorts each image as in memory, by its row in the file", async () => {
    const folder = temporaryFolder();
    const [images, labels] = [join(folder, "images"), join(folder, "labels")];
    writeFileSync(
      images,
      Buffer.concat([encodeIdxHeader("images", [230, SIDE, SIDE]), dataset.features.data]),
    );
    writeFileSync(
      labels,
      Buffer.concat([encodeIdxHeader("labels", [230]), Uint8Array.from(dataset.targets.labels)]),
    );
    const windows = await openIdxWindows({
      images,
      labels,
      chunkBytes: 10 * PIXELS,
      windowBytes: 60 * PIXELS,
    });
    onTestFinished(windows.close);
    const fitted = network();
    await fit(fitted, datasetStream(windows, some.rows), { ...settings, shuffle: 7, augment });
    const stepped = network();
    const slots = stepped.createSlots(16);
    const shuffle = new RandomState(7);
    for (let epoch = 1; epoch <= 3; epoch++) {
      for await (const { dataset: part, fileRows } of windows.epoch({ rows: some.rows, shuffle })) {
        for (const rows of minibatches(part.rows, { batchSize: 16, shuffle })) {
          const inFile = rows.map((row) => fileRows[row] ?? Number.NaN);
          step(stepped, slots, dataset, inFile, epoch);
        }
      }
    }
    expect(bitsOf(fitted)).toEqual(bitsOf(stepped));
  });

  describe("a minibatch of many images", () => {
    const digits = syntheticDigits({ count: 3000 });
    const large = () => new MultilayerPerceptron({ layers: [784, 4, 10], backend: create() });
    const slow: FitOptions = { epochs: 20, batchSize: 3000, augment: { elastic: 3 } };

    it("leaves the event loop its turns while it is distorted", async () => {
      let ticks = 0;
      const timer = setInterval(() => ticks++, 1);
      await fit(large(), digits, { ...slow, epochs: 4 });
      clearInterval(timer);
      // Four minibatches, each of 40 ms at the least. Without turns while they are distorted, there were 4 to 15.
      expect(ticks).toBeGreaterThan(20);
    });

    it("is not finished when the signal is aborted", async () => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 5);
      let steps = 0;
      const callbacks = [{ onStepEnd: () => void steps++ }];
      await expect(
        fit(large(), digits, { ...slow, callbacks, signal: controller.signal }),
      ).rejects.toMatchObject({
        code: "ERR_TRAINING_ABORTED",
        history: { epochs: [] },
      });
      expect(steps).toBe(0);
    });
  });

  it("only images can be distorted", async () => {
    const table = { ...dataset, features: { ...dataset.features, kind: "floats" as never } };
    await expect(fit(network(), table, { augment })).rejects.toThrow(
      new InvalidArgumentError(
        "Expected a dataset of images, which are bytes with a shape, for augment but received one of floats.",
      ),
    );
  });
});
