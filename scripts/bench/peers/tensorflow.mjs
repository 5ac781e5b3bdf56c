// Seconds of an epoch of the chapter's network in TensorFlow.js on WebAssembly, measured as in chapter.py:
//   node tensorflow.mjs '{"images": 55000, "warmUp": 3, "epochs": 5, "evaluationBatch": 1000}'
// Its packages are installed by `npm install` in this folder.
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs";
import { median } from "../measure.mjs";

const { images, warmUp, epochs, evaluationBatch } = JSON.parse(process.argv[2]);
await tf.setBackend("wasm");
const x = tf.tidy(() => tf.randomUniform([images, 784], -1, 1));
const labels = Int32Array.from({ length: images }, (_, i) => i % 10);
const y = tf.tidy(() => tf.oneHot(tf.tensor1d(labels, "int32"), 10).toFloat());
const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: 50, activation: "sigmoid", inputShape: [784] }),
    tf.layers.dense({ units: 10, activation: "sigmoid" }),
  ],
});
model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });

const times = { epoch: [], evaluation: [] };
for (let epoch = 1; epoch <= warmUp + epochs; epoch++) {
  const start = performance.now();
  await model.fit(x, y, { epochs: 1, batchSize: 100, verbose: 0 });
  const trained = performance.now();
  const loss = model.evaluate(x, y, { batchSize: evaluationBatch, verbose: 0 });
  await loss.data();
  const evaluated = performance.now();
  tf.dispose(loss);
  if (epoch <= warmUp) continue;
  times.epoch.push((trained - start) / 1000);
  times.evaluation.push((evaluated - trained) / 1000);
}
console.log(JSON.stringify({ epoch: median(times.epoch), evaluation: median(times.evaluation) }));
