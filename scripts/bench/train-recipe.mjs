// Training by a recipe of recipes.mjs, by this package.
import { join } from "node:path";
import {
  Adam,
  createDataset,
  createTable,
  MultilayerPerceptron,
  readIdx,
  SGD,
  selectBackend,
} from "mnist-native";
import { median } from "./measure.mjs";
import { epochTimes } from "./training.mjs";

/**
 * Microseconds an example of training, the median of the epochs after those of the warm-up.
 *
 * @param {{
 *   recipe: import("./recipes.mjs").Recipe, mnist: string, images: number, threads: number, warmUp: number, epochs: number,
 *   backend?: "native" | "js",
 * }} settings `images`: how many of MNIST's, its first.
 */
export async function trainRecipe({ recipe, mnist, images, threads, warmUp, epochs, backend = "native" }) {
  const { inputs, hidden, outputs, loss, batchSize, rows } = recipe;
  const dataset = rows === undefined ? await trainingImages(mnist, images) : randomTable(rows, inputs);
  const network = new MultilayerPerceptron({
    layers: [
      inputs,
      ...hidden,
      { type: "dense", units: outputs, activation: loss === "crossEntropy" ? "softmax" : "identity" },
    ],
    loss,
    backend: selectBackend({ backend, threads }),
  });
  const { type, learningRate, ...rest } = recipe.optimizer;
  const optimizer = type === "adam" ? new Adam(rest) : new SGD(rest);
  const times = await epochTimes(network, dataset, {
    epochs: warmUp + epochs,
    batchSize,
    learningRate,
    optimizer,
  });
  const seconds = median(times.slice(warmUp).map(({ epoch }) => epoch));
  return { microseconds: (seconds / dataset.rows.length) * 1e6 };
}

/** As the rivals' programs read them. */
async function trainingImages(folder, count) {
  const { data: pixels } = await readIdx(join(folder, "train-images-idx3-ubyte.gz"), "images");
  const { data: labels } = await readIdx(join(folder, "train-labels-idx1-ubyte.gz"), "labels");
  return createDataset({
    images: pixels.subarray(0, count * 784),
    labels: labels.subarray(0, count),
    imageShape: [28, 28],
    classes: 10,
  });
}

/** As the rivals' programs make it: normal features, and the target a sum of some. */
function randomTable(rows, inputs) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  const features = Float32Array.from({ length: rows * inputs }, normal);
  const values = Float32Array.from({ length: rows }, (_, i) => {
    const [a, b, c, d] = features.subarray(i * inputs, i * inputs + 4);
    return a + b + c + Math.sin(d);
  });
  return createTable({ features, width: inputs, values });
}
