// Epochs of training.
import { createDataset, fit, listInk, MultilayerPerceptron } from "mnist-native";
import { createEvaluator } from "../../dist/training/evaluate.js";
import { median } from "./measure.mjs";

const CHAPTER = [784, 50, 10];
/** The chapter's training set; 5,000 more images are validated on. */
export const CHAPTER_IMAGES = 55_000;
/** Of what the chapter evaluates after an epoch, images for each that it trained on. */
export const EVALUATED_PER_TRAINED = 60 / 55;

/**
 * A `fit` of the chapter's network, with a validation set, to be taken again and again.
 *
 * @param {import("mnist-native").Backend} backend
 * @param {import("mnist-native").Dataset} dataset
 * @returns {(callbacks: readonly import("mnist-native").Callback[]) => Promise<number>} Seconds that it took.
 */
export function chapterTraining(backend, dataset, { epochs, validation = imageLike(5000) }) {
  return async (callbacks) => {
    const start = performance.now();
    await fit(new MultilayerPerceptron({ layers: CHAPTER, backend }), dataset, {
      epochs,
      validation,
      callbacks,
    });
    return (performance.now() - start) / 1000;
  };
}

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

/** Floating-point operations of the chapter's run, were no pixel left out: what the dense limit is reckoned from. */
export function flopOfRun(epochs) {
  const perImage = flopPerImage(CHAPTER, true) + flopPerImage(CHAPTER, false) * EVALUATED_PER_TRAINED;
  return epochs * CHAPTER_IMAGES * perImage;
}

/**
 * Seconds of every epoch of a `fit`: of training, and of the evaluation that the epoch ends with.
 *
 * @param {import("mnist-native").MultilayerPerceptron} network
 * @param {import("mnist-native").Dataset} dataset
 * @param {import("mnist-native").FitOptions} options
 * @returns {Promise<{ epoch: number, evaluation: number }[]>}
 */
export async function epochTimes(network, dataset, options) {
  const times = [];
  let began = 0;
  // A hook after each step would tell the two apart, and slow the steps down: their gradients would be kept for it. So the evaluation is
  // made once more, as `fit` made it, and taken off.
  const evaluateAgain = createEvaluator(
    network,
    dataset,
    undefined,
    listInk(dataset, { backend: network.backend }),
  );
  const watch = {
    onEpochBegin: () => {
      began = performance.now();
    },
    onEpochEnd: async () => {
      const evaluated = performance.now();
      await evaluateAgain();
      const evaluation = (performance.now() - evaluated) / 1000;
      times.push({ epoch: (evaluated - began) / 1000 - evaluation, evaluation });
    },
  };
  await fit(network, dataset, { ...options, callbacks: [watch] });
  return times;
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
  const times = cases.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, { backend, dtype, dataset, layers = CHAPTER, batchSize = 100 }] of cases.entries()) {
      const network = new MultilayerPerceptron({ layers, dtype, backend });
      const all = await epochTimes(network, dataset, { epochs: warmUp + epochs, batchSize });
      times[i].push(...all.slice(warmUp));
    }
  }
  const medianOf = (i, what) => median(times[i].map((time) => time[what]));
  return Object.fromEntries(
    cases.map(({ name }, i) => [
      name,
      { epoch: medianOf(i, "epoch"), evaluation: medianOf(i, "evaluation") },
    ]),
  );
}
