// An estimator against `fit` of the network that it makes.
import { Adam, dense, MLPClassifier, MultilayerPerceptron } from "mnist-native";
import { median } from "./measure.mjs";
import { epochTimes } from "./training.mjs";

const HIDDEN = 50;
const BATCH_SIZE = 100;
const ALPHA = 1e-4;
const LEARNING_RATE = 1e-3;

/**
 * Median seconds of an epoch of training by `MLPClassifier` and by `fit`: the same network, loss and optimizer on the same images in
 * float32. They take turns in `rounds`, and the first epochs of each do not count. An estimator evaluates nothing after an epoch, and
 * what `fit` evaluates is taken off.
 *
 * @param {import("mnist-native").Backend} backend
 * @param {import("mnist-native").Dataset} dataset
 * @returns {Promise<{ fit: number, estimator: number }>}
 */
export async function benchmarkEstimator(backend, dataset, { rounds, epochs, warmUp = 3 }) {
  const times = { fit: [], estimator: [] };
  for (let round = 0; round < rounds; round++) {
    times.fit.push(...(await epochsOfFit(backend, dataset, warmUp + epochs)).slice(warmUp));
    times.estimator.push(...(await epochsOfEstimator(backend, dataset, warmUp + epochs)).slice(warmUp));
  }
  return { fit: median(times.fit), estimator: median(times.estimator) };
}

async function epochsOfFit(backend, dataset, epochs) {
  const network = new MultilayerPerceptron({
    layers: [dataset.features.width, dense(HIDDEN, "sigmoid"), dense(10, "softmax")],
    loss: { type: "crossEntropy" },
    alpha: ALPHA,
    backend,
  });
  const times = await epochTimes(network, dataset, {
    epochs,
    batchSize: BATCH_SIZE,
    optimizer: new Adam(),
    learningRate: LEARNING_RATE,
  });
  return times.map(({ epoch }) => epoch);
}

async function epochsOfEstimator(backend, dataset, epochs) {
  const estimator = new MLPClassifier({
    hiddenLayerSizes: HIDDEN,
    activation: "logistic",
    batchSize: BATCH_SIZE,
    alpha: ALPHA,
    learningRateInit: LEARNING_RATE,
    maxIter: epochs + 1, // It is stopped before, so that it does not warn.
    nIterNoChange: Number.POSITIVE_INFINITY,
    randomState: 1,
    dtype: "float32",
    backend,
  });
  const times = [];
  let began = Number.NaN;
  await estimator.fit(dataset.features, dataset.targets.labels, {
    onEpochEnd: ({ epoch, stop }) => {
      const now = performance.now();
      times.push((now - began) / 1000); // NaN for the first, which is of the warm-up.
      began = now;
      if (epoch === epochs) stop();
    },
  });
  return times;
}
