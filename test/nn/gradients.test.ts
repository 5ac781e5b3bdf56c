import { describe, expect, it } from "vitest";
import { normalInitializer } from "../../src/nn/initializers.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { RandomState } from "../../src/random/random-state.js";
import { type Tensor, zeros } from "../../src/tensor/tensor.js";
import { noteGradientCheck } from "../support/agreement.js";
import { describeOnEveryBackend } from "../support/backends.js";

describe("backward gives the slope of the loss, measured by central differences, for every parameter", () => {
  const step = 1e-5;
  const networks = [
    [5, 3],
    [4, 7, 3],
    [9, 5, 11, 1],
    [17, 13, 6, 10],
  ];

  describeOnEveryBackend((create) => {
    describe.each(networks.map((sizes) => ({ sizes })))("of a network $sizes", ({ sizes }) => {
      it.each([1, 7])("on %i examples", (examples) => {
        const backend = create();
        const random = new RandomState(examples);
        const network = new MultilayerPerceptron({
          layers: sizes,
          seed: 99,
          initializer: normalInitializer(1),
          dtype: "float64",
          backend,
        });
        for (const { bias } of network.denseLayers) random.normal(0, 1, bias.data);
        const x = zeros([examples, sizes[0] ?? 0], network);
        random.normal(0, 1, x.data);
        const labels = Uint8Array.from({ length: examples }, () =>
          random.randint(0, Math.max(2, sizes.at(-1) ?? 0)),
        );
        const loss = () => squaredError(network.forward(x).at(-1), labels);

        const slots = network.createSlots(examples);
        network.forward(x, slots);
        network.backward({ x, values: labels }, slots);
        let gradients = 0;
        let worst = 0;
        for (const { value: tensor, gradient } of network.parameters) {
          const { data, shape } = tensor;
          expect(gradient.shape).toEqual(shape);
          gradients += data.length;
          for (const [i, value] of data.entries()) {
            data[i] = value + step;
            const above = loss();
            data[i] = value - step;
            const below = loss();
            data[i] = value;
            const slope = (above - below) / (2 * step);
            const given = gradient.data[i] ?? Number.NaN;
            // The measured slope is off by up to 1e-10: by rounding the loss, and by its third derivative times step^2 / 6.
            const error = Math.abs(given - slope) / (Math.max(Math.abs(given), Math.abs(slope)) + 1e-3);
            worst = Math.max(worst, error); // NaN stays NaN, and is not below any limit.
          }
        }
        const subject = "networks in the chapter's form; relative to |gradient| + 0.001";
        noteGradientCheck({ subject, networks: 1, gradients, kinks: 0, worst, tolerance: 1e-6 });
        expect(worst).toBeLessThan(1e-6);
      });
    });
  });
});

/** The mean over the examples of the squared error summed over the output units, in plain TypeScript. */
function squaredError(outputs: Tensor | undefined, labels: Uint8Array): number {
  if (outputs === undefined) throw new Error("The network gave no outputs.");
  const classes = outputs.data.length / labels.length;
  const errors = Array.from(outputs.data, (value, i) => {
    const label = labels[Math.floor(i / classes)];
    const isClass = classes === 1 ? label === 1 : i % classes === label; // One output tells two classes apart.
    return (value - (isClass ? 1 : 0)) ** 2;
  });
  return errors.reduce((sum, error) => sum + error, 0) / labels.length;
}
