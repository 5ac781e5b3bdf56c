// Seconds of an epoch of the chapter's network in TensorFlow.js on WebAssembly: node tensorflow.mjs IMAGES
// Its packages are installed by `npm install` in this folder.
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs";

const count = Number(process.argv[2]);
await tf.setBackend("wasm");
const x = tf.tidy(() => tf.randomUniform([count, 784], -1, 1));
const labels = Int32Array.from({ length: count }, (_, i) => i % 10);
const y = tf.tidy(() => tf.oneHot(tf.tensor1d(labels, "int32"), 10).toFloat());
const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: 50, activation: "sigmoid", inputShape: [784] }),
    tf.layers.dense({ units: 10, activation: "sigmoid" }),
  ],
});
model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
await model.fit(x, y, { epochs: 1, batchSize: 100, verbose: 0 });
let start = performance.now();
await model.fit(x, y, { epochs: 1, batchSize: 100, verbose: 0 });
const epoch = (performance.now() - start) / 1000;
start = performance.now();
tf.dispose(model.evaluate(x, y, { batchSize: 100, verbose: 0 }));
const evaluation = (performance.now() - start) / 1000;
console.log(JSON.stringify({ epoch, evaluation }));
