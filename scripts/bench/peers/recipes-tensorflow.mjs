// Microseconds an example of training by a recipe in TensorFlow.js on WebAssembly, measured as in recipes.py:
//   node recipes-tensorflow.mjs RECIPE SETTINGS
// Its packages are installed by `npm install` in this folder.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import { median } from "../measure.mjs";

const [recipe, settings] = process.argv.slice(2).map((text) => JSON.parse(text));
const isOfClasses = recipe.loss === "crossEntropy";
setThreadsCount(settings.threads);
await tf.setBackend("wasm");
const { x, y } = tf.tidy(data);
const { type, learningRate, momentum } = recipe.optimizer;
const model = tf.sequential();
for (const [i, { type: layer, units, activation, rate }] of [
  ...recipe.hidden,
  { type: "dense", units: recipe.outputs, activation: isOfClasses ? "softmax" : undefined },
].entries()) {
  const shape = i === 0 ? { inputShape: [recipe.inputs] } : {};
  if (layer === "dense") model.add(tf.layers.dense({ units, activation, ...shape }));
  if (layer === "batchNormalization") model.add(tf.layers.batchNormalization());
  if (layer === "activation") model.add(tf.layers.activation({ activation }));
  if (layer === "dropout") model.add(tf.layers.dropout({ rate }));
}
model.compile({
  optimizer: type === "adam" ? tf.train.adam(learningRate) : tf.train.momentum(learningRate, momentum),
  loss: isOfClasses ? "categoricalCrossentropy" : "meanSquaredError",
});

const count = x.shape[0];
const times = [];
try {
  for (let epoch = 1; epoch <= settings.warmUp + settings.epochs; epoch++) {
    const start = performance.now();
    await model.fit(x, y, { epochs: 1, batchSize: recipe.batchSize, verbose: 0 });
    if (epoch > settings.warmUp) times.push(((performance.now() - start) * 1000) / count);
  }
} catch (error) {
  console.error(error.message); // It has no kernel for one of the operations.
}
console.log(JSON.stringify({ microseconds: times.length === 0 ? null : median(times) }));

function data() {
  if (recipe.rows !== undefined) {
    const numbers = tf.randomNormal([recipe.rows, recipe.inputs]);
    return { x: tf.keep(numbers), y: tf.keep(numbers.slice([0, 0], [-1, 3]).sum(1, true)) };
  }
  const bytes = (name, header, count) =>
    gunzipSync(readFileSync(join(settings.mnist, `${name}.gz`))).subarray(header, header + count);
  const pixels = bytes("train-images-idx3-ubyte", 16, settings.images * recipe.inputs);
  const images = Float32Array.from(pixels, (byte) => (byte / 255 - 0.5) * 2);
  const labels = Int32Array.from(bytes("train-labels-idx1-ubyte", 8, settings.images));
  return {
    x: tf.keep(tf.tensor2d(images, [labels.length, recipe.inputs])),
    y: tf.keep(tf.oneHot(tf.tensor1d(labels, "int32"), recipe.outputs).toFloat()),
  };
}
