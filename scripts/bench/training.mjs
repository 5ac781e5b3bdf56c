// Epochs of training and whole runs.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createDataset, fit, MultilayerPerceptron } from "mnist-native";
import { createEvaluator } from "../../dist/training/evaluate.js";
import { median } from "./measure.mjs";

const CHAPTER = [784, 50, 10];

/** Images of MNIST's size and sparsity: four fifths of the pixels are background. */
export function imageLike(count) {
  const images = new Uint8Array(count * 784).map(() => (Math.random() < 0.81 ? 0 : Math.random() * 256));
  const labels = new Uint8Array(count).map((_, i) => i % 10);
  return createDataset({ images, labels, imageShape: [28, 28], classes: 10 });
}

/** Floating-point operations of one pass: 2 for each weight forward; 6, or 4 in the first layer, forward and backward. */
export function flopPerImage(layers, training) {
  let flop = 0;
  for (let l = 1; l < layers.length; l++) {
    flop += layers[l - 1] * layers[l] * (training ? (l === 1 ? 4 : 6) : 2);
  }
  return flop;
}

/**
 * Median seconds of an epoch of training alone and of an evaluation of the same images.
 *
 * A case is a network trained by one `fit`: the first `warmUp` epochs do not count, in which V8 compiles the loop (the
 * first takes twice as long as the fourth) and the memory is touched for the first time. The cases take turns in `rounds`.
 *
 * @param {readonly {
 *   name: string, backend: import("mnist-native").Backend, dtype: "float32" | "float64",
 *   dataset: import("mnist-native").Dataset, layers?: readonly number[], batchSize?: number,
 * }[]} cases
 * @returns {Promise<Record<string, {epoch: number, evaluation: number}>>}
 */
export async function benchmarkEpochs(cases, { rounds, warmUp, epochs }) {
  const times = cases.map(() => ({ epoch: [], evaluation: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const [i, { backend, dtype, dataset, layers = CHAPTER, batchSize = 100 }] of cases.entries()) {
      const network = new MultilayerPerceptron({ layers, dtype, backend });
      const evaluate = createEvaluator(network, dataset);
      // An epoch of `fit` ends with an evaluation, and another one tells how long that took.
      const onEpochEnd = async ({ epoch, seconds }) => {
        const start = performance.now();
        await evaluate();
        const evaluation = (performance.now() - start) / 1000;
        if (epoch <= warmUp) return;
        times[i].evaluation.push(evaluation);
        times[i].epoch.push(seconds - evaluation);
      };
      await fit(network, dataset, { epochs: warmUp + epochs, batchSize, onEpochEnd });
    }
  }
  return Object.fromEntries(
    cases.map(({ name }, i) => [
      name,
      { epoch: median(times[i].epoch), evaluation: median(times[i].evaluation) },
    ]),
  );
}

const CLI = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Seconds from the start of the process to its end, and what `train` reported. */
export function wholeRun(dataDir, args) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [CLI, "train", "--data-dir", dataDir, "--json", ...args],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`The training run failed: ${stderr}`);
  return { seconds: (performance.now() - start) / 1000, summary: JSON.parse(stdout).summary };
}
