import { describe, expect, it } from "vitest";
import type { DType } from "../../src/backend/backend.js";
import { InvalidArgumentError } from "../../src/errors.js";
import type { Dropout } from "../../src/nn/dropout.js";
import { crossEntropy } from "../../src/nn/losses/cross-entropy.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import type { MultilayerPerceptronOptions } from "../../src/nn/mlp-options.js";
import {
  activation,
  auxiliary,
  batchNormalization,
  dense,
  dropout,
  type LayerList,
  residual,
} from "../../src/nn/specification.js";
import { Adam } from "../../src/optim/adam.js";
import { SGD } from "../../src/optim/sgd.js";
import { RandomState } from "../../src/random/random-state.js";
import { imageRows } from "../../src/tensor/layer-input.js";
import { type Tensor, tensor, toArray } from "../../src/tensor/tensor.js";
import { describeOnEveryBackend, nativeBackend } from "../support/backends.js";
import { sameBytes } from "../support/guarded-memory.js";

/** Every kind of layer. */
const ALL_KINDS: LayerList = [
  20,
  dense(16),
  batchNormalization(),
  activation("relu"),
  dropout(0.3),
  residual(dense(16, "gelu"), dropout(0.1), dense(16)),
  auxiliary(dense(4, "softmax"), crossEntropy()),
  dense(12, "silu"),
  dense(4, "softmax"),
];

describeOnEveryBackend((create) => {
  const network = (layers: LayerList, options: MultilayerPerceptronOptions = {}) =>
    new MultilayerPerceptron({ layers, dtype: "float64", backend: create(), ...options });
  const numbers = (rows: number, columns: number, seed = 1, dtype: DType = "float64") =>
    tensor(new RandomState(seed).normal(0, 1, rows * columns), [rows, columns], { dtype, backend: create() });

  describe("dropout", () => {
    const layers: LayerList = [50, dropout(0.25), dense(3)];

    it("drops a quarter of the numbers in training and scales the others; the mean stays", () => {
      const net = network(layers);
      const x = tensor(new Float64Array(400 * 50).fill(3), [400, 50], { backend: create() });
      const [dropped] = net.forward(x, net.createSlots(400)) as readonly [Tensor];
      const values = [...dropped.data];
      expect(new Set(values)).toEqual(new Set([0, 4]));
      const share = values.filter((value) => value === 0).length / values.length;
      expect(Math.abs(share - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / values.length));
    });

    it("changes nothing in evaluation, and draws nothing", () => {
      const net = network(layers);
      const x = numbers(5, 50);
      const [same] = net.forward(x) as readonly [Tensor];
      expect([...same.data]).toEqual([...x.data]);
      expect((net.layers[0] as Dropout).draws).toBe(0);
    });

    it("draws another mask in each pass, the same for the same seed, and another for another", () => {
      const masks = (seed: number) => {
        const net = network(layers, { seed });
        const slots = net.createSlots(4);
        return [1, 2].map(() => [...(net.forward(numbers(4, 50), slots)[0] as Tensor).data]);
      };
      const [first, second] = masks(1);
      expect(first).not.toEqual(second);
      expect(masks(1)).toEqual([first, second]);
      expect(masks(2)).not.toEqual([first, second]);
    });

    it("takes no draw from the stream of the weights", () => {
      const plain = network([6, dense(5, "relu"), dense(3)]);
      const dropping = network([6, dense(5, "relu"), dropout(0.5), dense(3)]);
      expect(dropping.parameters.map(({ value }) => toArray(value))).toEqual(
        plain.parameters.map(({ value }) => toArray(value)),
      );
    });
  });

  describe("batch normalisation", () => {
    it("gives columns of mean 0 and deviation 1 in training, and by running statistics otherwise", () => {
      const net = network([7, batchNormalization({ momentum: 1 }), dense(2)]);
      const x = numbers(40, 7);
      x.data.forEach((value, i) => {
        x.data[i] = 5 + 3 * value;
      });
      const [normal] = net.forward(x, net.createSlots(40)) as readonly [Tensor];
      for (let j = 0; j < 7; j++) {
        const column = Array.from({ length: 40 }, (_, i) => normal.data[i * 7 + j] as number);
        const mean = column.reduce((a, b) => a + b) / 40;
        expect(mean).toBeCloseTo(0, 12);
        expect(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 40).toBeCloseTo(1, 4);
      }
      // With a momentum of 1 the running statistics are the minibatch's, but for the unbiased variance.
      const [evaluated] = net.forward(x) as readonly [Tensor];
      for (const [i, value] of evaluated.data.entries()) {
        expect(value).toBeCloseTo((normal.data[i] as number) * Math.sqrt(39 / 40), 4);
      }
    });

    it("refuses a minibatch of one example in training, and takes it otherwise", () => {
      const net = network([3, batchNormalization(), dense(2)]);
      expect(() => net.forward(numbers(1, 3), net.createSlots(1))).toThrow(InvalidArgumentError);
      expect(() => net.forward(numbers(1, 3), net.createSlots(1))).toThrow(
        "Expected at least two examples in a minibatch of a network with batch normalisation",
      );
      expect(net.forward(numbers(1, 3)).at(-1)?.shape).toEqual([1, 2]);
    });

    it("keeps its running statistics, as its gamma and beta, where it is frozen", () => {
      const net = network([3, batchNormalization(), dense(2)]);
      net.freeze("layers.0");
      const before = net.buffers.map(({ value }) => [...value.data]);
      const slots = net.createSlots(8);
      const values = numbers(8, 2, 2);
      net.trainStep({ x: numbers(8, 3), values }, slots, new SGD(), 0.1);
      expect(net.buffers.map(({ value }) => [...value.data])).toEqual(before);
      expect([...(net.parameters[0]?.value.data ?? [])]).toEqual([1, 1, 1]);
    });
  });

  it("a residual block adds what it reads", () => {
    const net = network([4, residual(dense(4, "tanh", { initializer: "zeros" })), dense(2)]);
    const x = numbers(3, 4);
    expect([...(net.forward(x)[0] as Tensor).data]).toEqual([...x.data]);
  });

  it("an auxiliary output hands on what it reads, and is learned in training", () => {
    const head = auxiliary(dense(3, "softmax"), crossEntropy());
    const net = network([4, dense(5, "tanh"), head, dense(3, "softmax")]);
    const plain = network([4, dense(5, "tanh"), dense(3, "softmax")]);
    const slots = net.createSlots(6);
    const [a, passed] = net.forward(numbers(6, 4), slots) as readonly [Tensor, Tensor];
    expect(passed).toBe(a);
    expect([...a.data]).toEqual([...(plain.forward(numbers(6, 4))[0] as Tensor).data]);
    const before = toArray(net.parameters[2]?.value as Tensor);
    const values = Int32Array.of(0, 1, 2, 0, 1, 2);
    net.trainStep({ x: numbers(6, 4), values }, slots, new SGD(), 0.1);
    expect(toArray(net.parameters[2]?.value as Tensor)).not.toEqual(before);
  });

  describe("freeze", () => {
    it("leaves parameters as they are, with any optimizer, and the others learn as before", () => {
      for (const optimizer of [() => new SGD(), () => new Adam({ weightDecay: 0.1 })]) {
        const net = network([4, dense(6, "relu"), dense(5, "relu"), dense(3, "softmax")], { alpha: 0.1 });
        net.freeze("layers.0", "layers.1.bias");
        expect(net.trainable.map(({ name }) => name)).toEqual([
          "layers.1.weight",
          "layers.2.weight",
          "layers.2.bias",
        ]);
        const before = net.parameters.map(({ value }) => toArray(value));
        const slots = net.createSlots(6);
        const values = Int32Array.of(0, 1, 2, 0, 1, 2);
        net.trainStep({ x: numbers(6, 4), values }, slots, optimizer(), 0.1);
        const changed = net.parameters.filter(
          ({ value }, i) => !sameBytes(toArray(value), before[i] as never),
        );
        expect(changed.map(({ name }) => name)).toEqual(net.trainable.map(({ name }) => name));
      }
    });

    it("names the layers that there are for one that is not", () => {
      const net = network([4, dense(3), dense(2)]);
      expect(() => net.freeze("layers.2")).toThrow(
        'Expected a layer with parameters, layers.0, layers.1, to freeze but received "layers.2".',
      );
    });
  });

  it("layers that read no bytes get images as numbers", () => {
    const net = network([9, dropout(0), dense(2)]);
    const images = Uint8Array.from({ length: 27 }, (_, i) => 9 * i);
    const x = imageRows({ images, rows: Int32Array.of(2, 0), width: 9, scale: 2 / 255, offset: -1 });
    const asNumbers = [2, 0].flatMap((row) =>
      [...images.subarray(9 * row, 9 * row + 9)].map((p) => p * (2 / 255) - 1),
    );
    const [read] = net.forward(x) as readonly [Tensor];
    for (const [i, value] of read.data.entries()) expect(value).toBeCloseTo(asNumbers[i] as number, 14);
  });

  it("gives the same outputs for each short minibatch as for a long one, in evaluation", () => {
    const net = network(ALL_KINDS);
    const x = numbers(9, 20);
    const all = [...(net.forward(x).at(-1) as Tensor).data];
    const slots = net.createSlots(9, { training: false });
    const short = tensor(x.data.slice(0, 60), [3, 20], { backend: create() });
    expect([...(net.forward(short, slots).at(-1) as Tensor).data]).toEqual(all.slice(0, 12));
  });
});

describe("a network of every kind of layer", () => {
  it("has the same bits on one, two and three threads, dropout included", () => {
    const bits = [1, 2, 3].map((threads) => {
      const create = nativeBackend(threads);
      if (create === null) return [];
      const backend = create();
      const [inputs, ...layers] = ALL_KINDS;
      const wide = layers.map((layer) =>
        typeof layer === "object" && layer.type === "dense" && layer.units === 12
          ? { ...layer, units: 300 }
          : layer,
      );
      const net = new MultilayerPerceptron({ layers: [inputs as number, ...wide], backend });
      const x = tensor(Float32Array.from(new RandomState(3).normal(0, 1, 256 * 20)), [256, 20], { backend });
      const values = Int32Array.from({ length: 256 }, (_, i) => i % 4);
      const slots = net.createSlots(256);
      const optimizer = new Adam({ clipNorm: 0.5, weightDecay: 0.01 });
      for (let step = 0; step < 5; step++) net.trainStep({ x, values }, slots, optimizer, 0.01);
      return [...net.parameters, ...net.buffers].map(({ value }) =>
        Buffer.from(toArray(value).buffer).toString("hex"),
      );
    });
    expect(bits[1]).toEqual(bits[0]);
    expect(bits[2]).toEqual(bits[0]);
  });
});
