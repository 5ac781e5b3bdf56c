import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { FloatArray } from "../../src/backend/backend.js";
import type { Dense } from "../../src/nn/dense.js";
import { createLossTotals } from "../../src/nn/losses/loss.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { SGD } from "../../src/optim/sgd.js";
import { assign, tensor, toArray } from "../../src/tensor/tensor.js";
import { agreementWith } from "../support/agreement.js";
import { describeOnEveryBackend } from "../support/backends.js";

interface GoldenLayer {
  /** [n_units, n_inputs] */
  readonly weight: readonly number[];
  readonly bias: readonly number[];
}

/** What `scripts/record-gradients.py` writes. */
interface GoldenGradients {
  readonly sizes: readonly number[];
  readonly learningRate: number;
  /** [n_examples, n_inputs] */
  readonly x: readonly number[];
  readonly labels: readonly number[];
  readonly layers: readonly GoldenLayer[];
  /** Of each layer, [n_examples, n_units]. */
  readonly activations: readonly (readonly number[])[];
  readonly gradients: readonly GoldenLayer[];
  /** Before each step. */
  readonly losses: readonly number[];
  readonly layersAfterSteps: readonly GoldenLayer[];
}

const golden = JSON.parse(
  readFileSync(new URL("../golden/gradients.json", import.meta.url), "utf8"),
) as GoldenGradients;

const numpy = agreementWith("NumPy", "a network: activations, gradients, losses and weights of ten steps");

describe("the network does what NumPy does", () => {
  describeOnEveryBackend((create) => {
    describe.each([
      { dtype: "float64", tolerance: 1e-12 },
      { dtype: "float32", tolerance: 1e-5 },
    ] as const)("in $dtype, within $tolerance", ({ dtype, tolerance }) => {
      const setUp = () => {
        const backend = create();
        const network = new MultilayerPerceptron({ layers: golden.sizes, dtype, backend });
        for (const [l, { weight, bias }] of network.denseLayers.entries()) {
          assign(weight, golden.layers[l]?.weight ?? []);
          assign(bias, golden.layers[l]?.bias ?? []);
        }
        const shape = [golden.labels.length, golden.sizes[0] ?? 0];
        return {
          network,
          x: tensor(golden.x, shape, { dtype, backend }),
          labels: Uint8Array.from(golden.labels),
        };
      };
      const expectNear = (actual: FloatArray | undefined, expected: readonly number[] | undefined) => {
        // Relative to the largest magnitude of the array: a small element may be the difference of two large ones.
        const largest = Math.max(...(expected ?? []).map(Math.abs));
        numpy.expectNear(actual ?? [], expected ?? [], tolerance, () => largest);
      };
      const expectLayers = (actual: readonly Dense[], expected: readonly GoldenLayer[]) => {
        expect(actual.length).toBe(expected.length);
        for (const [l, { weight, bias }] of actual.entries()) {
          expectNear(toArray(weight), expected[l]?.weight);
          expectNear(toArray(bias), expected[l]?.bias);
        }
      };

      it("forward gives its activations", () => {
        const { network, x } = setUp();
        const activations = network.forward(x);
        expect(activations.length).toBe(golden.activations.length);
        for (const [l, { data }] of activations.entries()) expectNear(data, golden.activations[l]);
      });

      it("backward gives its gradients", () => {
        const { network, x, labels } = setUp();
        const slots = network.createSlots(labels.length);
        network.forward(x, slots);
        network.backward({ x, values: labels }, slots);
        for (const [l, { parameters }] of network.denseLayers.entries()) {
          const [weight, bias] = parameters;
          expectNear(toArray(weight.gradient), golden.gradients[l]?.weight);
          expectNear(toArray(bias.gradient), golden.gradients[l]?.bias);
        }
      });

      it("ten steps of gradient descent give its losses and parameters", () => {
        const { network, x, labels } = setUp();
        const { learningRate, losses, layersAfterSteps } = golden;
        const optimizer = new SGD();
        const slots = network.createSlots(labels.length);
        const actual = losses.map(() => {
          const totals = createLossTotals();
          network.trainStep({ x, values: labels }, slots, optimizer, learningRate, totals);
          return (totals[0] ?? Number.NaN) / labels.length;
        });
        expectNear(Float64Array.from(actual), losses);
        expectLayers(network.denseLayers, layersAfterSteps);
      });
    });
  });
});
