// What it costs to be watched: the chapter's training with a live page that has one reader, and without.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startLivePage } from "../../dist/live/watching/live-page.js";
import { sharedImages } from "../../dist/live/watching/shared-images.js";
import { watchTraining } from "../../dist/live/watching/watch-training.js";
import { median } from "./measure.mjs";
import { chapterTraining, imageLike } from "./training.mjs";

const READER = fileURLToPath(new URL("live-reader.mjs", import.meta.url));

/**
 * Median seconds of the chapter's training, watched and unwatched: whole `fit`s that take turns. The page and its reader are there all the
 * time, as a browser is that stays open, and hear of every other training.
 *
 * @param {import("mnist-native").Backend} backend
 * @param {import("mnist-native").Dataset} dataset
 * @returns {Promise<{ without: number, with: number, ratio: number, samples: number }>} `ratio`: the median of those of each round;
 *   `samples`: how many the reader has had of a training, on average.
 */
export async function benchmarkLive(backend, dataset, { rounds, epochs }) {
  const validation = imageLike(5000);
  const train = chapterTraining(backend, dataset, { epochs, validation });
  const page = await startLivePage({
    host: null,
    port: 0,
    name: "Benchmark",
    folder: null,
    settings: {},
    dataset: null,
    images: sharedImages(validation),
  });
  const reader = fork(READER, [page.address], { execArgv: [] });
  try {
    await once(reader, "message");
    const watched = [watchTraining(page.channel).callback];
    const times = { without: [], with: [] };
    for (let round = 0; round <= rounds; round++) {
      // Each is first in every other round, and the first round does not count: V8 compiles there.
      const order = round % 2 === 0 ? ["without", "with"] : ["with", "without"];
      for (const which of order) {
        const seconds = await train(which === "with" ? watched : []);
        if (round > 0) times[which].push(seconds);
      }
    }
    reader.send("how many?");
    const [counts] = await once(reader, "message");
    return {
      without: median(times.without),
      with: median(times.with),
      ratio: median(times.with.map((seconds, i) => seconds / times.without[i])),
      samples: Math.round((counts.sample ?? 0) / (rounds + 1)),
    };
  } finally {
    reader.kill();
    await page.close();
  }
}
