import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACTIVATIONS } from "../../src/backend/activation.js";
import { crossEntropy } from "../../src/nn/losses/cross-entropy.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import {
  activation,
  auxiliary,
  batchNormalization,
  dense,
  dropout,
  type LayerSpecification,
  residual,
  standardize,
} from "../../src/nn/specification.js";
import { Standardize } from "../../src/nn/standardize.js";
import { RandomState } from "../../src/random/random-state.js";
import { imageRows } from "../../src/tensor/layer-input.js";
import { type Tensor, tensor, toArray } from "../../src/tensor/tensor.js";
import { noteGradientCheck } from "../support/agreement.js";
import { describeOnEveryBackend } from "../support/backends.js";

const INPUTS = 5;
const OUTPUTS = 3;
const EXAMPLES = 4;
/** Relative to 1 + |gradient|. */
const TOLERANCE = 1e-7;

const everyKind: readonly LayerSpecification[] = [
  standardize(),
  dropout(0.4),
  dense(6, "tanh"),
  batchNormalization(),
  auxiliary(dense(OUTPUTS, "softmax"), crossEntropy()),
  residual(dense(7, "silu"), dropout(0.3), batchNormalization(), dense(6), activation("tanh")),
  dropout(0.5),
  activation("gelu"),
];

const networks: readonly { readonly name: string; readonly hidden: readonly LayerSpecification[] }[] = [
  { name: "no hidden layer", hidden: [] },
  ...ACTIVATIONS.map((name) => ({
    name: `a layer of ${name}, and one after it`,
    hidden: [dense(6, name), dense(4, name)],
  })),
  ...ACTIVATIONS.map((name) => ({ name: `${name} by itself`, hidden: [dense(6), activation(name)] })),
  { name: "a residual block at the inputs", hidden: [residual(dense(INPUTS, "tanh"), dropout(0.2))] },
  {
    name: "residual blocks in one another",
    hidden: [residual(dense(4, "silu"), residual(dense(4, "tanh")), dense(INPUTS))],
  },
  { name: "batch normalisation at the inputs", hidden: [batchNormalization(), dense(4, "sigmoid")] },
  { name: "layers of every kind", hidden: everyKind },
];

describeOnEveryBackend((create) => {
  describe("inputGradient is the slope of the outputs before their activation, by central differences", () => {
    it.each(networks)("of a network with $name", ({ name, hidden }) => {
      const network = lived(hidden, create());
      const random = new RandomState(5);
      const numbers = new Float64Array(EXAMPLES * INPUTS);
      random.normal(0, 1, numbers);
      const weights = new Float64Array(EXAMPLES * OUTPUTS);
      random.normal(0, 1, weights);
      const given = gradientOf(network, numbers, weights);

      const measure = () => {
        const z = network.forward(inputs(network, numbers)).at(-1)?.data ?? []; // The output is linear.
        return weights.reduce((sum, weight, i) => sum + weight * (z[i] ?? Number.NaN), 0);
      };
      const step = 1e-6;
      let worst = 0;
      for (const [i, value] of numbers.entries()) {
        numbers[i] = value + step;
        const above = measure();
        numbers[i] = value - step;
        const below = measure();
        numbers[i] = value;
        const slope = (above - below) / (2 * step);
        worst = Math.max(worst, Math.abs((given[i] ?? Number.NaN) - slope) / (1 + Math.abs(slope)));
      }
      noteGradientCheck({
        subject: "with respect to the inputs; relative to 1 + |gradient|",
        networks: 1,
        gradients: numbers.length,
        kinks: 0,
        worst,
        tolerance: TOLERANCE,
      });
      expect(worst, name).toBeLessThan(TOLERANCE);
    });

    it("of outputs with a softmax, whose logarithms differ as they do before it", () => {
      const network = new MultilayerPerceptron({
        layers: [INPUTS, dense(4, "tanh"), dense(OUTPUTS, "softmax")],
        loss: crossEntropy(),
        dtype: "float64",
        backend: create(),
      });
      const numbers = Float64Array.of(0.3, -1.2, 0.7, 2, -0.4);
      const given = gradientOf(network, numbers, Float64Array.of(1, 0, -1));
      const difference = (at: Float64Array) => {
        const [a = 0, , c = 0] = network.forward(inputs(network, at)).at(-1)?.data ?? [];
        return Math.log(a / c);
      };
      for (let i = 0; i < INPUTS; i++) {
        const [above, below] = [1e-6, -1e-6].map((step) =>
          difference(numbers.map((x, j) => (i === j ? x + step : x))),
        );
        expect(given[i]).toBeCloseTo(((above ?? Number.NaN) - (below ?? Number.NaN)) / 2e-6, 6);
      }
    });
  });

  it("is the weights themselves of a single linear layer, in both types", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const network = new MultilayerPerceptron({ layers: [7, dense(3)], dtype, backend: create() });
      const [layer] = network.denseLayers;
      const x = tensor(new Float32Array(7), [1, 7], { backend: network.backend });
      const xs = dtype === "float32" ? x : tensor(new Float64Array(7), [1, 7], { backend: network.backend });
      const slots = network.createSlots(1, { inputGradient: true });
      network.forward(xs, slots);
      const one = dtype === "float32" ? Float32Array.of(0, 1, 0) : Float64Array.of(0, 1, 0);
      const found = network.inputGradient(xs, tensor(one, [1, 3], network), slots);
      expect(toArray(found)).toEqual(layer && toArray(layer.weight).subarray(7, 14));
    }
  });

  it("of images is the same as of their scaled pixels", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 10, maxLength: 10 }), (images) => {
        for (const hidden of [[dense(4, "silu")], [batchNormalization(), dense(4)]]) {
          const network = lived(hidden, create());
          const x = imageRows({
            images,
            rows: Int32Array.of(1, 0),
            width: INPUTS,
            scale: 2 / 255,
            offset: -1,
          });
          const slots = network.createSlots(2, { inputGradient: true });
          network.forward(x, slots);
          const weights = tensor(Float64Array.of(1, 0, 0, 0, 0, 1), [2, OUTPUTS], network);
          const found = toArray(network.inputGradient(x, weights, slots));
          const scaled = Float64Array.from([...images.subarray(5), ...images.subarray(0, 5)], (pixel) =>
            Math.fround((pixel * 2) / 255 - 1),
          );
          const expected = gradientOf(network, scaled, weights.data as Float64Array);
          for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 5);
        }
      }),
      { numRuns: 20 },
    );
  });

  it("changes nothing of the network, and what is learned afterwards not by a bit", () => {
    const make = () => lived(everyKind, create());
    const [looked, other] = [make(), make()];
    const numbers = new Float64Array(EXAMPLES * INPUTS).map((_, i) => Math.sin(i));
    const before = everything(looked);
    gradientOf(looked, numbers, new Float64Array(EXAMPLES * OUTPUTS).fill(1));
    expect(everything(looked)).toEqual(before);
    expect(looked.draws).toEqual(other.draws);
    for (const network of [looked, other]) {
      const slots = network.createSlots(EXAMPLES);
      const batch = { x: inputs(network, numbers), values: Uint8Array.of(0, 1, 2, 0) };
      network.forward(batch.x, slots);
      network.backward(batch, slots);
    }
    expect(everything(looked)).toEqual(everything(other));
  });

  it("refuses slots that are for something else, and other numbers of outputs", () => {
    const network = lived([dense(4)], create());
    const x = inputs(network, new Float64Array(INPUTS));
    const weights = tensor(new Float64Array(OUTPUTS), [1, OUTPUTS], network);
    for (const options of [{}, { training: false }]) {
      const slots = network.createSlots(1, options);
      network.forward(x, slots);
      expect(() => network.inputGradient(x, weights, slots)).toThrow(
        "Expected slots with room for inputGradient; make them by createSlots(rows, { inputGradient: true }).",
      );
    }
    expect(() => network.createSlots(1, { training: true, inputGradient: true })).toThrow(
      "leave out training",
    );
    const slots = network.createSlots(1, { inputGradient: true });
    expect(() => network.backward({ x, values: Uint8Array.of(0) }, slots)).toThrow("room for training");
    network.forward(x, slots);
    const short = tensor(new Float64Array(2), [1, 2], network);
    expect(() => network.inputGradient(x, short, slots)).toThrow("Expected shape");
  });
});

type Backend = NonNullable<ConstructorParameters<typeof MultilayerPerceptron>[0]>["backend"];

/** A network with a linear output that has been in use: its running means and its columns' means are not those that it began with. */
function lived(hidden: readonly LayerSpecification[], backend: Backend): MultilayerPerceptron {
  const network = new MultilayerPerceptron({
    layers: [INPUTS, ...hidden, dense(OUTPUTS)],
    seed: 3,
    dtype: "float64",
    backend,
  });
  const random = new RandomState(11);
  for (const { name, value } of network.parameters) {
    if (!name.endsWith(".weight")) random.normal(name.endsWith(".gamma") ? 1 : 0, 0.3, value.data);
  }
  for (const { name, value } of network.buffers) {
    if (name.endsWith("runningMean")) random.normal(0, 0.5, value.data);
    else if (name.endsWith("runningVariance")) value.data.set(random.uniform(0.5, 2, value.data.length));
  }
  for (const layer of network.layers) {
    if (layer instanceof Standardize) {
      layer.learn(
        Float64Array.from({ length: layer.units }, (_, i) => i / 3),
        Float64Array.from({ length: layer.units }, (_, i) => 1 + i / 2),
      );
    }
  }
  return network;
}

function inputs(network: MultilayerPerceptron, numbers: Float64Array): Tensor {
  return tensor(numbers, [numbers.length / INPUTS, INPUTS], { backend: network.backend });
}

function gradientOf(network: MultilayerPerceptron, numbers: Float64Array, weights: Float64Array) {
  const x = inputs(network, numbers);
  const rows = numbers.length / INPUTS;
  const slots = network.createSlots(rows, { inputGradient: true });
  network.forward(x, slots);
  return toArray(network.inputGradient(x, tensor(weights, [rows, OUTPUTS], network), slots));
}

function everything({ parameters, buffers }: MultilayerPerceptron) {
  return [
    ...parameters.flatMap(({ value, gradient }) => [toArray(value), toArray(gradient)]),
    ...buffers.map(({ value }) => toArray(value)),
  ];
}
