import { describe, expect, it } from "vitest";
import type { Backend, DType } from "../../src/backend/backend.js";
import { createDataset, type ImageDataset } from "../../src/data/dataset.js";
import { listInk } from "../../src/data/ink.js";
import { batches } from "../../src/data/minibatches.js";
import { createLossTotals } from "../../src/nn/losses/loss.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { SGD } from "../../src/optim/sgd.js";
import { RandomState } from "../../src/random/random-state.js";
import type { Batch } from "../../src/tensor/batch.js";
import type { Parameter } from "../../src/tensor/parameter.js";
import { assign, tensor, toArray } from "../../src/tensor/tensor.js";
import { fit } from "../../src/training/fit.js";
import { backends, describeOnEveryBackend, nativeBackend, nativeSkipReason } from "../support/backends.js";
import { dtypes, randomFloats, randomIntegers, sameBytes } from "../support/guarded-memory.js";
import { randomDataset } from "./datasets.js";

const SIDE = 12;

/** Images of which this share of the pixels, in percent, has ink. */
function inkyDataset(count: number, ink: number): ImageDataset {
  const next = randomIntegers(count + ink);
  const images = Uint8Array.from({ length: count * SIDE * SIDE }, () =>
    next() % 100 < ink ? 1 + (next() % 255) : 0,
  );
  const labels = Uint8Array.from({ length: count }, () => next() % 5);
  return createDataset({ images, labels, imageShape: [SIDE, SIDE], classes: 5 });
}

/** Every number that two networks have learned is the same, bit for bit. */
function expectSameNetwork(actual: MultilayerPerceptron, expected: MultilayerPerceptron): void {
  for (const [i, { name, value }] of actual.parameters.entries()) {
    const wanted = (expected.parameters[i] as Parameter).value;
    expect(sameBytes(toArray(value), toArray(wanted)), name).toBe(true);
    expect(sameBytes(value.data, wanted.data), `${name}, with what lies between its numbers`).toBe(true);
  }
}

/** Copies of minibatches: those of a dataset are valid until the next. */
const copied = (batch: Batch): Batch => ({ ...batch, values: Uint8Array.from(batch.values as Uint8Array) });

const layerSizes = [
  [144, 5],
  [144, 20, 5],
  [144, 33, 17, 9, 5],
  [144, 1, 5],
  [144, 300, 5],
].map((layers) => ({
  layers,
}));

describe("a step of SGD, taken where the gradient is summed,", () => {
  describeOnEveryBackend((create) => {
    describe.each(dtypes)("%s", (dtype) => {
      const apart = (network: MultilayerPerceptron, steps: readonly Batch[], rate: number) => {
        const [slots, totals] = [network.createSlots(50), createLossTotals()];
        for (const batch of steps) {
          network.forward(batch.x, slots);
          network.backward(batch, slots, totals);
          new SGD().step(network.parameters, rate);
        }
        return totals;
      };
      const fused = (network: MultilayerPerceptron, steps: readonly Batch[], rate: number) => {
        const [slots, totals, optimizer] = [network.createSlots(50), createLossTotals(), new SGD()];
        for (const batch of steps) network.trainStep(batch, slots, optimizer, rate, totals);
        expect(optimizer.steps).toBe(steps.length);
        return totals;
      };
      const check = (layers: readonly number[], stepsOf: (backend: Backend) => readonly Batch[]) => {
        const backend = create();
        const make = () => new MultilayerPerceptron({ layers, dtype, backend });
        const [one, two, untrained] = [make(), make(), make()];
        const steps = stepsOf(backend);
        const totals = fused(one, steps, 0.5);
        expect(totals).toEqual(apart(two, steps, 0.5));
        expectSameNetwork(one, two);
        const changed = one.parameters.every(
          ({ value }, i) => !sameBytes(value.data, (untrained.parameters[i] as Parameter).value.data),
        );
        expect(changed, "every parameter has changed").toBe(true);
      };

      it.each(layerSizes)(
        "has the bits of backward and step, on numbers, with layers of $layers",
        ({ layers }) => {
          check(layers, (backend) =>
            [50, 50, 7, 1].map((examples, step) => ({
              x: tensor(randomFloats(dtype, examples * 144, step), [examples, 144], { backend }),
              values: Uint8Array.from({ length: examples }, (_, i) => (i * 7 + step) % 5),
            })),
          );
        },
      );

      it.each([2, 19, 60])("has these bits on images with %i %% ink, listed or not", (ink) => {
        const dataset = inkyDataset(157, ink);
        for (const { layers } of layerSizes) {
          for (const isListed of [false, true]) {
            check(layers, (backend) => {
              const lists = isListed ? listInk(dataset, { backend }) : null;
              return Array.from(batches(dataset, { batchSize: 50, ink: lists }), copied);
            });
          }
        }
      });

      it("says that there are no gradients, and leaves padding at 0", () => {
        const network = new MultilayerPerceptron({ layers: [144, 20, 5], dtype, backend: create() });
        for (const { gradient } of network.parameters) assign(gradient, toArray(gradient).fill(7));
        const steps = Array.from(batches(inkyDataset(100, 19), { batchSize: 50 }), copied);
        fused(network, steps, 0.5);
        for (const { value, gradient } of network.parameters) {
          expect(toArray(gradient).every(Number.isNaN)).toBe(true);
          expect(value.data.filter((number) => number !== 0).length).toBeLessThanOrEqual(
            toArray(value).length,
          );
        }
      });
    });
  });

  const one = nativeBackend(1);
  const title = "has the same bits on any number of threads";
  it.skipIf(one === null)(one === null ? `${title}, skipped: ${nativeSkipReason}` : title, () => {
    const dataset = inkyDataset(1100, 19);
    const train = (dtype: DType, create: (() => Backend) | null) => {
      if (create === null) throw new Error("There is no native backend.");
      const backend = create();
      const network = new MultilayerPerceptron({ layers: [144, 70, 40, 5], dtype, backend });
      const [slots, optimizer] = [network.createSlots(300), new SGD()];
      for (const batchSize of [300, 100]) {
        for (const ink of [null, listInk(dataset, { backend })]) {
          for (const batch of batches(dataset, { batchSize, ink }))
            network.trainStep(batch, slots, optimizer, 0.3);
        }
      }
      return network;
    };
    for (const dtype of dtypes) {
      for (const threads of [2, 3])
        expectSameNetwork(train(dtype, nativeBackend(threads)), train(dtype, one));
    }
  });
});

describe("an optimizer with a step of its own is used", () => {
  const backend = (backends.at(-1) as (typeof backends)[number])[1]?.() as Backend;
  const dataset = inkyDataset(100, 19);
  const make = () => new MultilayerPerceptron({ layers: [144, 9, 5], backend });

  class Halved extends SGD {
    override step(parameters: readonly Parameter[], learningRate: number): void {
      super.step(parameters, learningRate / 2);
    }
  }

  const trainedBy = (optimizer: SGD, learningRate: number) => {
    const network = make();
    const slots = network.createSlots(50);
    for (const batch of batches(dataset, { batchSize: 50 }))
      network.trainStep(batch, slots, optimizer, learningRate);
    return network;
  };

  it("of a class that extends SGD", () => {
    const halved = new Halved();
    expect(halved.countStep).toBeUndefined();
    expectSameNetwork(trainedBy(halved, 0.5), trainedBy(new SGD(), 0.25));
    expect(halved.steps).toBe(2);
  });

  it("of an SGD whose step somebody has wrapped", () => {
    const wrapped = new SGD();
    const step = wrapped.step.bind(wrapped);
    wrapped.step = (parameters, learningRate) => step(parameters, learningRate / 2);
    expect(wrapped.countStep).toBeUndefined();
    expectSameNetwork(trainedBy(wrapped, 0.5), trainedBy(new SGD(), 0.25));
    expect(wrapped.steps).toBe(2);
  });

  it("but one that takes SGD's over may be fused", () => {
    class Named extends SGD {
      override readonly name = "mine";
    }
    const named = new Named();
    expect(named.countStep).toBeTypeOf("function");
    expectSameNetwork(trainedBy(named, 0.5), trainedBy(new SGD(), 0.5));
    expect(named.steps).toBe(2);
  });

  it("by fit, too", async () => {
    const [halved, plain] = [make(), make()];
    const options = { epochs: 2, batchSize: 30 };
    const optimizer = new Halved();
    await fit(halved, dataset, { ...options, learningRate: 0.5, optimizer });
    await fit(plain, dataset, { ...options, learningRate: 0.25 });
    expectSameNetwork(halved, plain);
    expect(optimizer.steps).toBe(8);
  });
});

describe("fit and a loop of one's own", () => {
  describeOnEveryBackend((create) => {
    const options = { epochs: 2, batchSize: 40, learningRate: 0.3 };
    const ownLoop = (dataset: ImageDataset, dtype: DType, isListed: boolean) => {
      const backend = create();
      const network = new MultilayerPerceptron({ layers: [144, 21, 5], dtype, backend });
      const [slots, optimizer, shuffle] = [network.createSlots(40), new SGD(), new RandomState(123)];
      const ink = isListed ? listInk(dataset, { backend }) : null;
      for (let epoch = 0; epoch < 2; epoch++) {
        for (const batch of batches(dataset, { batchSize: 40, shuffle, ink }))
          network.trainStep(batch, slots, optimizer, 0.3);
      }
      return network;
    };
    const fitted = async (dataset: ImageDataset, dtype: DType) => {
      const network = new MultilayerPerceptron({ layers: [144, 21, 5], dtype, backend: create() });
      await fit(network, dataset, options);
      return network;
    };

    it.each(dtypes)("train alike, with lists of ink and without, %s", async (dtype) => {
      for (const ink of [5, 19, 38, 41, 70]) {
        const dataset = inkyDataset(210, ink);
        const expected = await fitted(dataset, dtype);
        expectSameNetwork(ownLoop(dataset, dtype, true), expected);
        expectSameNetwork(ownLoop(dataset, dtype, false), expected);
      }
    });

    it("train on images without much background, which are not listed", async () => {
      const dataset = randomDataset(210, SIDE, 5);
      expect(listInk(dataset, { backend: create() })).toBeNull();
      expectSameNetwork(ownLoop(dataset, "float32", true), await fitted(dataset, "float32"));
    });

    it("train on images that another thread could change", async () => {
      const own = inkyDataset(210, 19);
      const data = new Uint8Array(new SharedArrayBuffer(own.features.data.length));
      data.set(own.features.data);
      const shared: ImageDataset = { ...own, features: { ...own.features, data } };
      expectSameNetwork(await fitted(shared, "float32"), await fitted(own, "float32"));
    });

    it("a second fit sees pixels that were changed after the first", async () => {
      const backend = create();
      const make = () => new MultilayerPerceptron({ layers: [144, 21, 5], backend });
      const dataset = inkyDataset(210, 19);
      const [twice, onNew] = [make(), make()];
      await fit(twice, dataset, options);
      for (const [i, { value }] of onNew.parameters.entries()) {
        assign(value, toArray((twice.parameters[i] as Parameter).value));
      }
      const changed = inkyDataset(210, 23).features.data;
      dataset.features.data.set(changed);
      const again = await fit(twice, dataset, options);
      const fresh = createDataset({
        images: changed.slice(),
        labels: dataset.targets.labels,
        imageShape: [SIDE, SIDE],
        classes: 5,
      });
      const wanted = await fit(onNew, fresh, options);
      expectSameNetwork(twice, onNew);
      expect(again.epochs.map(({ trainLoss }) => trainLoss)).toEqual(
        wanted.epochs.map(({ trainLoss }) => trainLoss),
      );
    });
  });
});
