import { beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../src/backend/backend.js";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { createDataset } from "../../src/data/dataset.js";
import { syntheticDigits } from "../../src/data/synthetic/synthetic-digits.js";
import { InvalidArgumentError, ShapeError } from "../../src/errors.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { dense, standardize } from "../../src/nn/specification.js";
import { fit } from "../../src/training/fit.js";
import { predict } from "../../src/training/predict.js";
import { createPredictor } from "../../src/training/predictor.js";
import { INPUTS, SAMPLE_NETWORKS, sampleRows } from "../interchange/sample-networks.js";
import { describeOnEveryBackend } from "../support/backends.js";

const PIXELS = 28 * 28;
const digits = syntheticDigits({ count: 20 });
const { data: images } = digits.features;
const image = (row: number) => images.subarray(row * PIXELS, (row + 1) * PIXELS);
const NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const metadata = { classNames: JSON.stringify(NAMES), imageShape: "[28,28]" };
const columns = JSON.stringify({
  features: [
    { name: "x", kind: "numeric" },
    { name: "y", kind: "numeric" },
  ],
  target: { name: "price", task: "regress" },
});

describeOnEveryBackend((create) => {
  let backend: Backend;
  let network: MultilayerPerceptron;
  beforeAll(async () => {
    backend = create();
    network = new MultilayerPerceptron({ layers: [PIXELS, 30, dense(10, "softmax")], backend });
    await fit(network, digits, { epochs: 5, batchSize: 5, learningRate: 0.1 });
  });

  it("predicts of an image what predict does, with name and confidence", async () => {
    const predictor = createPredictor({ network, metadata });
    const { classes, activations } = await predict(network, digits);
    const batch = predictor.predictBatch(images);
    for (const row of classes.keys()) {
      const { class: predicted, name, confidence, outputs } = predictor.predict(image(row));
      const expected = activations.subarray(row * 10, (row + 1) * 10);
      expect([predicted, name]).toEqual([classes[row], NAMES[classes[row] as number]]);
      expect(confidence).toBe(Math.max(...outputs));
      for (const k of outputs.keys()) {
        expect(outputs[k]).toBeCloseTo(expected[k] as number, 5);
        expect(batch.outputs[row * 10 + k]).toBeCloseTo(expected[k] as number, 5);
      }
    }
    expect(batch.classes).toEqual(classes);
    expect(batch.confidences?.[3]).toBeCloseTo(predictor.predict(image(3)).confidence as number, 5);
    expect(predictor).toMatchObject({
      inputs: PIXELS,
      outputs: 10,
      learns: "classes",
      givesProbabilities: true,
      classNames: NAMES,
      imageShape: [28, 28],
    });
  });

  it("takes the same image as bytes of any kind, or as scaled numbers", () => {
    const predictor = createPredictor(network);
    const { outputs } = predictor.predict(image(0));
    for (const bytes of [Buffer.from(image(0)), Uint8ClampedArray.from(image(0))]) {
      expect(predictor.predict(bytes).outputs).toEqual(outputs);
    }
    const scaled = Array.from(image(0), (pixel) => (pixel * 2) / 255 - 1);
    for (const numbers of [scaled, Float32Array.from(scaled), Float64Array.from(scaled)]) {
      const again = predictor.predict(numbers).outputs;
      for (const k of outputs.keys()) expect(again[k]).toBeCloseTo(outputs[k] as number, 5);
    }
  });

  it("goes through more examples than fit in a batch, in one array or a list", () => {
    const predictor = createPredictor(network, { batchSize: 3 });
    const whole = createPredictor(network).predictBatch(images);
    const list = Array.from({ length: 20 }, (_, row) => image(row));
    for (const batch of [predictor.predictBatch(images), predictor.predictBatch(list)]) {
      expect([batch.count, batch.classes]).toEqual([20, whole.classes]);
      for (const [i, output] of batch.outputs.entries()) {
        expect(output).toBeCloseTo(whole.outputs[i] as number, 5);
      }
    }
    expect(predictor.predictBatch([])).toMatchObject({ count: 0, classes: new Int32Array(0) });
  });

  it("is not changed by further training, and gives results that stay as they are", async () => {
    const copied = new MultilayerPerceptron({ layers: [PIXELS, 10], backend });
    const predictor = createPredictor(copied);
    const first = predictor.predict(image(0));
    const kept = structuredClone(first);
    await fit(copied, digits, { epochs: 1, learningRate: 1 });
    const other = predictor.predict(image(1));
    expect(first).toEqual(kept);
    expect(other.outputs).not.toEqual(first.outputs);
    expect(predictor.predict(image(0))).toEqual(first);
    expect(createPredictor(copied).predict(image(0)).outputs).not.toEqual(first.outputs);
  });

  it("writes outputs where it is told", () => {
    const predictor = createPredictor(network);
    const out = new Float32Array(10);
    expect(predictor.predict(image(2), { out }).outputs).toBe(out);
    expect(out).toEqual(predictor.predict(image(2)).outputs);
    const all = new Float32Array(200);
    expect(predictor.predictBatch(images, { out: all }).outputs).toBe(all);
    expect(all).toEqual(predictor.predictBatch(images).outputs);
    expect(() => predictor.predict(image(0), { out: new Float32Array(9) })).toThrow(
      "Expected room for 10 outputs in out but received it for 9.",
    );
    expect(() => predictor.predict(image(0), { out: new Float64Array(10) })).toThrow(InvalidArgumentError);
  });

  it("reads images for a network that begins with other layers, and in float64", () => {
    const layers = [PIXELS, standardize(), dense(5, "tanh"), dense(2, "softmax")] as const;
    const other = new MultilayerPerceptron({ layers, dtype: "float64", backend });
    const predictor = createPredictor(other, { batchSize: 7 });
    const { outputs } = predictor.predict(image(4));
    expect(outputs).toBeInstanceOf(Float64Array);
    const batch = predictor.predictBatch(images).outputs;
    for (const k of [0, 1]) expect(batch[8 + k]).toBeCloseTo(outputs[k] as number, 12);
  });

  it("tells values by their names, of numbers alone", () => {
    const regressor = new MultilayerPerceptron({ layers: [2, dense(1)], backend });
    const predictor = createPredictor({ network: regressor, metadata: { dataset: "table", columns } });
    const result = predictor.predict([0.5, 2]);
    expect(result).toMatchObject({ class: null, name: null, confidence: null });
    expect(result.outputs).toHaveLength(1);
    expect(predictor.predictBatch([[0.5, 2]])).toEqual({
      count: 1,
      classes: null,
      confidences: null,
      outputs: result.outputs,
    });
    expect(predictor).toMatchObject({
      learns: "values",
      valueNames: ["price"],
      classNames: null,
      imageShape: null,
    });
    expect(() => predictor.predict(new Uint8Array(2))).toThrow(
      "Expected numbers, such as a Float64Array, for the example, because the model reads a table, but received a Uint8Array, which is for the pixels of an image.",
    );
  });

  it("tells two classes apart by a single output", () => {
    const binary = new MultilayerPerceptron({ layers: [2, dense(1, "sigmoid")], backend });
    const predictor = createPredictor({ network: binary, metadata: { classNames: '["no","yes"]' } });
    for (const example of [
      [3, 4],
      [-3, -4],
    ]) {
      const { class: predicted, name, confidence, outputs } = predictor.predict(example);
      const [a = 0] = outputs;
      expect([predicted, name]).toEqual(a >= 0.5 ? [1, "yes"] : [0, "no"]);
      expect(confidence).toBeCloseTo(Math.max(a, 1 - a), 12);
    }
  });

  it.each<[what: string, call: (p: ReturnType<typeof createPredictor>) => unknown, sentence: string]>([
    [
      "too few",
      (p) => p.predict(new Uint8Array(783)),
      "Expected 784 numbers, one for each input of the network, for the example but received 783.",
    ],
    ["a text", (p) => p.predict("x".repeat(784) as never), 'for the example but received "xxxx'],
    ["nothing", (p) => p.predict(undefined as never), "for the example but received undefined."],
    [
      "NaN",
      (p) => p.predict(new Float64Array(784).fill(Number.NaN, 5)),
      "Expected finite numbers for the example but received NaN as number 5.",
    ],
    [
      "what is no float32",
      (p) => p.predict(new Array(784).fill(1e39)),
      "Expected finite numbers for the example but received 1e+39 as number 0.",
    ],
    [
      "texts",
      (p) => p.predict(new Array(784).fill("1") as never),
      'Expected finite numbers for the example but received "1" as number 0.',
    ],
    ["a wrong row", (p) => p.predictBatch([image(0), image(1).subarray(1)]), "for row 1 but received 783."],
    [
      "numbers where examples belong",
      (p) => p.predictBatch([1, 2, 3] as never),
      "Expected 784 numbers, one for each input of the network, for row 0 but received 1.",
    ],
    [
      "an uneven array",
      (p) => p.predictBatch(new Uint8Array(1000)),
      "Expected 784 numbers for each example, one after the other, but received 1000 in all.",
    ],
    [
      "a mixture",
      (p) => p.predictBatch([image(0), new Float32Array(784)]),
      "Expected examples of one kind, bytes or numbers, but row 1 is of another kind than row 0.",
    ],
    [
      "an option that there is not",
      (p) => p.predict(image(0), { outs: 1 } as never),
      'predict: there is no option "outs"; did you mean out?',
    ],
  ])("refuses %s in one sentence, and goes on", (_, call, sentence) => {
    const predictor = createPredictor(network);
    expect(() => call(predictor)).toThrow(sentence);
    try {
      call(predictor);
    } catch (error) {
      expect(error instanceof InvalidArgumentError || error instanceof ShapeError).toBe(true);
    }
    expect(predictor.predict(image(0)).outputs).toHaveLength(10);
  });
});

describe("networks of every kind of layer", () => {
  it.each(SAMPLE_NETWORKS.map((sample) => [sample.name, sample] as const))("%s", (_, { create }) => {
    const network = create("float64");
    const rows = sampleRows(4, "float64");
    const predictor = createPredictor(network);
    const { outputs } = predictor.predictBatch(rows);
    const [first] = [predictor.predict(rows.subarray(0, INPUTS)).outputs];
    expect(outputs).toHaveLength(4 * network.outputs);
    for (const k of first.keys()) expect(outputs[k]).toBeCloseTo(first[k] as number, 12);
  });

  it("give what predict gives of the same numbers", async () => {
    const network = new MultilayerPerceptron({ layers: [4, 3, 2], backend: createJavaScriptBackend() });
    const pixels = Uint8Array.from({ length: 8 }, (_, i) => 30 * i);
    const dataset = createDataset({
      images: pixels,
      labels: new Uint8Array(2),
      imageShape: [2, 2],
      classes: 2,
    });
    const { activations } = await predict(network, dataset);
    expect(createPredictor(network).predictBatch(pixels).outputs).toEqual(activations);
  });
});
