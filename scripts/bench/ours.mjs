// What the rivals measure, by this package, in a process of its own, and what else wants one:
//   node ours.mjs TRIAL SETTINGS
// for example: node ours.mjs gemm '{"trials": 15}'
import { createHash, randomFillSync } from "node:crypto";
import { createDataset, fit, loadMnist, MultilayerPerceptron, selectBackend, toArray } from "mnist-native";
import { loadAddon, measurePeak } from "../../dist/backend/addon.js";
import { listInk } from "../../dist/data/ink.js";
import { ALL_SHAPES, benchmarkGemm } from "./gemm.mjs";
import { benchmarkPrediction } from "./prediction.mjs";
import { trainRecipe } from "./train-recipe.mjs";
import { benchmarkEpochs, imageLike } from "./training.mjs";

const TRIALS = { gemm, epochs, recipe: trainRecipe, limit, weights, ink, prediction };

const [what, settings] = process.argv.slice(2);
console.log(JSON.stringify(await TRIALS[what](JSON.parse(settings))));

/** GFLOP/s of every product. */
function gemm({ trials }) {
  const native = selectBackend({ backend: "native" });
  return byType((type) =>
    Object.fromEntries(
      benchmarkGemm({ native }, type, ALL_SHAPES, { trials, trialSeconds: 0.01 }).map(({ shape, gflops }) => [
        shape,
        gflops.native,
      ]),
    ),
  );
}

/** Seconds of training and of evaluation: on MNIST, or on as many images of its kind. */
async function epochs({ backend: name, dtype, threads, mnist, images, layers, batchSize, warmUp, epochs }) {
  const dataset = mnist === undefined ? imageLike(images) : (await loadMnist({ directory: mnist })).train;
  const backend = selectBackend({ backend: name, threads });
  const { it } = await benchmarkEpochs([{ name: "it", backend, dtype, dataset, layers, batchSize }], {
    rounds: 1,
    warmUp,
    epochs,
  });
  return it;
}

/** GFLOP/s in registers, on all threads. */
function limit() {
  const { addon } = loadAddon();
  return byType((type) => measurePeak(addon, type, addon.defaultThreads) / 1e9);
}

/** A fingerprint of all weights after so many epochs on MNIST. */
async function weights({ mnist, dtype, threads, epochs }) {
  const { train } = await loadMnist({ directory: mnist });
  const network = new MultilayerPerceptron({ dtype, backend: selectBackend({ backend: "native", threads }) });
  await fit(network, train, { epochs });
  const hash = createHash("sha256");
  for (const { value } of network.parameters) hash.update(toArray(value));
  return hash.digest("hex");
}

/** Whether images are listed: those of a folder, or as many as MNIST has without any background. */
async function ink({ directory }) {
  const dataset =
    directory === undefined
      ? createDataset({
          images: randomFillSync(new Uint8Array(70_000 * 784)),
          labels: new Uint8Array(70_000),
          imageShape: [28, 28],
          classes: 10,
        })
      : (await loadMnist({ directory })).train;
  const lists = listInk(dataset, { backend: selectBackend({ backend: "native" }) });
  return { listed: lists !== null };
}

/** Microseconds for one image, as bytes. */
function prediction({ calls }) {
  const [{ p50, p99 }] = benchmarkPrediction(selectBackend({ backend: "native" }), { calls });
  return { p50, p99 };
}

function byType(of) {
  return { float32: of("float32"), float64: of("float64") };
}
