// How the time of training grows: with the width of the layers and the minibatch, and with the images.
import { createDataset } from "mnist-native";
import { benchmarkEpochs, flopPerImage, imageLike } from "./training.mjs";

const WIDTHS = [50, 128, 512, 1024];
export const SWEEP_IMAGES = 5000;
export const BATCH_SIZES = [1, 10, 100, 1000, SWEEP_IMAGES];
/** With minibatches of one image each takes its own time, and the longest: fewer tell it as well. */
const IMAGES_ONE_BY_ONE = 1000;

/**
 * Training with one to three hidden layers, all of the same width, in minibatches from one image to all.
 *
 * @param {import("mnist-native").Backend} backend
 * @returns {Promise<{ hidden: number[], cells: { batchSize: number, nanosecondsPerImage: number, gflops: number }[] }[]>}
 */
export async function benchmarkWidths(backend) {
  const all = imageLike(SWEEP_IMAGES);
  const few = firstImages(all, IMAGES_ONE_BY_ONE);
  const rows = [];
  for (const depth of [1, 2, 3]) {
    for (const width of WIDTHS) {
      const hidden = Array(depth).fill(width);
      const layers = [784, ...hidden, 10];
      const cells = [];
      for (const batchSize of BATCH_SIZES) {
        const dataset = batchSize === 1 ? few : all;
        const { it } = await benchmarkEpochs(
          [{ name: "it", backend, dtype: "float32", dataset, layers, batchSize }],
          { rounds: 1, warmUp: 1, epochs: 3 },
        );
        const seconds = it.epoch / dataset.rows.length;
        cells.push({
          batchSize,
          nanosecondsPerImage: seconds * 1e9,
          gflops: flopPerImage(layers, true) / seconds / 1e9,
        });
      }
      rows.push({ hidden, cells });
    }
  }
  return rows;
}

/**
 * The chapter's network on ever more images: the time for one stays the same where cost is linear.
 *
 * @param {import("mnist-native").Backend} backend
 * @returns {Promise<{ images: number, dtype: string, training: number, evaluation: number }[]>} In nanoseconds per image.
 */
export async function benchmarkGrowth(backend, { counts, ...options }) {
  const all = imageLike(Math.max(...counts));
  const cases = ["float32", "float64"].flatMap((dtype) =>
    counts.map((images) => ({
      name: `${dtype}, ${images}`,
      images,
      backend,
      dtype,
      dataset: firstImages(all, images),
    })),
  );
  const times = await benchmarkEpochs(cases, options);
  return cases.map(({ name, images, dtype }) => ({
    images,
    dtype,
    training: (times[name].epoch * 1e9) / images,
    evaluation: (times[name].evaluation * 1e9) / images,
  }));
}

/** As a data set of its own: of few rows of many images `fit` would not list the ink. */
function firstImages({ features, targets }, count) {
  const { data, width, imageShape } = features;
  return createDataset({
    images: data.subarray(0, count * width),
    labels: targets.labels.subarray(0, count),
    imageShape,
    classes: targets.classes,
  });
}
