import { describe, expect, it } from "vitest";
import { ACTIVATIONS } from "../../src/backend/activation.js";
import { Dropout } from "../../src/nn/dropout.js";
import type { Layer } from "../../src/nn/layer.js";
import { absoluteError, huber } from "../../src/nn/losses/absolute-error.js";
import { binaryCrossEntropy, crossEntropy } from "../../src/nn/losses/cross-entropy.js";
import type { Loss } from "../../src/nn/losses/loss.js";
import { squaredError } from "../../src/nn/losses/squared-error.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { Residual } from "../../src/nn/residual.js";
import {
  activation,
  auxiliary,
  batchNormalization,
  dense,
  dropout,
  type LayerSpecification,
  type OutputActivation,
  residual,
  standardize,
} from "../../src/nn/specification.js";
import { RandomState } from "../../src/random/random-state.js";
import type { Batch } from "../../src/tensor/batch.js";
import { tensor } from "../../src/tensor/tensor.js";
import { noteGradientCheck } from "../support/agreement.js";
import { describeOnEveryBackend } from "../support/backends.js";

const EXAMPLES = 6;
const INPUTS = 3;
const WIDTH = 4;
/** The largest error of a gradient, relative to 1 + |gradient|. */
const TOLERANCE = 1e-7;

/** What an output may learn, and by which loss: every pair that there is. */
const OUTPUTS: readonly {
  readonly name: string;
  readonly loss: () => Loss;
  readonly output: OutputActivation;
  readonly units: number;
  readonly targets: "classes" | "values" | "shares";
}[] = [
  { name: "squared error", loss: () => squaredError(), output: "sigmoid", units: 3, targets: "classes" },
  { name: "squared error", loss: () => squaredError(), output: "identity", units: 3, targets: "classes" },
  {
    name: "squared error of one unit",
    loss: () => squaredError(),
    output: "identity",
    units: 1,
    targets: "classes",
  },
  { name: "squared error", loss: () => squaredError(), output: "sigmoid", units: 2, targets: "values" },
  {
    name: "squared error",
    loss: () => squaredError({ averageOutputs: true }),
    output: "identity",
    units: 2,
    targets: "values",
  },
  {
    name: "half squared error",
    loss: () => squaredError({ factor: 0.5 }),
    output: "identity",
    units: 2,
    targets: "values",
  },
  { name: "absolute error", loss: () => absoluteError(), output: "identity", units: 2, targets: "values" },
  {
    name: "Huber's loss",
    loss: () => huber({ threshold: 0.5 }),
    output: "identity",
    units: 2,
    targets: "values",
  },
  {
    name: "binary cross-entropy",
    loss: () => binaryCrossEntropy(),
    output: "sigmoid",
    units: 1,
    targets: "classes",
  },
  {
    name: "binary cross-entropy",
    loss: () => binaryCrossEntropy(),
    output: "sigmoid",
    units: 3,
    targets: "classes",
  },
  {
    name: "binary cross-entropy",
    loss: () => binaryCrossEntropy({ labelSmoothing: 0.2 }),
    output: "sigmoid",
    units: 3,
    targets: "shares",
  },
  { name: "cross-entropy", loss: () => crossEntropy(), output: "softmax", units: 3, targets: "classes" },
  {
    name: "smoothed cross-entropy",
    loss: () => crossEntropy({ labelSmoothing: 0.1 }),
    output: "softmax",
    units: 3,
    targets: "classes",
  },
];

const REGULARIZERS = [{}, { alpha: 0.3 }, { l1: 0.2 }, { alpha: 0.3, l1: 0.2 }] as const;

/** Layers between the inputs and the output layer, with an activation somewhere. */
const BODIES: Readonly<
  Record<string, (f: (typeof ACTIVATIONS)[number], head: LayerSpecification) => readonly LayerSpecification[]>
> = {
  dense: (f) => [dense(WIDTH, f)],
  "two dense layers": (f) => [dense(WIDTH, f), dense(WIDTH, f)],
  "standardized inputs": (f) => [standardize(), dense(WIDTH, f)],
  dropout: (f) => [dense(WIDTH, f), dropout(0.4)],
  "dropout of inputs": (f) => [dropout(0.4), dense(WIDTH, f)],
  "batch normalisation": (f) => [dense(WIDTH), batchNormalization(), activation(f)],
  "a residual block": (f) => [dense(WIDTH, "tanh"), residual(dense(WIDTH, f), dense(WIDTH)), activation(f)],
  "a residual block of all kinds": (f) => [
    dense(WIDTH, "tanh"),
    residual(dense(5), batchNormalization(), activation(f), dropout(0.2), dense(WIDTH, f)),
  ],
  "an auxiliary output": (f, head) => [dense(WIDTH, f), head, dense(WIDTH, "tanh")],
};

describeOnEveryBackend((create) => {
  describe("gradients by central differences, in float64", () => {
    let networks = 0;
    let kinks = 0;
    let checked = 0;
    let worst = 0;

    for (const [kind, body] of Object.entries(BODIES)) {
      it.each(OUTPUTS)(
        `${kind}, $output, $name of $targets, by every activation and regulariser`,
        (output) => {
          for (const f of ACTIVATIONS) {
            for (const regularizer of REGULARIZERS) {
              for (const weighted of [false, true]) {
                const { loss, units } = output;
                const head = auxiliary(dense(units, output.output), loss(), { weight: 0.5 });
                const network = new MultilayerPerceptron({
                  layers: [INPUTS, ...body(f, head), dense(units, output.output)],
                  loss: loss(),
                  ...regularizer,
                  seed: 7,
                  dtype: "float64",
                  backend: create(),
                });
                drawBiases(network);
                const counts = compareGradients(network, randomBatch(network, output.targets, weighted));
                networks += 1;
                kinks += counts.kinks;
                checked += counts.checked;
                worst = Math.max(worst, counts.worst);
              }
            }
          }
        },
      );
    }

    it("leaves few points out", () => {
      const subject =
        "every combination of layers, activation, output, loss, regulariser and weights; relative to 1 + |gradient|";
      noteGradientCheck({ subject, networks, gradients: checked, kinks, worst, tolerance: TOLERANCE });
      expect(networks).toBe(
        Object.keys(BODIES).length * OUTPUTS.length * ACTIVATIONS.length * REGULARIZERS.length * 2,
      );
      expect(kinks).toBeLessThan(checked / 100);
    });
  });
});

/** Zeros would put an input that is dropped altogether on the kink of a relu. */
function drawBiases(network: MultilayerPerceptron): void {
  const random = new RandomState(5);
  for (const { name, value } of network.parameters) {
    if (name.endsWith(".bias")) random.normal(0, 0.5, value.data);
  }
}

function randomBatch(network: MultilayerPerceptron, targets: string, weighted: boolean): Batch {
  const random = new RandomState(11);
  const { backend, outputs } = network;
  const x = tensor(random.normal(0, 1, EXAMPLES * INPUTS), [EXAMPLES, INPUTS], { backend });
  const classes = outputs === 1 ? 2 : outputs;
  const numbers = random.normal(0, 1, EXAMPLES * outputs);
  const values =
    targets === "classes"
      ? Int32Array.from({ length: EXAMPLES }, (_, i) => i % classes)
      : tensor(
          targets === "shares" ? numbers.map((y) => 1 / (1 + Math.exp(-y))) : numbers,
          [EXAMPLES, outputs],
          {
            backend,
          },
        );
  return { x, values, ...(weighted && { weights: Float64Array.of(1, 0.5, 2, 0, 3, 0.25) }) };
}

/**
 * Every parameter's gradient against (f(w + h) - f(w - h)) / 2h. Where there is a kink between the two, another h gives another slope: such
 * points are left out and counted.
 */
function compareGradients(
  network: MultilayerPerceptron,
  batch: Batch,
): { kinks: number; checked: number; worst: number } {
  const slots = network.createSlots(EXAMPLES);
  drawAgain(network.layers);
  network.forward(batch.x, slots);
  network.backward(batch, slots);
  let kinks = 0;
  let checked = 0;
  let worst = 0;
  for (const { name, value, gradient } of network.parameters) {
    for (const i of ownPlaces(value)) {
      const w = value.data[i] as number;
      const objective = (of: number) => {
        value.data[i] = of;
        drawAgain(network.layers);
        return network.objective(batch, slots);
      };
      const slope = (h: number) => (objective(w + h) - objective(w - h)) / (2 * h);
      const analytic = gradient.data[i] as number;
      const scale = 1 + Math.abs(analytic);
      const tolerance = TOLERANCE * scale;
      const difference = slope(1e-5);
      const error = Math.abs(difference - analytic);
      if (!(error <= tolerance)) {
        if (Number.isNaN(analytic) || Math.abs(slope(1e-6) - difference) <= tolerance / 10) {
          expect.fail(`${name}, place ${i}: the gradient is ${analytic}, and the difference ${difference}`);
        }
        kinks += 1;
      } else {
        checked += 1;
        worst = Math.max(worst, error / scale);
      }
      value.data[i] = w;
    }
  }
  return { kinks, checked, worst };
}

/** Where the numbers of a parameter lie, without what is between them. */
function ownPlaces({
  shape,
  order,
  stride,
  data,
}: MultilayerPerceptron["parameters"][number]["value"]): readonly number[] {
  const [rows = 0, columns] = shape;
  if (columns === undefined) return [...data.keys()];
  const places: number[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) places.push(order === "columns" ? j * stride + i : i * stride + j);
  }
  return places;
}

/** So that each pass drops the same units. */
function drawAgain(layers: readonly Layer[]): void {
  for (const layer of layers) {
    if (layer instanceof Dropout) layer.draws = 0;
    if (layer instanceof Residual) drawAgain(layer.layers);
  }
}
