// What checkpoints cost: a training with and without them, and the making of one.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Adam, checkpointing, fit, MultilayerPerceptron, SGD } from "mnist-native";
import { median } from "./measure.mjs";
import { chapterTraining, imageLike } from "./training.mjs";

const CHAPTER = [784, 50, 10];

/**
 * Median seconds of the chapter's training with checkpoints at their defaults and without: whole `fit`s that take turns. The files go
 * to the folder for temporary files.
 *
 * @param {import("mnist-native").Backend} backend
 * @param {import("mnist-native").Dataset} dataset
 * @returns {Promise<{ without: number, with: number, files: number }>} `files`: how many were written in a training, the median.
 */
export async function benchmarkCheckpointing(backend, dataset, { rounds, epochs }) {
  const train = chapterTraining(backend, dataset, { epochs });
  const folder = mkdtempSync(join(tmpdir(), "mnist-native-checkpoints-"));
  const times = { without: [], with: [] };
  const files = [];
  try {
    for (let round = 0; round <= rounds; round++) {
      const checkpoints = checkpointing({ folder: join(folder, String(round)) });
      let written = 0;
      const counting = {
        ...checkpoints,
        onCheckpoint: (context) => {
          const writing = checkpoints.onCheckpoint(context);
          if (writing !== undefined) written += 1;
          return writing;
        },
      };
      // Each is first in every other round, and the first round does not count: V8 compiles the loop there.
      const order = round % 2 === 0 ? ["without", "with"] : ["with", "without"];
      for (const which of order) {
        const seconds = await train(which === "with" ? [counting] : []);
        if (round > 0) times[which].push(seconds);
      }
      if (round > 0) files.push(written);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { without: median(times.without), with: median(times.with), files: median(files) };
}

/**
 * Milliseconds that making the bytes of a checkpoint takes, and how many these are: of the chapter's network, and of a large one with
 * Adam's moments beside its weights.
 *
 * @param {import("mnist-native").Backend} backend
 * @returns {Promise<{ name: string, milliseconds: number, bytes: number }[]>}
 */
export async function benchmarkEncoding(backend, { repeats }) {
  const relu = (units) => ({ type: "dense", units, activation: "relu" });
  const large = [784, relu(1024), relu(1024), { type: "dense", units: 10, activation: "sigmoid" }];
  const dataset = imageLike(1000);
  const cases = [
    { name: "784-50-10, SGD, after 50 epochs", layers: CHAPTER, optimizer: new SGD(), epochs: 50 },
    { name: "784-1024-1024-10, Adam", layers: large, optimizer: new Adam(), epochs: 1 },
  ];
  const results = [];
  for (const { name, layers, optimizer, epochs } of cases) {
    const times = [];
    let bytes = 0;
    const measuring = {
      name: "measuring",
      onCheckpoint(context) {
        if (context.at !== "epoch" || context.epoch !== epochs) return;
        for (let i = 0; i < repeats; i++) {
          const start = performance.now();
          bytes = context.encodeCheckpoint().length;
          times.push(performance.now() - start);
        }
      },
    };
    const network = new MultilayerPerceptron({ layers, backend });
    await fit(network, dataset, { epochs, optimizer, learningRate: 0.001, callbacks: [measuring] });
    results.push({ name, milliseconds: median(times), bytes });
  }
  return results;
}
