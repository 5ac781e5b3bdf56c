import { expect, it } from "vitest";
import { subset } from "../../../src/data/dataset.js";
import { loadMnist } from "../../../src/data/readers/mnist.js";
import { exportOnnx } from "../../../src/interchange/onnx/export-onnx.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { activation, batchNormalization, dense, dropout } from "../../../src/nn/specification.js";
import { AdamW } from "../../../src/optim/adamw.js";
import { fit } from "../../../src/training/fit.js";
import { predict } from "../../../src/training/predict.js";
import { mnistDirectory } from "../../support/mnist.js";
import { hasOnnxRuntime, withRuntimeModel } from "../../support/onnx-runtime.js";

const IMAGES = 1000;

it.skipIf(mnistDirectory === null || !hasOnnxRuntime)(
  "a network that was trained on MNIST sees the same digits in ONNX Runtime",
  async () => {
    const { train, test } = await loadMnist({ directory: mnistDirectory ?? "" });
    const network = new MultilayerPerceptron({
      layers: [784, dense(64), batchNormalization(), activation("relu"), dropout(0.1), dense(10, "softmax")],
      seed: 5,
    });
    await fit(network, subset(train, train.rows.subarray(0, 6000)), {
      epochs: 2,
      batchSize: 100,
      optimizer: new AdamW(),
      learningRate: 3e-3,
    });
    const seen = subset(test, test.rows.subarray(0, IMAGES));
    const { classes, activations } = await predict(network, seen);
    const { data: images, width, scale, offset } = seen.features;
    const pixels = Uint8Array.from({ length: IMAGES * width }, (_, i) => {
      const row = seen.rows[Math.floor(i / width)] as number;
      return images[row * width + (i % width)] as number;
    });
    const inputs = {
      bytes: pixels,
      numbers: Float32Array.from(pixels, (pixel) => pixel * scale + offset),
    };
    for (const input of ["bytes", "numbers"] as const) {
      await withRuntimeModel(exportOnnx(network, { input }), async (model) => {
        expect(model.output).toBe("probabilities");
        const { data } = await model.run(inputs[input], width);
        let largest = 0;
        for (const [i, value] of data.entries()) {
          largest = Math.max(largest, Math.abs(value - (activations[i] as number)));
        }
        expect(largest).toBeLessThanOrEqual(1e-5);
        const found = Array.from({ length: IMAGES }, (_, i) => {
          const row = [...data.subarray(i * 10, (i + 1) * 10)];
          return row.indexOf(Math.max(...row));
        });
        expect(found).toEqual([...classes]);
        const { labels } = seen.targets;
        const correct = found.filter((digit, i) => digit === labels[seen.rows[i] as number]).length;
        expect(correct).toBeGreaterThan(0.85 * IMAGES);
      });
    }
  },
);
