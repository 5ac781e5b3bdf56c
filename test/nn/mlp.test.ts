import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { InvalidArgumentError, LabelRangeError, ShapeError } from "../../src/errors.js";
import { normalInitializer } from "../../src/nn/initializers.js";
import { crossEntropy } from "../../src/nn/losses/cross-entropy.js";
import { createLossTotals } from "../../src/nn/losses/loss.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import type { MultilayerPerceptronOptions } from "../../src/nn/mlp-options.js";
import type { BatchSlots } from "../../src/nn/slots.js";
import {
  auxiliary,
  batchNormalization,
  dense,
  dropout,
  residual,
  standardize,
} from "../../src/nn/specification.js";
import { SGD } from "../../src/optim/sgd.js";
import { RandomState } from "../../src/random/random-state.js";
import type { Parameter } from "../../src/tensor/parameter.js";
import { assign, type Tensor, tensor, toArray, zeros } from "../../src/tensor/tensor.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { sameBytes } from "../support/guarded-memory.js";

const backend = createJavaScriptBackend();
const create = (options: MultilayerPerceptronOptions = {}) =>
  new MultilayerPerceptron({ backend, ...options });

describe("a new network", () => {
  it("is the chapter's unless told otherwise", () => {
    const { sizes, denseLayers: layers, dtype, backend: used } = create();
    expect(sizes).toEqual([784, 50, 10]);
    expect(layers.map(({ weight, bias }) => [weight.shape, bias.shape])).toEqual([
      [[50, 784], [50]],
      [[10, 50], [10]],
    ]);
    expect(dtype).toBe("float32");
    expect(used).toBe(backend);
  });

  it("has the weights of NumPy's RandomState(123), layer by layer, and zero biases", () => {
    const { denseLayers: layers } = create({ dtype: "float64" });
    const random = new RandomState(123);
    for (const { weight, bias } of layers) {
      const drawn = toArray(weight);
      expect(drawn).toEqual(random.normal(0, 0.1, new Float64Array(drawn.length)));
      expect(bias.data.every((value) => value === 0)).toBe(true);
    }
  });

  it("has the same weights in float32, rounded", () => {
    const wide = create({ layers: [6, 4, 3], dtype: "float64" }).parameters;
    for (const [i, { value }] of create({ layers: [6, 4, 3] }).parameters.entries()) {
      expect(toArray(value)).toEqual(Float32Array.from(toArray((wide[i] as Parameter).value)));
    }
  });

  it("has other weights with another seed or initializer", () => {
    const first = (options: MultilayerPerceptronOptions) =>
      create({ layers: [5, 2], ...options }).denseLayers[0]?.weight;
    expect(first({ seed: 1 })).toEqual(first({ seed: 1 }));
    expect(first({ seed: 1 })).not.toEqual(first({ seed: 2 }));
    const doubled = first({ seed: 1, initializer: normalInitializer(0.2), dtype: "float64" });
    const plain = first({ seed: 1, dtype: "float64" });
    expect(doubled?.data).toEqual(plain?.data.map((value) => 2 * value));
  });

  it("lists weight and bias of each layer as its parameters", () => {
    const network = create({ layers: [4, 3, 2] });
    expect(
      network.parameters.map(({ name, value, gradient }) => [name, value.shape, gradient.shape]),
    ).toEqual([
      ["layers.0.weight", [3, 4], [3, 4]],
      ["layers.0.bias", [3], [3]],
      ["layers.1.weight", [2, 3], [2, 3]],
      ["layers.1.bias", [2], [2]],
    ]);
    expect(network.parameters.map(({ decays }) => decays)).toEqual([true, false, true, false]);
    expect(network.parameters[2]?.value).toBe(network.denseLayers[1]?.weight);
  });

  it("keeps all values in one array, and all gradients in another, each parameter on a line of the cache", () => {
    const { parameters } = create({ layers: [5, 3, 2] });
    for (const part of ["value", "gradient"] as const) {
      expect(new Set(parameters.map((parameter) => parameter[part].data.buffer)).size).toBe(1);
      for (const parameter of parameters) expect(parameter[part].data.byteOffset % 64).toBe(0);
    }
    expect(parameters[0]?.value.data.buffer).not.toBe(parameters[0]?.gradient.data.buffer);
  });

  it("has weights first in these arrays, and then biases", () => {
    const { parameters } = create({ layers: [5, 3, 2], dtype: "float64" });
    const starts = parameters.map(({ value, gradient }) =>
      [value.data, gradient.data].map((x) => x.byteOffset),
    );
    const first = starts[0] as number[];
    const distances = starts.map((own) => own.map((start, k) => (start - (first[k] as number)) / 8));
    expect(distances).toEqual([
      [0, 0],
      [64, 64], // Behind 5 and 3 columns of a line each.
      [40, 40],
      [72, 72],
    ]);
  });

  it("keeps its sizes when the list it was made from changes", () => {
    const layers = [4, 3];
    const network = create({ layers });
    layers[0] = 99;
    expect(network.sizes).toEqual([4, 3]);
  });

  it.each<[readonly unknown[], string]>([
    [[], "the inputs, layers[0], but received undefined"],
    [[784], "at least one layer"],
    [[784, 0], "layers[1] but received 0"],
    [[784, -1, 10], "layers[1] but received -1"],
    [[784, 2.5], "layers[1] but received 2.5"],
    [[Number.NaN, 10], "layers[0], but received NaN"],
    [[1_000_001, 1], "layers[0], but received 1000001"],
    [[784, "10"], 'Expected a layer, such as dense(50, "relu"), for layers[1] but received "10"'],
    [[784, { type: "dence", units: 10 }], 'such as dense, for layers[1] but received "dence"'],
    [[784, { type: "dense" }], "Expected units of the dense layer layers[1], but there is none."],
    [[784, { type: "dense", units: 10, activations: "relu" }], "but received activations"],
    [[784, dense(10, "relu6" as never)], 'for the activation of layers.0 but received "relu6"'],
    [[784, dense(10, "softmax"), 10], "received it in layers.0"],
    [[784, 10, dropout(0.5)], "at the end of layers but received dropout"],
    [[784, dropout(1), 10], "from 0 to less than 1 for the rate of layers.0 but received 1"],
    [[784, 5, standardize(), 10], "Expected standardize as the first layer"],
    [[784, residual(dense(5)), 10], "as many units as it has inputs, 784, but it ends with 5"],
    [[784, residual(), 10], "Expected at least one layer in the residual block layers.0"],
    [[784, auxiliary(dense(10, "softmax"), crossEntropy()), 10], "Expected a layer before the auxiliary"],
    [[784, 5, auxiliary(dense(10, "relu"), crossEntropy()), 10], "Expected softmax for the activation"],
    [[784, batchNormalization({ epsilon: 0 }), 10], "above 0 for the epsilon of layers.0 but received 0"],
    [[784, dense(10, "relu")], "Expected sigmoid or identity for the activation of the last layer"],
    [[784, dense(1, "softmax")], "the softmax of one is always 1"],
    [[784, dense(10, "tanh", { initializer: "he" as never })], "heNormal"],
  ])("cannot have the layers %j", (layers, fault) => {
    const call = () => create({ layers: layers as never });
    expect(call).toThrow(fault);
    expect(call).toThrow(/Expected/);
  });

  it.each<[MultilayerPerceptronOptions, string]>([
    [
      { loss: "crossEntropy" },
      "Expected softmax for the activation of the last layer, as the cross-entropy asks for, but received sigmoid; there are squaredError with sigmoid or identity",
    ],
    [
      { loss: "hinge" as never },
      'Expected one of squaredError, absoluteError, huber, binaryCrossEntropy, crossEntropy for loss but received "hinge"',
    ],
    [{ loss: { type: "huber", threshold: 0 } as never }, "above 0 for threshold but received 0"],
    [{ loss: { type: "crossEntropy", smoothing: 0.1 } as never }, 'there is no option "smoothing"'],
    [{ alpha: -1 }, "of at least 0 for alpha but received -1"],
    [{ l1: Number.NaN }, "of at least 0 for l1 but received NaN"],
  ])("cannot have %j", (options, fault) => {
    expect(() => create(options)).toThrow(fault);
  });

  it("refuses options that it does not know, and names the nearest", () => {
    expect(() => create({ layer: [4, 2] } as never)).toThrow(
      'MultilayerPerceptron: there is no option "layer"; did you mean layers?',
    );
    expect(() => create({ momentum: 1 } as never)).toThrow(
      /there is no option "momentum"; its options are layers, loss/,
    );
    expect(() => new MultilayerPerceptron([784, 10] as never)).toThrow(
      "expected an object of options, such as { layers: [784, 50, 10] }, but received an array.",
    );
    expect(() => create({ layers: "784,10" } as never)).toThrow(InvalidArgumentError);
    expect(() => create({ dtype: "float16" } as never)).toThrow(
      'float32 or float64 for dtype but received "float16"',
    );
  });

  it.each([-1, 0.5, 2 ** 32, Number.NaN])("cannot have the seed %s", (seed) => {
    expect(() => create({ layers: [2, 2], seed })).toThrow(InvalidArgumentError);
  });
});

it("a loss that is no finite number takes no step, and the next ones are taken all the same", () => {
  const network = create({ layers: [2, 1], loss: "squaredError", dtype: "float64" });
  const slots = network.createSlots(1);
  const totals = createLossTotals();
  const step = (x: number) => {
    const before = toArray(network.parameters[0]?.value as Tensor);
    const batch = { x: tensor([x, 1], [1, 2], { dtype: "float64", backend }), values: Uint8Array.of(1) };
    const hasStepped = network.trainStep(batch, slots, new SGD(), 0.1, totals);
    return [hasStepped, sameBytes(toArray(network.parameters[0]?.value as Tensor), before)];
  };
  expect(step(1)).toEqual([true, false]);
  expect(step(Number.NaN)).toEqual([false, true]);
  expect(totals[0]).toBeNaN();
  expect(step(2)).toEqual([true, false]);
});

describe("forward and backward", () => {
  it("refuse what does not fit together", () => {
    const network = create({ layers: [4, 3, 2] });
    const x = zeros([5, 4], network);
    const slots = network.createSlots(5);
    network.forward(x, slots);
    expect(() => network.forward(zeros([5, 3], network))).toThrow(ShapeError);
    expect(() => network.forward(zeros([4], network))).toThrow(ShapeError);
    expect(() => network.forward(zeros([6, 4], network), slots)).toThrow(ShapeError);
    expect(() => network.backward({ x, values: new Uint8Array(4) }, slots)).toThrow(ShapeError);
    expect(() => network.backward({ x, values: new Uint8Array(5).fill(2) }, slots)).toThrow(LabelRangeError);
    expect(() => network.backward({ x: zeros([5, 3], network), values: new Uint8Array(5) }, slots)).toThrow(
      ShapeError,
    );
    const forwardOnly = network.createSlots(5, { training: false });
    expect(() => network.backward({ x, values: new Uint8Array(5) }, forwardOnly)).toThrow(
      "Expected slots with room for training",
    );
  });

  describeOnEveryBackend((createBackend) => {
    const setUp = (examples: number) => {
      const network = create({ layers: [6, 5, 3], dtype: "float64", backend: createBackend() });
      const x = zeros([examples, 6], network);
      new RandomState(4).normal(0, 1, x.data);
      return { network, x, values: Uint8Array.from({ length: examples }, (_, i) => i % 3) };
    };

    it("give the same bits in slots of another size, whose memory holds something else, as in new ones", () => {
      const { network } = setUp(1);
      const slots = network.createSlots(7);
      for (const examples of [7, 3, 7, 1]) {
        const { network: fresh, x, values } = setUp(examples);
        const view = slots.forRows(examples);
        for (const { data } of tensorsOf(view)) data.fill(Number.NaN);
        for (const gradient of gradientsOf(network)) assign(gradient, toArray(gradient).fill(Number.NaN));
        const activations = network.forward(x, slots);
        network.backward({ x, values }, slots);
        const freshSlots = fresh.createSlots(examples);
        const freshActivations = fresh.forward(x, freshSlots);
        fresh.backward({ x, values }, freshSlots);
        expect(activations).toBe(view.activations);
        expectSameBytes(activations, freshActivations);
        expectSameBytes(fresh.forward(x), freshActivations);
        expectSameBytes(gradientsOf(network), gradientsOf(fresh));
      }
    });

    it("add loss and correct examples to the totals", () => {
      const { network, x, values } = setUp(7);
      const totals = createLossTotals();
      const slots = network.createSlots(7);
      network.forward(x, slots);
      network.backward({ x, values }, slots, totals);
      const once = [...totals];
      network.backward({ x, values }, slots, totals);
      expect(once[0]).toBeGreaterThan(0);
      expect(totals[0]).toBeCloseTo(2 * (once[0] ?? 0), 12);
      expect(totals[1]).toBe(2 * (once[1] ?? 0));
    });

    it("and the optimizer's step are what trainStep does, bit for bit", () => {
      const apart = setUp(7);
      const together = setUp(7);
      const [slots, others] = [apart.network.createSlots(7), together.network.createSlots(7)];
      const optimizer = new SGD();
      for (let step = 0; step < 3; step++) {
        apart.network.forward(apart.x, slots);
        apart.network.backward(apart, slots);
        optimizer.step(apart.network.parameters, 0.3);
        together.network.trainStep(together, others, new SGD(), 0.3);
      }
      expectSameBytes(
        together.network.parameters.map(({ value }) => value),
        apart.network.parameters.map(({ value }) => value),
      );
    });
  });
});

describe("slots", () => {
  it("make the views for a number of examples once", () => {
    const slots = create({ layers: [4, 2] }).createSlots(5);
    expect(slots.forRows(3)).toBe(slots.forRows(3));
    expect(slots.forRows(3).activations[0]?.shape[0]).toBe(3);
    expect(slots.forRows(3).activations[0]?.data.buffer).toBe(slots.forRows(5).activations[0]?.data.buffer);
    expect(() => slots.forRows(6)).toThrow(ShapeError);
  });

  it("have no room for gradients without training, and none with respect to the network's input", () => {
    const { delta, layers } = create({ layers: [4, 3, 2] })
      .createSlots(1, { training: false })
      .forRows(1);
    expect(delta).toBeUndefined();
    expect(layers.map(({ upstream }) => upstream)).toEqual([undefined, undefined]);
    const training = create({ layers: [4, 3, 2] })
      .createSlots(1)
      .forRows(1);
    expect(training.layers.map(({ upstream }) => upstream?.shape)).toEqual([undefined, [1, 3]]);
  });
});

function tensorsOf({ layers, delta }: BatchSlots): Tensor[] {
  const kept = layers.flatMap(({ output, upstream }) => [output, upstream]);
  return [...kept, delta].filter((x) => x !== undefined);
}

function gradientsOf(network: MultilayerPerceptron): Tensor[] {
  return network.parameters.map(({ gradient }) => gradient);
}

function expectSameBytes(actual: readonly Tensor[], expected: readonly Tensor[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, { data }] of actual.entries()) {
    expect(sameBytes(data, (expected[i] as Tensor).data)).toBe(true);
    expect(data.some(Number.isNaN)).toBe(false);
  }
}
