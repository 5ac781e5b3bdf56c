import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { InvalidArgumentError, LabelRangeError, ShapeError } from "../../src/errors.js";
import { normalInitializer } from "../../src/nn/initializers.js";
import { createLossTotals } from "../../src/nn/losses/squared-error.js";
import { MultilayerPerceptron, type MultilayerPerceptronOptions } from "../../src/nn/mlp.js";
import { createWorkspace, type WorkspaceRows } from "../../src/nn/workspace.js";
import { RandomState } from "../../src/random/random-state.js";
import { type Tensor, zeros } from "../../src/tensor/tensor.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { sameBytes } from "../support/guarded-memory.js";

const backend = createJavaScriptBackend();
const create = (options: MultilayerPerceptronOptions = {}) =>
  new MultilayerPerceptron({ backend, ...options });

describe("a new network", () => {
  it("is the chapter's unless told otherwise", () => {
    const { sizes, layers, dtype, backend: used } = create();
    expect(sizes).toEqual([784, 50, 10]);
    expect(layers.map(({ weight, bias }) => [weight.shape, bias.shape])).toEqual([
      [[50, 784], [50]],
      [[10, 50], [10]],
    ]);
    expect(dtype).toBe("float32");
    expect(used).toBe(backend);
  });

  it("has the weights of NumPy's RandomState(123), layer by layer, and zero biases", () => {
    const { layers } = create({ dtype: "float64" });
    const random = new RandomState(123);
    for (const { weight, bias } of layers) {
      expect(weight.data).toEqual(random.normal(0, 0.1, new Float64Array(weight.data.length)));
      expect(bias.data.every((value) => value === 0)).toBe(true);
    }
  });

  it("has the same weights in float32, rounded", () => {
    const wide = create({ layers: [6, 4, 3], dtype: "float64" }).parameters;
    for (const [i, { data }] of create({ layers: [6, 4, 3] }).parameters.entries()) {
      expect(data).toEqual(Float32Array.from(wide[i]?.data ?? []));
    }
  });

  it("has other weights with another seed or initializer", () => {
    const first = (options: MultilayerPerceptronOptions) =>
      create({ layers: [5, 2], ...options }).layers[0]?.weight;
    expect(first({ seed: 1 })).toEqual(first({ seed: 1 }));
    expect(first({ seed: 1 })).not.toEqual(first({ seed: 2 }));
    const doubled = first({ seed: 1, initializer: normalInitializer(0.2), dtype: "float64" });
    const plain = first({ seed: 1, dtype: "float64" });
    expect(doubled?.data).toEqual(plain?.data.map((value) => 2 * value));
  });

  it("lists weight and bias of each layer as its parameters", () => {
    const network = create({ layers: [4, 3, 2] });
    expect(network.parameters.map(({ shape }) => shape)).toEqual([[3, 4], [3], [2, 3], [2]]);
    expect(network.parameters[2]).toBe(network.layers[1]?.weight);
  });

  it("keeps its sizes when the list it was made from changes", () => {
    const layers = [4, 3];
    const network = create({ layers });
    layers[0] = 99;
    expect(network.sizes).toEqual([4, 3]);
  });

  it.each([[[]], [[784]], [[784, 0]], [[784, -1, 10]], [[784, 2.5]], [[Number.NaN, 10]], [[1_000_001, 1]]])(
    "cannot have the layers %j",
    (layers) => {
      expect(() => create({ layers })).toThrow(InvalidArgumentError);
      expect(() => create({ layers })).toThrow(/^Expected at least two layer sizes.* but received \[/);
    },
  );

  it("cannot have more outputs than a byte has values", () => {
    expect(create({ layers: [2, 256] }).sizes).toEqual([2, 256]);
    expect(() => create({ layers: [2, 257] })).toThrow(InvalidArgumentError);
    expect(() => create({ layers: [2, 257] })).toThrow("but received 257");
  });

  it.each([-1, 0.5, 2 ** 32, Number.NaN])("cannot have the seed %s", (seed) => {
    expect(() => create({ layers: [2, 2], seed })).toThrow(InvalidArgumentError);
  });
});

describe("forward and backward", () => {
  it("refuse what does not fit together", () => {
    const network = create({ layers: [4, 3, 2] });
    const x = zeros([5, 4], network);
    const activations = network.forward(x);
    expect(() => network.forward(zeros([5, 3], network))).toThrow(ShapeError);
    expect(() => network.forward(zeros([4], network))).toThrow(ShapeError);
    expect(() => network.backward(x, new Uint8Array(4), activations)).toThrow(
      "Expected shape [4, 2] for the activations of the output layer but received [5, 2].",
    );
    expect(() => network.backward(x, new Uint8Array(5).fill(2), activations)).toThrow(LabelRangeError);
    expect(() => network.backward(x, new Uint8Array(5), activations.slice(0, 1))).toThrow(
      InvalidArgumentError,
    );
    expect(() =>
      network.backward(zeros([5, 3], network), new Uint8Array(5), activations, rows(network, 5)),
    ).toThrow(ShapeError);
  });

  describeOnEveryBackend((createBackend) => {
    const setUp = (examples: number) => {
      const network = create({ layers: [6, 5, 3], dtype: "float64", backend: createBackend() });
      const x = zeros([examples, 6], network);
      new RandomState(4).normal(0, 1, x.data);
      return { network, x, labels: Uint8Array.from({ length: examples }, (_, i) => i % 3) };
    };

    it("give the same bits in a workspace, whose memory holds something else, as in new tensors", () => {
      const workspaceOf = createWorkspace(setUp(7).network, { batchSize: 7, training: true });
      for (const examples of [7, 3, 7, 1]) {
        const { network, x, labels } = setUp(examples);
        const workspace = workspaceOf(examples);
        for (const { data } of tensorsOf(workspace)) data.fill(Number.NaN);
        const activations = network.forward(x, workspace);
        const gradients = network.backward(x, labels, activations, workspace);
        const newActivations = network.forward(x);
        const newGradients = network.backward(x, labels, newActivations);
        expect(activations).toEqual(workspace.activations);
        expect(gradients).toEqual(workspace.gradients);
        expectSameBytes(activations, newActivations);
        expectSameBytes(
          gradients.flatMap(({ weight, bias }) => [weight, bias]),
          newGradients.flatMap(({ weight, bias }) => [weight, bias]),
        );
      }
    });

    it("add loss and correct examples to the totals", () => {
      const { network, x, labels } = setUp(7);
      const totals = createLossTotals();
      const activations = network.forward(x);
      network.backward(x, labels, activations, undefined, totals);
      const once = [...totals];
      network.backward(x, labels, activations, undefined, totals);
      expect(once[0]).toBeGreaterThan(0);
      expect(totals[0]).toBeCloseTo(2 * (once[0] ?? 0), 12);
      expect(totals[1]).toBe(2 * (once[1] ?? 0));
    });
  });
});

describe("createWorkspace", () => {
  it("makes the views for a number of examples once", () => {
    const workspaceOf = createWorkspace(create({ layers: [4, 2] }), { batchSize: 5, training: true });
    expect(workspaceOf(3)).toBe(workspaceOf(3));
    expect(workspaceOf(3).activations[0]?.shape[0]).toBe(3);
    expect(workspaceOf(3).activations[0]?.data.buffer).toBe(workspaceOf(5).activations[0]?.data.buffer);
    expect(() => workspaceOf(6)).toThrow(ShapeError);
  });

  it("has no room for gradients without training", () => {
    const { deltas, gradients } = createWorkspace(create(), { batchSize: 1, training: false })(1);
    expect([deltas, gradients]).toEqual([[], []]);
  });
});

function rows(network: MultilayerPerceptron, examples: number): WorkspaceRows {
  return createWorkspace(network, { batchSize: examples, training: true })(examples);
}

function tensorsOf({ activations, deltas, gradients }: WorkspaceRows): Tensor[] {
  return [...activations, ...deltas, ...gradients.flatMap(({ weight, bias }) => [weight, bias])];
}

function expectSameBytes(actual: readonly Tensor[], expected: readonly Tensor[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, { data }] of actual.entries()) {
    expect(sameBytes(data, (expected[i] as Tensor).data)).toBe(true);
    expect(data.some(Number.isNaN)).toBe(false);
  }
}
